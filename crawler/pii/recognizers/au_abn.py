"""Australia, business number (ABN): eleven digits, modulo 89 after one is taken from the first. ABR, ABN format."""

from crawler.pii.checks import digits_of, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "AU_ABN"
KIND = "business_id"

PATTERNS = (
    ("2-3-3-3", rf"{NUMBER_LEFT}[1-9][0-9] [0-9]{{3}} [0-9]{{3}} [0-9]{{3}}{NUMBER_RIGHT}", 0.6),
    ("near its name", rf"{NUMBER_LEFT}[1-9][0-9]{{10}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "abn, a.b.n., australian business number, abn number, abn no, business number"
NOT_AFTER = NAMES_A_THING
LENGTHS = (11,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return (weighted(digits, (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)) - 10) % 89 == 0
