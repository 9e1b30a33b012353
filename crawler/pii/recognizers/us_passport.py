"""United States, passport: nine digits, since 2021 a letter and eight, passport cards C and eight. State Department."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "US_PASSPORT"
KIND = "gov_id"

PATTERNS = (
    ("nine digits", rf"{NUMBER_LEFT}[0-9]{{3}}([ ]?)[0-9]{{3}}\1[0-9]{{3}}{NUMBER_RIGHT}", 0.41),
    ("since 2021", rf"{NUMBER_LEFT}[A-Z][ ]?[0-9]{{8}}{NUMBER_RIGHT}", 0.5),
)
NEEDS_CONTEXT = ("nine digits", "since 2021")
CONTEXT = (
    "us passport, u.s. passport, usa passport, american passport, united states passport, passport, travel document"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    return False if one_repeated(digits_of(match)) else None
