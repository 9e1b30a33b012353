"""China, resident identity number: region, birth date, serial, check character. GB 11643-1999, ISO 7064 MOD 11-2."""

from crawler.pii.checks import is_date, letters_and_digits_of, weighted
from crawler.pii.shapes import NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "CN_RESIDENT_ID"
KIND = "gov_id"
STRONG = True

PATTERNS = (
    ("bare", rf"{NUMBER_LEFT}[1-9][0-9]{{16}}[0-9Xx]{NUMBER_RIGHT}", 0.7),
    ("grouped", rf"{NUMBER_LEFT}[1-9][0-9]{{5}}([ -])[0-9]{{8}}\1[0-9]{{3}}[0-9Xx]{NUMBER_RIGHT}", 0.7),
)


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check(match: str) -> bool | None:
    plain = letters_and_digits_of(match)
    year, month, day = int(plain[6:10]), int(plain[10:12]), int(plain[12:14])
    if not 1850 < year < 2100 or not is_date(year, month, day):
        return False
    return plain[17] == "10X98765432"[weighted(plain[:17], _WEIGHTS) % 11]
