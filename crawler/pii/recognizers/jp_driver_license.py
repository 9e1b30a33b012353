"""Japan, driver's license: commission of a prefecture (10 to 97), year, serial, check digit, times reissued.

The check digit, modulo 11 over the first ten, is well known but not published by the police: without it a number is
still found near its name, with it the number is believed more.
"""

from crawler.pii.checks import digits_of, looks_like_a_time, one_repeated, weighted
from crawler.pii.shapes import NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "JP_DRIVER_LICENSE"
KIND = "gov_id"

PATTERNS = (
    ("plain", rf"{NUMBER_LEFT}[1-9][0-9]{{11}}{NUMBER_RIGHT}", 0.4),
    ("in fours", rf"{NUMBER_LEFT}(?<![0-9] )[1-9][0-9]{{3}}([ -])[0-9]{{4}}\1[0-9]{{4}}(?! [0-9]){NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("plain", "in fours")
CONTEXT = (
    "driver's license, drivers license, driver license, driver's licence, drivers licence, driver licence, "
    "driving license, driving licence, driver’s license, driver’s licence, menkyo, 運転免許証, 免許証, 運転免許, "
    "免許の番号, 免許番号, 免許No"
)
LENGTHS = (12,)

_COMMISSIONS = ((10, 14), (20, 25), (30, 30), (40, 55), (60, 65), (70, 74), (80, 83), (90, 97))


def check(match: str) -> bool | None:
    digits = digits_of(match)
    known = any(first <= int(digits[:2]) <= last for first, last in _COMMISSIONS)
    if not known or one_repeated(digits[2:]) or looks_like_a_time(digits):
        return False
    rest = (11 - weighted(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 10
    return True if rest == int(digits[10]) else None
