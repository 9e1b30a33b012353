"""Korea, driver's license: region, year, serial, check digits (2-2-6-2). The rule of the last two is not public."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "KR_DRIVER_LICENSE"
KIND = "gov_id"

_REGIONS = "서울|부산|경기|강원|충북|충남|전북|전남|경북|경남|제주|대구|인천|광주|대전|울산"
PATTERNS = (
    ("2-2-6-2", rf"{NUMBER_LEFT}(?:1[1-9]|2[0-8])([ -]?)[0-9]{{2}}\1[0-9]{{6}}\1[0-9]{{2}}{NUMBER_RIGHT}", 0.5),
    ("with a region", rf"(?:{_REGIONS})[ -]?[0-9]{{2}}-[0-9]{{6}}-[0-9]{{2}}{NUMBER_RIGHT}", 0.7),
)
NEEDS_CONTEXT = ("2-2-6-2",)
CONTEXT = (
    "driver's license, drivers license, driver license, driving license, driver's licence, driving licence, "
    "driver’s license, 운전면허, 면허번호, 면허증"
)
LENGTHS = (12,)


def check(match: str) -> bool | None:
    return False if one_repeated(digits_of(match)) else None
