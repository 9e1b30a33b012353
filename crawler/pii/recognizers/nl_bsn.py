"""Netherlands, citizen service number (BSN): nine digits, eleven test. Regeling BSN. Too weak to be believed alone."""

from crawler.pii.checks import digits_of, one_repeated, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "NL_BSN"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[0-9]{{4}}[. ]?[0-9]{{2}}[. ]?[0-9]{{3}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "bsn, burgerservicenummer, sofinummer, sofi-nummer, citizen service number"
NOT_AFTER = NAMES_A_THING


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return not one_repeated(digits) and weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0
