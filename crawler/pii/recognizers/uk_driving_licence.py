"""United Kingdom, driving licence: five of the surname, birth date, initials, three more. DVLA INF45.

The decade, the month (50 more for women), the day and the year; a licence has an issue number of two digits after it.
"""

import re

from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "UK_DRIVING_LICENCE"
KIND = "gov_id"
STRONG = True
GATE = r"[0-9] ?[0156] ?[0-9] ?[0-3] ?[0-9] ?[0-9] ?[A-Za-z9]"

_MONTH = "(?:[05][1-9]|[16][0-2])"
_DAY = "(?:0[1-9]|[12][0-9]|3[01])"
_SURNAME = "(?=[A-Z])[A-Z]{1,5}9{0,4}"
_BODY = rf"[0-9]{_MONTH}{_DAY}[0-9][ ]?[A-Z9]{{2}}[0-9A-Z][A-Z]{{2}}(?:[ ][0-9]{{2}})?"
PATTERNS = (
    ("capitals", rf"{LEFT}(?=[A-Z9]{{5}}[ ]?[0-9]){_SURNAME}[ ]?{_BODY}{RIGHT}", 0.8),
    ("small letters", rf"{LEFT}(?=[a-z9]{{5}}[0-9])(?i:{_SURNAME}{_BODY}){RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("small letters",)
CONTEXT = (
    "driving licence, driving license, driver licence, driver's licence, driver’s licence, drivers licence, "
    "driver number, licence number, licence no, license number, dvla, dl number"
)
_PADDED = re.compile(r"[A-Za-z]{1,5}9*")
LENGTHS = (16,)


def check(match: str) -> bool | None:
    return None if _PADDED.fullmatch(match[:5]) else False
