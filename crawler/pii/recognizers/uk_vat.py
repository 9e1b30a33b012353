"""United Kingdom, VAT number: GB and nine digits, the last two modulo 97 or 97 and 55. HMRC VAT reference manual."""

from crawler.pii.checks import digits_of, one_repeated, weighted
from crawler.pii.shapes import LEFT, NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "UK_VAT"
KIND = "business_id"

_NUMBER = r"[0-9]{3}[ ]?[0-9]{4}[ ]?[0-9]{2}"
PATTERNS = (
    ("with GB", rf"{LEFT}GB[ ]?{_NUMBER}(?:[ ]?[0-9]{{3}})?{NUMBER_RIGHT}", 0.7),
    ("near its name", rf"{NUMBER_LEFT}{_NUMBER}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "vat, v.a.t., vat reg, vat registration, value added tax"
NOT_AFTER = NAMES_A_THING
LENGTHS = (9, 11)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    rest = weighted(digits, (8, 7, 6, 5, 4, 3, 2, 10, 1)) % 97
    return not one_repeated(digits) and rest in ((0, 42, 55) if digits[0] != "0" else (0,))
