"""Germany, tax identification number (IdNr): 11 digits, ISO 7064 MOD 11,10. AO 139b.

Of the first ten digits exactly one comes twice or three times, the others at most once.
"""

from collections import Counter

from crawler.pii.checks import digits_of, mod_11_10
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "DE_TAX_ID"
KIND = "gov_id"

PATTERNS = (
    ("bare", rf"{NUMBER_LEFT}[1-9][0-9]{{10}}{NUMBER_RIGHT}", 0.5),
    ("2-3-3-3", rf"{NUMBER_LEFT}[1-9][0-9]([ /])[0-9]{{3}}\1[0-9]{{3}}\1[0-9]{{3}}{NUMBER_RIGHT}", 0.6),
)
CONTEXT = (
    "steuer-id, steuerid, steuer id, steuer-identifikationsnummer, steueridentifikationsnummer, steuer-identnummer, "
    "steueridentnummer, steuer-idnr, steueridnr, steuer-id-nr, steuerliche identifikationsnummer, persönliche "
    "identifikationsnummer, identifikationsnummer, id-nr, idnr, id.-nr, idnr., tin, steuernummer, german tax id, tax "
    "id, tax identification number, tax identification no, tax identification, tax number"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (11,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    repeated = [count for count in Counter(digits[:10]).values() if count > 1]
    return len(repeated) == 1 and repeated[0] in (2, 3) and mod_11_10(digits)
