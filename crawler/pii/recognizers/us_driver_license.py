"""United States, driver licenses: each state has its own form. AAMVA, D20 data dictionary; nothing to check."""

import re

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "US_DRIVER_LICENSE"
KIND = "gov_id"
GATE = r"[0-9](?:[^0-9A-Za-z\n]?[0-9]){4}"

PATTERNS = (
    ("letters first", rf"{NUMBER_LEFT}(?!ID|NO|NR)[A-Z]{{1,2}}-?[0-9]{{5,14}}{NUMBER_RIGHT}", 0.4),
    ("in groups", rf"{NUMBER_LEFT}[A-Z][0-9]{{2,4}}(?:[- ][0-9]{{1,5}}){{2,4}}{NUMBER_RIGHT}", 0.4),
    ("digits in groups", rf"{NUMBER_LEFT}[0-9]{{2,4}}([- ])[0-9]{{2,3}}\1[0-9]{{3,4}}{NUMBER_RIGHT}", 0.3),
    ("digits", rf"{NUMBER_LEFT}[0-9]{{7,12}}{NUMBER_RIGHT}", 0.4),
    ("letters last", rf"{NUMBER_LEFT}[0-9]{{7,9}}[A-Z]{{1,2}}{NUMBER_RIGHT}", 0.3),
    ("letters between", rf"{NUMBER_LEFT}(?:[0-9]{{2,3}}[A-Z]{{2,3}}[0-9]{{4,6}}|[A-Z][0-9]{{6}}R){NUMBER_RIGHT}", 0.3),
)
NEEDS_CONTEXT = tuple(name for name, _, _ in PATTERNS)
CONTEXT = (
    "driver license, driver's license, driver’s license, drivers license, drivers' license, drivers’ license, "
    "driver-license, driving license, driver's licence, driver licence, drivers licence, "
    "driver license number, dl number, dl no, dl #, dl#, dln, dmv, driver's permit, driving permit, state id"
)
REACH = 50
_DAY = re.compile(r"[0-3][0-9][- ][0-3][0-9][- ](?:19|20)[0-9]{2}")
NOT_AFTER = NAMES_A_THING
LENGTHS = tuple(range(7, 16))


def check(match: str) -> bool | None:
    return False if one_repeated(digits_of(match)) or _DAY.fullmatch(match) else None
