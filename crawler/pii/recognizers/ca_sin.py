"""Canada, social insurance number: nine digits, the first not 0 or 8, Luhn. Too weak to be believed alone."""

from crawler.pii.checks import digits_of, luhn, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "CA_SIN"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[0-9]{{3}}([ -]?)[0-9]{{3}}\1[0-9]{{3}}{NUMBER_RIGHT}", 0.45),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    'SIN, sin:, sin=, sin", sin #, sin no, s.i.n., sin number, social insurance, social insurance number, social '
    "insurance no, NAS, nas:, nas #, n.a.s., assurance sociale, numéro d'assurance sociale, numéro d’assurance "
    "sociale"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return digits[0] not in "08" and not one_repeated(digits) and luhn(digits)
