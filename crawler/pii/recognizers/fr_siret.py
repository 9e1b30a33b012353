"""France, establishment number (SIRET): a SIREN and five digits, Luhn twice; La Poste: a sum that 5 divides. INSEE."""

from crawler.pii.checks import digits_of, luhn, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "FR_SIRET"
KIND = "business_id"

PATTERNS = (
    ("near its name", rf"{NUMBER_LEFT}[0-9]{{3}}([ .]?)[0-9]{{3}}\1[0-9]{{3}}[ .]?[0-9]{{5}}{NUMBER_RIGHT}", 0.5),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "siret, n° siret, no siret, numéro siret, siret number, établissement, rcs, r.c.s., french establishment number"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (14,)
_POST = "356000000"


def check(match: str) -> bool | None:
    digits = digits_of(match)
    if digits.startswith(_POST) and sum(map(int, digits)) % 5 == 0:
        return True
    return not one_repeated(digits) and luhn(digits[:9]) and luhn(digits)
