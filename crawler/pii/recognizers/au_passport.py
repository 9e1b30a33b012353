"""Australia, passport: one or two letters and seven digits. DFAT; no check digit on the page."""

from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "AU_PASSPORT"
KIND = "gov_id"

PATTERNS = (
    ("one letter", rf"{NUMBER_LEFT}[A-Z][ ]?[0-9]{{7}}{NUMBER_RIGHT}", 0.4),
    ("two letters", rf"{NUMBER_LEFT}[PR][A-Z][ ]?[0-9]{{7}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("one letter", "two letters")
CONTEXT = "australian passport, passport"
NOT_AFTER = NAMES_A_THING
LENGTHS = (8, 9)


def check(match: str) -> bool | None:
    return None
