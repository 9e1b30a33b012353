"""Belgium, enterprise number (KBO, BCE, VAT): ten digits from 0 or 1, the last two 97 minus the rest. KBO law 2003."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import LEFT, NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "BE_ENTERPRISE_NUMBER"
KIND = "business_id"

_NUMBER = r"[01][0-9]{3}([ .]?)[0-9]{3}\1[0-9]{3}"
PATTERNS = (
    ("with BE", rf"{LEFT}BE[ ]?{_NUMBER}{NUMBER_RIGHT}", 0.7),
    ("with points", rf"{NUMBER_LEFT}[01][0-9]{{3}}\.[0-9]{{3}}\.[0-9]{{3}}{NUMBER_RIGHT}", 0.6),
    ("near its name", rf"{NUMBER_LEFT}{_NUMBER}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "ondernemingsnummer, ondernemingsnr, kbo, kbo-nummer, kbo nummer, bce, numéro d'entreprise, numéro d’entreprise, "
    "numero d'entreprise, n° d'entreprise, n° entreprise, unternehmensnummer, btw, btw-nummer, tva, n° tva, vat, rpr, "
    "rpm, enterprise number, company number"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (10, 12)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return not one_repeated(digits[:8]) and (int(digits[:8]) + int(digits[8:])) % 97 == 0
