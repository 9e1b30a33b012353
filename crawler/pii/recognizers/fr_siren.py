"""France, company number (SIREN): nine digits, Luhn. INSEE; too weak to be believed alone."""

from crawler.pii.checks import digits_of, luhn, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "FR_SIREN"
KIND = "business_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[0-9]{{3}}([ .]?)[0-9]{{3}}\1[0-9]{{3}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "siren, n° siren, no siren, numéro siren, siren number, rcs, r.c.s., r.c.s, registre du commerce, immatriculée, "
    "french company number"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return not one_repeated(digits) and luhn(digits)
