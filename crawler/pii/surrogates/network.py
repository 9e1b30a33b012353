"""Addresses on the network that belong to documentation: e-mail, IP, MAC, and handles that nobody has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.pii.surrogates.words import FALLBACK, words

if TYPE_CHECKING:
    from crawler.pii.surrogates.draw import Draw

_DOMAINS = ("example.com", "example.org", "example.net")  # RFC 2606 section 3
_BLOCKS = ("192.0.2.", "198.51.100.", "203.0.113.")  # RFC 5737
_PREFIX = "2001:db8:"  # RFC 3849
_MAC = "00005e0053"  # RFC 7042 section 2.1.2
_SUFFIX = re.compile(r"(?:/[0-9]{1,3}|%[0-9A-Za-z]+)$")
_HANDLE = re.compile(r"[0-9A-Za-z_.-]+/?$")


def email(draw: Draw) -> str:
    """An address of nobody: the local part is drawn from names, whoever the text speaks of."""
    lists = words(FALLBACK)
    given, surname = draw.one_of(lists["given"]), draw.one_of(lists["surnames"])
    return f"{given}.{surname}{draw.digits(3)}@{draw.one_of(_DOMAINS)}".lower()


def ip(value: str, draw: Draw) -> str:
    """An address of the blocks for documentation, of the same version, with the same length of prefix."""
    suffix = _SUFFIX.search(value)
    end = suffix.group() if suffix else ""
    if ":" not in value:
        return f"{draw.one_of(_BLOCKS)}{1 + draw.below(254)}{end}"
    return _PREFIX + ":".join(draw.hex(4).lstrip("0") or "0" for _ in range(6)) + end


def mac(value: str, draw: Draw) -> str:
    """An address of the block for documentation, separated as the value is; None is never needed."""
    digits = iter(_MAC + draw.hex(2))
    changed = re.sub("[0-9A-Fa-f]", lambda _: next(digits, "0"), value)
    return changed.upper() if value.upper() == value else changed


def handle(value: str, draw: Draw) -> str | None:
    """The network's address and the sign before the name stay; the name is a number that nobody chose."""
    name = f"user_{draw.hex(10)}"
    found = _HANDLE.search(value)
    if not found:
        return None
    return value[: found.start()] + name if "/" in value or found.start() else name
