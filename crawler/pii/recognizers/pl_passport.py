"""Poland, passport: two letters and seven digits, the first digit checks; weights 7, 3, 9, 1. MSWiA."""

from crawler.pii.checks import letters_and_digits_of
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "PL_PASSPORT"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}(?:[A-Z]{{2}}|[a-z]{{2}})[ ]?[0-9]{{7}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "paszport, paszportu, paszportem, nr paszportu, numer paszportu, polish passport, passport"
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    plain = letters_and_digits_of(match)
    weights = (7, 3, 9, 1, 7, 3, 1, 7, 3)
    return sum(int(char, 36) * weight for char, weight in zip(plain, weights, strict=True)) % 10 == 0
