"""Australia, Medicare card: eight digits, the first 2 to 6, a check digit modulo 10, issue, person. METeOR 270101."""

from crawler.pii.checks import digits_of, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "AU_MEDICARE"
KIND = "gov_id"

PATTERNS = (
    ("4-5-1", rf"{NUMBER_LEFT}[2-6][0-9]{{3}}([ -])[0-9]{{5}}\1[0-9](?:[ /-]?[0-9])?{NUMBER_RIGHT}", 0.5),
    ("near its name", rf"{NUMBER_LEFT}[2-6][0-9]{{9}}(?:[ /-]?[1-9])?{NUMBER_RIGHT}", 0.35),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "medicare, medicare number, medicare card, medicare no, irn"
NOT_AFTER = NAMES_A_THING
LENGTHS = (10, 11)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(digits[8])
