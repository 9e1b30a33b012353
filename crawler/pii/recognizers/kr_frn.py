"""Korea, registration number of foreigners: birth date, 5 to 8, serial. Since October 2020 without a check digit.

Numbers of foreigners whose check digit is that of nationals are found as `kr_rrn`.
"""

from crawler.pii.checks import digits_of
from crawler.pii.recognizers.kr_rrn import birth, fits
from crawler.pii.shapes import NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "KR_FRN"
KIND = "gov_id"

PATTERNS = (("6-7", rf"{NUMBER_LEFT}[0-9]{{6}}(?: ?- ?| )?[5-8][0-9]{{6}}{NUMBER_RIGHT}", 0.6),)
NEEDS_PROOF = ("6-7",)
CONTEXT = (
    "frn, alien registration, foreigner registration, foreign registration, 외국인등록, 외국인번호, "
    "外国人登録番号, 外国人登录"
)
LENGTHS = (13,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    if birth(digits) is None:
        return False
    return True if fits(digits, 13) else None
