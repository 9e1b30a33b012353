"""Canada, business number: nine digits, Luhn, often with a program account such as RT0001. CRA RC2."""

from crawler.pii.checks import digits_of, luhn, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "CA_BUSINESS_NUMBER"
KIND = "business_id"

_NINE = r"[1-9][0-9]{4}[ ]?[0-9]{4}"
PATTERNS = (
    ("with an account", rf"{NUMBER_LEFT}{_NINE}[ ]?R[CMPRTZ][ ]?[0-9]{{4}}{NUMBER_RIGHT}", 0.7),
    ("near its name", rf"{NUMBER_LEFT}(?:{_NINE}|[1-9][0-9]{{2}}[ ][0-9]{{3}}[ ][0-9]{{3}}){NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "business number, BN, bn:, gst, hst, gst/hst, tps, tvh, numéro d'entreprise, numéro d’entreprise, cra business, "
    "charity registration, charitable registration"
)
REACH = 40
NOT_AFTER = NAMES_A_THING
LENGTHS = (9, 15)


def check(match: str) -> bool | None:
    digits = digits_of(match)[:9]
    return not one_repeated(digits) and luhn(digits)
