"""Canada, health numbers: Ontario ten digits, Luhn; British Columbia ten from 9, modulo 11; Québec four letters first.

Ontario Ministry of Health, technical specification; BC Ministry of Health, personal health number; RAMQ.
"""

from crawler.pii.checks import digits_of, luhn, one_repeated, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "CA_HEALTH_CARD"
KIND = "gov_id"

_BORN = "(?:[05][1-9]|[16][0-2])(?:[ ]?)(?:0[1-9]|[12][0-9]|3[01])"
PATTERNS = (
    (
        "ten digits",
        rf"{NUMBER_LEFT}[1-9][0-9]{{3}}([ -]?)[0-9]{{3}}\1[0-9]{{3}}(?:[ -]?[A-Z]{{2}})?{NUMBER_RIGHT}",
        0.35,
    ),
    ("Québec", rf"{NUMBER_LEFT}[A-Z]{{4}}[ -]?[0-9]{{2}}{_BORN}[ -]?[0-9]{{2}}{NUMBER_RIGHT}", 0.5),
)
NEEDS_CONTEXT = ("ten digits", "Québec")
CONTEXT = (
    "health card, health number, health insurance number, ohip, phn, personal health number, msp, bc services card, "
    "carte d'assurance maladie, carte d’assurance maladie, assurance maladie, assurance-maladie, NAM, nam:, ramq, "
    "carte soleil, carte santé"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (10,)


def check(match: str) -> bool | None:
    if match[:4].isalpha():
        return None
    digits = digits_of(match)
    columbia = digits[0] == "9" and -weighted(digits[1:], (2, 4, 8, 5, 10, 9, 7, 3)) % 11 == int(digits[9])
    return not one_repeated(digits) and (columbia or luhn(digits))
