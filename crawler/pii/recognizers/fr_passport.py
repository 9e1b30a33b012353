"""France, passport: two digits, two letters, five digits. Arrêté of 22 November 2005; no check digit on the page."""

from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "FR_PASSPORT"
KIND = "gov_id"
GATE = r"[0-9]{2}[ ]?[A-Za-z]{2}[ ]?[0-9]{5}"

PATTERNS = (
    ("near its name", rf"{NUMBER_LEFT}[0-9]{{2}}([ ]?)(?:[A-Z]{{2}}|[a-z]{{2}})\1[0-9]{{5}}{NUMBER_RIGHT}", 0.5),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "passeport, passeport français, french passport, passport"
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    return None
