"""China, passport: E, G, D, S or P and eight digits, or the second a letter too. No check digit in the number."""

from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "CN_PASSPORT"
KIND = "gov_id"

PATTERNS = (
    ("ordinary", rf"{LEFT}(?:[EG] ?[0-9]{{8}}|E[A-HJ-NP-Z] ?[0-9]{{7}}){RIGHT}", 0.6),
    ("official", rf"{LEFT}(?:[DPS][A-HJ-NP-Z] ?[0-9]{{7}}|[DPS] ?[0-9]{{8}}){RIGHT}", 0.3),
)
NEEDS_CONTEXT = ("ordinary", "official")
CONTEXT = "passport, chinese passport, china passport, 护照, 護照, 中国旅券, 중국 여권"
LENGTHS = (9,)


def check(match: str) -> bool | None:
    return None
