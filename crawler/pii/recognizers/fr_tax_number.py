"""France, tax number of a person (SPI): 13 digits, the last three are the first ten modulo 511. DGFiP."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "FR_TAX_NUMBER"
KIND = "gov_id"

PATTERNS = (
    ("13 digits", rf"{NUMBER_LEFT}[0-3][0-9]{{12}}{NUMBER_RIGHT}", 0.4),
    ("2-2-3-3-3", rf"{NUMBER_LEFT}[0-3][0-9][ ][0-9]{{2}}[ ][0-9]{{3}}[ ][0-9]{{3}}[ ][0-9]{{3}}{NUMBER_RIGHT}", 0.6),
)
NEEDS_CONTEXT = ("13 digits",)
CONTEXT = (
    "spi, numéro fiscal, numero fiscal, n° fiscal, no fiscal, nº fiscal, num fiscal, numéro d'identification fiscale, "
    "numéro d’identification fiscale, identifiant fiscal, référence fiscale, impôts, nif, tin, french tax number, "
    "tax number, tax identification, tax id, fiscal number"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (13,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return not one_repeated(digits) and int(digits[:10]) % 511 == int(digits[10:])
