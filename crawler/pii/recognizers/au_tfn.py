"""Australia, tax file number: nine digits, modulo 11. Too weak to be believed alone."""

from crawler.pii.checks import digits_of, one_repeated, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "AU_TFN"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[0-9]{{3}}([ -]?)[0-9]{{3}}\1[0-9]{{3}}{NUMBER_RIGHT}", 0.44),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "tfn, t.f.n., tfn number, tax file, tax file number, tax file no"
NOT_AFTER = NAMES_A_THING
LENGTHS = (8, 9)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return not one_repeated(digits) and weighted(digits, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0
