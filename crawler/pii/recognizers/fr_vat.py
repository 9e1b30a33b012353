"""France, VAT number: FR, a key of two digits and a SIREN. CGI annex; only keys of digits can be checked here."""

from crawler.pii.checks import digits_of, luhn
from crawler.pii.shapes import LEFT, NUMBER_RIGHT

ENTITY = "FR_VAT"
KIND = "business_id"
GATE = r"FR[ ]?[0-9]{2}[ ]?[0-9]{3}"

PATTERNS = (("with FR", rf"{LEFT}FR[ ]?[0-9]{{2}}[ ]?[0-9]{{3}}([ ]?)[0-9]{{3}}\1[0-9]{{3}}{NUMBER_RIGHT}", 0.7),)
CONTEXT = "tva, tva intracommunautaire, vat"
LENGTHS = (13,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    key, siren = int(digits[:2]), digits[2:]
    return luhn(siren) and key == (12 + 3 * (int(siren) % 97)) % 97
