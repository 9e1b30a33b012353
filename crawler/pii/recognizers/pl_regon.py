"""Poland, statistical number (REGON): nine or fourteen digits, the last modulo 11. Regulation of 30 November 2015."""

from crawler.pii.checks import digits_of, one_repeated, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "PL_REGON"
KIND = "business_id"

PATTERNS = (
    ("near its name", rf"{NUMBER_LEFT}[0-9]{{3}}([ -]?)[0-9]{{3}}\1[0-9]{{3}}(?:[ -]?[0-9]{{5}})?{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "regon, nr regon, numer regon, rejestr gospodarki narodowej, statistical number"
NOT_AFTER = NAMES_A_THING
LENGTHS = (9, 14)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    first = weighted(digits, (8, 9, 2, 3, 4, 5, 6, 7)) % 11 % 10 == int(digits[8])
    if len(digits) == 9:
        return first and not one_repeated(digits)
    return first and weighted(digits, (2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8)) % 11 % 10 == int(digits[13])
