"""Numbers in the shape of an identifier that are no identifier of anybody: their check digit is wrong.

Each draw is shown to every recognizer. One that a recognizer would believe is thrown away, so a surrogate is neither a
number of the same kind nor, by chance, one of another kind. A kind without a check has no wrong numbers: there is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.pii import matching, recognizers
from crawler.pii.shapes import normal

if TYPE_CHECKING:
    from crawler.pii.recognizers import Recognizer
    from crawler.pii.surrogates.draw import Draw

_TRIES = 400  # the rarest fault of a kind with a check is one in a hundred
_DIGIT = re.compile("[0-9０-９]")
_CAPITALS, _SMALL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"


def wrong(entity: str, value: str, draw: Draw) -> str | None:
    """A number of the same shape that no recognizer believes; None for a kind without a check, or another shape."""
    mine = [one for one in recognizers.load() if one.entity == entity]
    others = [one for one in recognizers.load() if one.entity != entity]
    if not _DIGIT.search(value) or not any(_has(one, normal(value)) for one in mine):
        return None
    for _ in range(_TRIES):
        candidate = _iban(value, draw) if entity == "IBAN_CODE" else same_shape(value, draw, kept=_kept(entity))
        plain = normal(candidate)
        if not any(_has(one, plain) for one in mine) and not any(
            True for one in others for _ in matching.finds(one, plain)
        ):
            return candidate
    return None


def same_shape(value: str, draw: Draw, *, kept: int = 0) -> str:
    """Digits for digits, letters for letters, in the same width and case; the first characters may be kept."""
    return value[:kept] + "".join(_alike(char, draw) for char in value[kept:])


def _alike(char: str, draw: Draw) -> str:
    if "0" <= char <= "9":
        return draw.digits(1)
    if "０" <= char <= "９":
        return chr(ord("０") + draw.below(10))
    if char in _CAPITALS:
        return draw.one_of(_CAPITALS)
    return draw.one_of(_SMALL) if char in _SMALL else char


def _kept(entity: str) -> int:
    """A card's first digit says no more than its network."""
    return 1 if entity == "CREDIT_CARD" else 0


def _iban(value: str, draw: Draw) -> str:
    """The country stays; 00 is never a check number (ISO 13616: 02 to 98)."""
    return f"{value[:2]}00{same_shape(value[4:], draw)}"


def _has(one: Recognizer, plain: str) -> bool:
    """Whether some pattern matches somewhere and the check does not refuse, as it would beside a context word."""
    matches = (found.group() for pattern in one.patterns for found in pattern.regex.finditer(plain))
    return any(one.check(match) is not False for match in matches)
