"""Paths and path patterns in the one form in which robots.txt and tdmrep.json compare them. States no facts.

Specification: RFC 9309 2.2.2 (normal form) and 2.2.3 (`*`, `$`), read 2026-11-22. In normal form a path is ASCII
without blanks; `*` and `$` of an address are %2A and %24, so that in a pattern they can only be special characters.
"""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=64)
def target_of(url: str) -> str:
    """Path and query of an address in normal form, as `ask` wants it; "/" when it has no path."""
    octets = path_of(url).encode("utf-8", "surrogatepass").decode("latin-1")
    return _normal(octets).replace("*", "%2A").replace("$", "%24")


def path_of(url: str) -> str:
    """Path and query of an address as written; "/" when it has no path."""
    start = url.find("://")
    rest = url[start + 3 :] if start >= 0 else url
    cut = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    path = rest[cut:].partition("#")[0]
    return path if path.startswith("/") else "/" + path


class Pattern:
    """A path pattern in normal form, matched in linear time: its parts are looked for one after the other."""

    __slots__ = ("_anchored", "_parts", "longest", "prefix")

    def __init__(self, pattern: str) -> None:
        self._anchored = pattern.endswith("$")
        self.prefix, *self._parts = pattern.removesuffix("$").split("*")
        self.longest = max(self._parts, key=len, default="")  # of the texts behind a `*`

    @classmethod
    def written(cls, text: str) -> Pattern:
        """From a pattern as an author wrote it, for other files that borrow those of robots.txt."""
        return cls(normal_pattern(text.encode("utf-8", "surrogatepass")))

    def matches(self, target: str) -> bool:
        if not target.startswith(self.prefix):
            return False
        if not self._parts:
            return not self._anchored or len(target) == len(self.prefix)
        at = len(self.prefix)
        *middle, last = self._parts
        for part in middle if self._anchored else self._parts:
            found = target.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return not self._anchored or (len(target) - len(last) >= at and target.endswith(last))


_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_NORMAL = re.compile(r"[A-Za-z0-9/._*?=&+:;,~-]*")
_TO_NORMALIZE = re.compile(r"%[0-9A-Fa-f]{2}|[^!-~]|[\"<>\\^`{|}]")


def _normal(octets: str) -> str:
    """Octets, one character each, in the form both sides are compared in (RFC 9309 2.2.2).

    Octets that no URI may hold as they are become escapes, escapes of unreserved characters are undone, those of
    reserved ones stay, in upper case.
    """
    return _TO_NORMALIZE.sub(_normalize, octets)


def _normalize(match: re.Match[str]) -> str:
    found = match[0]
    if len(found) == 1:
        return f"%{ord(found):02X}"
    character = chr(int(found[1:], 16))
    return character if character in _UNRESERVED else found.upper()


def normal_pattern(value: bytes) -> str:
    """A pattern in normal form: `*` any run, `$` only as the last character, a literal one escaped."""
    text = value.decode("latin-1")
    if _NORMAL.fullmatch(text):  # most patterns are
        return text
    body, end = (text[:-1], "$") if text.endswith("$") else (text, "")
    return _normal(body).replace("$", "%24") + end
