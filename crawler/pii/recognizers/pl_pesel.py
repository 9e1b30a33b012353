"""Poland, PESEL: birth date, serial, check digit; the month carries the century. Act of 24 September 2010."""

from crawler.pii.checks import is_date, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "PL_PESEL"
KIND = "gov_id"

PATTERNS = (("bare", rf"{NUMBER_LEFT}[0-9]{{11}}{NUMBER_RIGHT}", 0.55),)
CONTEXT = (
    "pesel, nr pesel, numer pesel, numer ewidencyjny, polish national id, national identification number, national id"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (11,)


_CENTURIES = {0: 1900, 1: 2000, 2: 2100, 3: 2200, 4: 1800}


def check(match: str) -> bool | None:
    year, month, day = int(match[:2]), int(match[2:4]), int(match[4:6])
    if not is_date(_CENTURIES[month // 20] + year, month % 20, day):
        return False
    return weighted(match, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0
