"""Korea, resident registration number: birth date, century and sex, serial.

Numbers given since October 2020 have no check digit; for births since then a hyphen is asked for instead.
"""

from crawler.pii.checks import digits_of, is_date, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "KR_RRN"
KIND = "gov_id"
STRONG = True

PATTERNS = (
    ("6-7", rf"{NUMBER_LEFT}[0-9]{{6}} ?- ?[0-9][0-9]{{6}}{NUMBER_RIGHT}", 0.7),
    ("bare", rf"{NUMBER_LEFT}[0-9]{{6}}[0-9][0-9]{{6}}{NUMBER_RIGHT}", 0.5),
)
CONTEXT = "rrn, resident registration, 주민등록번호, 주민번호"
NOT_AFTER = NAMES_A_THING


_CENTURIES = {"9": 1800, "0": 1800, **dict.fromkeys("1256", 1900), **dict.fromkeys("3478", 2000)}
_LAST_YEAR = 2039  # of birth; numbers of children to come are not refused for a while


def check(match: str) -> bool | None:
    digits = digits_of(match)
    year, month, day = _CENTURIES[digits[6]] + int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    if year > _LAST_YEAR or not is_date(year, month, day) or _is_japanese_barcode(match):
        return False
    sum_fits = (11 - weighted(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10 == int(digits[12])
    return True if sum_fits else None if (year, month) >= (2020, 10) and "-" in match else False


def _is_japanese_barcode(match: str) -> bool:
    return match.isdigit() and match[:2] in ("45", "49") and weighted(match, (1, 3) * 6 + (1,)) % 10 == 0
