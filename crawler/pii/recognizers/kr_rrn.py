"""Korea, resident registration number: birth date, century and sex, serial.

Numbers given since October 2020 have no check digit; for births since then a hyphen or its name is asked for instead.
The numbers of foreigners (5 to 8 after the date) add two to the check digit; older ones may not.
"""

from crawler.pii.checks import digits_of, is_date, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "KR_RRN"
KIND = "gov_id"
STRONG = True

PATTERNS = (
    ("6-7", rf"{NUMBER_LEFT}[0-9]{{6}} ?- ?[0-9]{{7}}{NUMBER_RIGHT}", 0.7),
    ("bare", rf"{NUMBER_LEFT}(?<![0-9] )[0-9]{{6}} ?[0-9]{{7}}(?! [0-9]){NUMBER_RIGHT}", 0.5),
)
NEEDS_PROOF = ("bare",)
CONTEXT = "rrn, resident registration, 주민등록번호, 주민번호, 주민등록, 住民登録番号, 居民登记号, 住民番号"
NOT_AFTER = NAMES_A_THING
LENGTHS = (13,)


_CENTURIES = {"9": 1800, "0": 1800, **dict.fromkeys("1256", 1900), **dict.fromkeys("3478", 2000)}
_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_LAST_PLACE = 96  # of registration; until 2020
_LAST_YEAR = 2039  # of birth; numbers of children to come are not refused for a while


def check(match: str) -> bool | None:
    digits = digits_of(match)
    born = birth(digits)
    if born is None or _is_japanese_barcode(match):
        return False
    if born >= (2020, 10):
        return True if fits(digits, 11) else None
    if int(digits[7:9]) > _LAST_PLACE:
        return False
    return fits(digits, 11) or (digits[6] in "5678" and fits(digits, 13))


def birth(digits: str) -> tuple[int, int] | None:
    """Year and month of birth; None when there is no such day."""
    year, month, day = _CENTURIES[digits[6]] + int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    return (year, month) if year <= _LAST_YEAR and is_date(year, month, day) else None


def fits(digits: str, minuend: int) -> bool:
    """Whether the check digit fits; the minuend is 11 for nationals, 13 for foreigners."""
    return (minuend - weighted(digits, _WEIGHTS) % 11) % 10 == int(digits[12])


def _is_japanese_barcode(match: str) -> bool:
    return match.isdigit() and match[:2] in ("45", "49") and weighted(match, (1, 3) * 6 + (1,)) % 10 == 0
