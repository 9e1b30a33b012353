"""Canada, passport: two letters and six digits, since 2023 a letter, six digits and two letters. IRCC."""

from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "CA_PASSPORT"
KIND = "gov_id"

PATTERNS = (
    ("two letters", rf"{NUMBER_LEFT}[A-Z]{{2}}[ ]?[0-9]{{6}}{NUMBER_RIGHT}", 0.4),
    ("since 2023", rf"{NUMBER_LEFT}[A-Z][0-9]{{6}}[A-Z]{{2}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("two letters", "since 2023")
CONTEXT = "canadian passport, passport, passeport canadien, passeport"
NOT_AFTER = NAMES_A_THING
LENGTHS = (8, 9)


def check(match: str) -> bool | None:
    return None
