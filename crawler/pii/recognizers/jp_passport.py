"""Japan, passport: two letters and seven digits. There is no check digit in the number itself."""

from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "JP_PASSPORT"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{LEFT}[A-Z]{{2}}[0-9]{{7}}{RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "passport, パスポート, 旅券, 护照, 護照, 여권"


def check(match: str) -> bool | None:
    return None
