"""Italy, passport: two letters and seven digits. D.M. 303/13 of 23 June 2009; no check digit on the page."""

from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "IT_PASSPORT"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}(?:[A-Z]{{2}}|[a-z]{{2}})[ ]?[0-9]{{7}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "passaporto, passaporti, italian passport, passport"
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    return None
