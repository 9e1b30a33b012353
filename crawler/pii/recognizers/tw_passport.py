"""Taiwan, passport: nine digits. No check digit in the number itself."""

from crawler.pii.checks import one_repeated
from crawler.pii.shapes import NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "TW_PASSPORT"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[0-9]{{9}}{NUMBER_RIGHT}", 0.3),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "taiwan passport, taiwanese passport, roc passport, r.o.c. passport, 護照"
LENGTHS = (9,)


def check(match: str) -> bool | None:
    return False if one_repeated(match) else None
