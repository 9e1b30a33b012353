"""Brazil, identity card (RG): seven to nine digits and a digit or X, each state in its own way; nothing to check."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "BR_RG"
KIND = "gov_id"

PATTERNS = (
    ("with points", rf"{NUMBER_LEFT}[0-9]{{1,2}}\.[0-9]{{3}}\.[0-9]{{3}}(?:-?[0-9Xx])?{NUMBER_RIGHT}", 0.5),
    ("plain", rf"{NUMBER_LEFT}[0-9]{{7,9}}-?[0-9Xx]?{NUMBER_RIGHT}", 0.4),
    ("with a state", rf"{NUMBER_LEFT}[A-Z]{{2}}-?[0-9]{{1,2}}\.?[0-9]{{3}}\.?[0-9]{{3}}{NUMBER_RIGHT}", 0.4),
    ("in groups", rf"{NUMBER_LEFT}[0-9]{{2}} [0-9]{{3}} [0-9]{{3}} [0-9Xx]{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("with points", "plain", "with a state", "in groups")
CONTEXT = (
    "rg, r.g., registro geral, carteira de identidade, cédula de identidade, cedula de identidade, documento de "
    "identidade, nº da identidade, brazilian identity card, brazilian id card, brazilian id, identity card"
)
REACH = 40
NOT_AFTER = NAMES_A_THING
LENGTHS = (8, 9)


def check(match: str) -> bool | None:
    return False if one_repeated(digits_of(match)) else None
