"""China, resident identity number: region, birth date, serial, check character. GB 11643-1999, ISO 7064 MOD 11-2.

The 15 digits of before 1999 have a year of two digits and no check character; they count only near their name.
"""

from crawler.pii.checks import is_date, letters_and_digits_of, weighted
from crawler.pii.shapes import NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "CN_RESIDENT_ID"
KIND = "gov_id"
STRONG = True

PATTERNS = (
    ("bare", rf"{NUMBER_LEFT}[1-9][0-9]{{16}}[0-9Xx]{NUMBER_RIGHT}", 0.7),
    (
        "6-8-4",
        rf"{NUMBER_LEFT}(?<![0-9] )[1-9][0-9]{{5}}([ -])[0-9]{{8}}\1[0-9]{{3}}[0-9Xx](?! [0-9]){NUMBER_RIGHT}",
        0.7,
    ),
    ("of 15 digits", rf"{NUMBER_LEFT}[1-9][0-9]{{14}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("of 15 digits",)
CONTEXT = (
    "resident id, resident id card, resident identity, resident identity card, "
    "identity card, identity number, id card, id number, national id, citizen id, "
    "身份证, 身分证, 身份證, 身分證, 证件号, 證件號, 公民身份, 身份号码, 中国の身分証, 신분증"
)
LENGTHS = (15, 18)

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_REGIONS = (
    ("11", "15"),
    ("21", "23"),
    ("31", "37"),
    ("41", "46"),
    ("50", "54"),
    ("61", "65"),
    ("71", "71"),
    ("81", "83"),
)


def check(match: str) -> bool | None:
    plain = letters_and_digits_of(match)
    if not any(first <= plain[:2] <= last for first, last in _REGIONS):
        return False
    born = f"19{plain[6:12]}" if len(plain) == 15 else plain[6:14]
    if not 1850 < int(born[:4]) < 2100 or not is_date(int(born[:4]), int(born[4:6]), int(born[6:])):
        return False
    if len(plain) == 15:
        return None
    return plain[17] == "10X98765432"[weighted(plain[:17], _WEIGHTS) % 11]
