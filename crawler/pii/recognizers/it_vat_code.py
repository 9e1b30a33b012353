"""Italy, VAT number (partita IVA): eleven digits, Luhn, three of them a tax office. DPR 633/1972."""

from crawler.pii.checks import digits_of, luhn
from crawler.pii.shapes import LEFT, NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "IT_VAT_CODE"
KIND = "business_id"

PATTERNS = (
    ("with IT", rf"{LEFT}IT[ ]?[0-9]{{11}}{NUMBER_RIGHT}", 0.6),
    ("near its name", rf"{NUMBER_LEFT}[0-9]{{3}}([ ]?)[0-9]{{4}}\1[0-9]{{4}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "partita iva, partita i.v.a., partite iva, p.iva, p. iva, p.i., p. i., piva, p.i.v.a., iva, codice fiscale, c.f., "
    "registro imprese, italian vat, vat, vat number"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (11, 13)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    office = int(digits[7:10])
    known = 1 <= office <= 100 or office in (120, 121, 888, 999)
    return known and digits[:7] != "0000000" and luhn(digits)
