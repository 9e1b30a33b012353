"""Switzerland, enterprise number (UID, IDE, IDI): CHE, eight digits and one modulo 11. UIDG; UIDV annex 1."""

from crawler.pii.checks import digits_of, weighted
from crawler.pii.shapes import LEFT, NUMBER_RIGHT

ENTITY = "CH_UID"
KIND = "business_id"
STRONG = True
GATE = r"CHE[- ]?[0-9]{3}"

_SUFFIX = "(?: ?(?:MWST|TVA|IVA|HR|RC))?"
PATTERNS = (("with CHE", rf"{LEFT}CHE[- ]?[0-9]{{3}}([. ]?)[0-9]{{3}}\1[0-9]{{3}}{_SUFFIX}{NUMBER_RIGHT}", 0.8),)
CONTEXT = (
    "uid, uid-nummer, uid-nr, unternehmens-identifikationsnummer, ide, numéro ide, idi, mwst, mwst-nummer, mwst-nr, "
    "tva, iva, vat, vat number, handelsregister"
)
LENGTHS = (12,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return (weighted(digits, (5, 4, 3, 2, 7, 6, 5, 4)) + int(digits[8])) % 11 == 0
