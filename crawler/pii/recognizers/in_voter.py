"""India, voter's photo identity card (EPIC): three letters, six digits, Luhn digit. Election Commission of India."""

from crawler.pii.checks import luhn
from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "IN_VOTER"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{LEFT}[A-Z]{{3}} ?[0-9]{{7}}{RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "voter, epic, elector, electoral, electors photo identity, मतदाता"
LENGTHS = (10,)


def check(match: str) -> bool | None:
    return luhn(match[-7:])
