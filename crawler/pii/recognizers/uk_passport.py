"""United Kingdom, passport: nine digits, before 1988 and in some tools two letters and seven. No check digit."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "UK_PASSPORT"
KIND = "gov_id"

PATTERNS = (
    ("digits", rf"{NUMBER_LEFT}[0-9]{{3}}([ ]?)[0-9]{{3}}\1[0-9]{{3}}{NUMBER_RIGHT}", 0.4),
    ("two letters", rf"{NUMBER_LEFT}[A-Z]{{2}}[ ]?[0-9]{{7}}{NUMBER_RIGHT}", 0.3),
)
NEEDS_CONTEXT = ("digits", "two letters")
CONTEXT = (
    "uk passport, u.k. passport, british passport, gb passport, hm passport, united kingdom passport, "
    "british citizen passport, passport"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    return False if one_repeated(digits_of(match)) else None
