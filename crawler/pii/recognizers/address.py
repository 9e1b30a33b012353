"""Street addresses with the number first: United States, United Kingdom, Canada, Australia. A line is one find.

Sources: USPS Publication 28; Royal Mail, programmer's guide to the postcode address file; Canada Post addressing
guidelines. A number, names with capitals and a word for a street are enough.
"""

import re

from crawler.pii.shapes import FILLER
from crawler.pii.streets import END, NAME, NUMBER, SMALL, SUFFIX, TAIL, UNIT

ENTITY = "ADDRESS"
KIND = "contact"

_LEFT = rf"(?<![0-9A-Za-z{FILLER}])(?<![0-9][.,:/-])(?<![$€£¥#])"
_DIRECTION = r"(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.?"
_ORDINAL = r"[0-9]{1,3}(?:st|nd|rd|th)"
_STREET = (
    rf"(?:{_DIRECTION}[ ])?(?:(?:{NAME}|{_ORDINAL})[ ](?:(?:{NAME}|{SMALL})[ "
    rf"]){{0,3}})(?i:{SUFFIX})\.?(?:[ ]{_DIRECTION}{END})?"
)
PATTERNS = (("number and street", rf"{_LEFT}(?:{UNIT},?[ ]|[0-9]{{3,6}}[ ])?{NUMBER},?[ ]{_STREET}{END}{TAIL}", 0.6),)
GLUED = False
GATE = rf"[0-9][A-Za-z]?,? (?:[A-Z0-9][\w'’.-]* (?:[\w'’.-]+ ){{0,3}})(?i:{SUFFIX})(?![a-z])"

_NO_STREET = re.compile(
    r"(?i)^(?:1[0-9]|20)[0-9]{2},? (?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|the|in|at|on|new|our)\b"
    r"|^[0-9]{1,2},? (?:january|february|march|april|may|june|july|august|september|october|november|december)\b"
)


def check(match: str) -> bool | None:
    """No find for a year or a day with a month before a name."""
    return False if _NO_STREET.match(match) else None
