"""Switzerland, AHV number: 756 and ten digits, the last as in EAN-13. AHVG art. 50c."""

from crawler.pii.checks import digits_of, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "CH_AHV"
KIND = "gov_id"
STRONG = True

PATTERNS = (("plain or with points", rf"{NUMBER_LEFT}756([. ]?)[0-9]{{4}}\1[0-9]{{4}}\1[0-9]{{2}}{NUMBER_RIGHT}", 0.7),)
CONTEXT = (
    "ahv, avs, ahv-nummer, ahv-nr, ahvnr, ahv nr, ahv-versichertennummer, versichertennummer, "
    "sozialversicherungsnummer, sozialversicherungs-nr, numéro avs, n° avs, no avs, numero avs, numéro d'assuré, "
    "numéro d’assuré, oasi, oasi number, swiss social security number, social security"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (13,)


def check(match: str) -> bool | None:
    return weighted(digits_of(match), (1, 3) * 6 + (1,)) % 10 == 0
