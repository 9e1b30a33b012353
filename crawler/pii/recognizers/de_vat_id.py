"""Germany, VAT identification number: DE and nine digits, ISO 7064 MOD 11,10. UStG 27a; BZSt."""

from crawler.pii.checks import digits_of, mod_11_10
from crawler.pii.shapes import LEFT, NUMBER_RIGHT

ENTITY = "DE_VAT_ID"
KIND = "business_id"
GATE = r"DE[ .-]?[0-9]{3}"

PATTERNS = (("plain or in threes", rf"{LEFT}DE[ ]?[1-9][0-9]{{2}}([ .]?)[0-9]{{3}}\1[0-9]{{3}}{NUMBER_RIGHT}", 0.7),)
CONTEXT = (
    "ust-idnr, ust-id, ustid, umsatzsteuer-identifikationsnummer, umsatzsteuer, umsatzsteuer-id, ust-id-nr, "
    "ust-id nr, vat id, vat number, vat"
)
LENGTHS = (11,)


def check(match: str) -> bool | None:
    return mod_11_10(digits_of(match))
