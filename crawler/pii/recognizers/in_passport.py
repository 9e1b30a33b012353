"""India, passport: a letter and seven digits, of which the first and the last are no zeros. No check digit."""

from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "IN_PASSPORT"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{LEFT}[A-PR-WY] ?[1-9][0-9] ?[0-9]{{4}}[1-9]{RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "passport, पासपोर्ट"
LENGTHS = (8,)


def check(match: str) -> bool | None:
    return None
