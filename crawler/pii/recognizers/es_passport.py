"""Spain, passport: three letters and six digits, earlier two letters. RD 896/2003; no check digit on the page."""

from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "ES_PASSPORT"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}(?:[A-Z]{{2,3}}|[a-z]{{2,3}})[ -]?[0-9]{{6}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "pasaporte, spanish passport, passport"
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    return None
