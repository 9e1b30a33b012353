"""China, passport: E or G and eight digits, or E, a letter and seven digits. No check digit in the number itself."""

from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "CN_PASSPORT"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{LEFT}(?:[EGDSP][0-9]{{8}}|E[A-HJ-NP-Z][0-9]{{7}}){RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "passport, 护照, 護照, 旅券, パスポート"


def check(match: str) -> bool | None:
    return None
