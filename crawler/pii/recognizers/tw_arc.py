"""Taiwan, resident certificate of before 2021: two letters, the second A to D, and eight digits, modulo 10."""

from crawler.pii.checks import weighted
from crawler.pii.shapes import LEFT, NAMES_A_THING, RIGHT

ENTITY = "TW_ARC"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{LEFT}[A-Z][A-D][0-9]{{8}}{RIGHT}", 0.5),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "arc, arc number, alien resident certificate, resident certificate, 居留證, 統一證號, 居留证, 统一证号"
NOT_AFTER = NAMES_A_THING
LENGTHS = (10,)

_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"  # in the order of their values, 10 to 35


def check(match: str) -> bool | None:
    first, second = (str(10 + _LETTERS.index(letter)) for letter in match[:2])
    return weighted(first + second[1] + match[2:], (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)) % 10 == 0
