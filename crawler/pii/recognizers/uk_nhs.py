"""United Kingdom, NHS number: ten digits, the last modulo 11. NHS Data Dictionary. Too weak to be believed alone."""

from crawler.pii.checks import digits_of, one_repeated, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "UK_NHS"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[0-9]{{3}}[ -]?[0-9]{{3}}[ -]?[0-9]{{4}}{NUMBER_RIGHT}", 0.46),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "nhs, n.h.s., nhs number, nhs no, national health service, patient:, patient id, patient no, patient number, "
    "health service number, chi number"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (10,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    rest = 11 - weighted(digits, (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return not one_repeated(digits) and rest != 10 and rest % 11 == int(digits[9])
