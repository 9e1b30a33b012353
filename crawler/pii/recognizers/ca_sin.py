"""Canada, social insurance number: nine digits, Luhn. Too weak to be believed alone."""

from crawler.pii.checks import digits_of, luhn, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "CA_SIN"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[1-79][0-9]{{2}}([ -]?)[0-9]{{3}}\1[0-9]{{3}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "sin, social insurance, nas, assurance sociale"
NOT_AFTER = NAMES_A_THING


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return not one_repeated(digits) and luhn(digits)
