"""Japan, driver's license: 12 digits, of which the first two name a prefecture's commission (10 to 97)."""

from crawler.pii.checks import one_repeated
from crawler.pii.shapes import NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "JP_DRIVER_LICENSE"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[1-9][0-9][0-9]{{10}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "driver's license, driver license, driving licence, driver's licence, driver’s license, driving license, "
    "免許証, 運転免許, 免許の番号, 免許番号"
)


def check(match: str) -> bool | None:
    return False if one_repeated(match) else None
