"""Brazil, passport: two letters and six digits. Decree 5.978/2006; no check digit on the page."""

from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "BR_PASSPORT"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[A-Z]{{2}}[ ]?[0-9]{{6}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "passaporte, número do passaporte, brazilian passport, passport"
NOT_AFTER = NAMES_A_THING
LENGTHS = (8,)


def check(match: str) -> bool | None:
    return None
