"""Japan, residence card of foreign residents: two letters, eight digits, two letters. No check digit."""

from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "JP_RESIDENCE_CARD"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{LEFT}[A-Z]{{2}}[ -]?[0-9]{{8}}[ -]?[A-Z]{{2}}{RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "residence card, resident card, zairyu card, zairyu, 在留カード, 在留, 特別永住者証明書, 在留卡, "
    "재류카드, 재류 카드"
)
LENGTHS = (12,)


def check(match: str) -> bool | None:
    return None
