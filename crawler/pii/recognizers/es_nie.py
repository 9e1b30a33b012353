"""Spain, identity number of foreigners (NIE): X, Y or Z, seven digits, a letter. Orden INT/2058/2008."""

from crawler.pii.checks import digits_of
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "ES_NIE"
KIND = "gov_id"

PATTERNS = (("plain", rf"{NUMBER_LEFT}[XYZxyz][- ]?[0-9]{{7}}[- ]?[A-Za-z]{NUMBER_RIGHT}", 0.6),)
CONTEXT = (
    "nie, n.i.e., n.i.e, número de identidad de extranjero, numero de identidad de extranjero, número de "
    "identificación de extranjeros, identidad de extranjero, foreigner identity number, foreigner identification "
    "number, foreign national id"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    number = int(f"{'XYZ'.index(match[0].upper())}{digits_of(match)}")
    return match[-1].upper() == "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]
