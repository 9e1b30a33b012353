"""China, number plate of a vehicle: province, letter, five or (new energy) six characters. GA 36-2018, 5.9."""

from crawler.pii.checks import digits_of
from crawler.pii.shapes import FILLER, LEFT, RIGHT

ENTITY = "CN_LICENSE_PLATE"
KIND = "gov_id"

_PROVINCE = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼滬雲遼魯蘇贛晉陝閩貴粵寧瓊]"
_TAIL = "(?:[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳使领]|[DF][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[DF])"
GATE = rf"{_PROVINCE} ?[A-HJ-Z][ ·•・.-]?[A-HJ-NP-Z0-9](?: ?[A-HJ-NP-Z0-9]){{3}}|使[0-9]{{6}}|[0-9]{{6}}使"

PATTERNS = (
    ("plain", rf"{_PROVINCE}[A-HJ-NP-Z] ?[·•・.-]? ?{_TAIL}{RIGHT}", 0.7),
    ("spread out", rf"{_PROVINCE} [A-HJ-NP-Z](?: ?[A-HJ-NP-Z0-9]){{5,6}}(?! ?[0-9A-Za-z{FILLER}])", 0.5),
    ("of embassies", rf"(?:使[0-9]{{6}}|{LEFT}[0-9]{{6}}使){RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("spread out", "of embassies")
CONTEXT = (
    "license plate, licence plate, plate number, number plate, 车牌, 車牌, 号牌, 號牌, 牌照, ナンバープレート, 번호판"
)


def check(match: str) -> bool | None:
    """At most two of the last characters are letters."""
    return None if len(digits_of(match)) >= 3 else False
