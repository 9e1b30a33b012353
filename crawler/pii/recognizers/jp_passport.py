"""Japan, passport: two letters and seven digits. There is no check digit in the number itself."""

from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "JP_PASSPORT"
KIND = "gov_id"

PATTERNS = (
    ("of the series in use", rf"{LEFT}[MNT][A-Z] ?[0-9]{{7}}{RIGHT}", 0.6),
    ("of another series", rf"{LEFT}[A-LO-SU-Z][A-Z] ?[0-9]{{7}}{RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("of the series in use", "of another series")
CONTEXT = "passport, japanese passport, japan passport, パスポート, 旅券, 日本护照, 日本護照, 일본 여권"
LENGTHS = (9,)


def check(match: str) -> bool | None:
    return None
