"""Korea, business registration number: office, kind, serial, check digit (3-2-5). National Tax Service.

The rule of the check digit is well known but not published: near its name a number counts without it too.
"""

from crawler.pii.checks import digits_of, one_repeated, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "KR_BRN"
KIND = "business_id"

PATTERNS = (
    ("3-2-5", rf"{NUMBER_LEFT}[0-9]{{3}} ?- ?[0-9]{{2}} ?- ?[0-9]{{5}}{NUMBER_RIGHT}", 0.6),
    ("near its name", rf"{NUMBER_LEFT}(?<![0-9] )[0-9]{{3}} ?[0-9]{{2}} ?[0-9]{{5}}(?! [0-9]){NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "brn, business registration, business number, business license, business licence, tax registration, "
    "사업자등록, 사업자번호, 사업자 번호, 사업자 등록, 사업자, 등록번호, 事業者登録番号, 营业执照, 商业登记"
)
NEEDS_PROOF = ("3-2-5",)
NOT_AFTER = NAMES_A_THING
LENGTHS = (10,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    if digits[:3] < "101" or digits[3:5] == "00" or digits[5:9] == "0000" or one_repeated(digits):
        return False
    total = weighted(digits[:9], (1, 3, 7, 1, 3, 7, 1, 3, 5)) + int(digits[8]) * 5 // 10
    return True if -total % 10 == int(digits[9]) else None
