"""United States, employer number (EIN): a prefix of an IRS campus and seven digits. IRS, valid EIN prefixes."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "US_EIN"
KIND = "business_id"

_NEVER = {"00", "07", "08", "09", "17", "18", "19", "28", "29", "49", "69", "70", "78", "79", "89", "96", "97"}
PATTERNS = (
    ("2-7", rf"{NUMBER_LEFT}[0-9]{{2}}[- ][0-9]{{7}}{NUMBER_RIGHT}", 0.5),
    ("bare", rf"{NUMBER_LEFT}[0-9]{{9}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("2-7", "bare")
CONTEXT = (
    'EIN, ein:, ein=, ein", ein number, ein no, ein #, e.i.n., fein, f.e.i.n., employer identification number, '
    "employer identification no, employer identification, employer id, federal tax id, federal id, federal employer, "
    "irs number, tax id, tax-id, business tax id"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return False if digits[:2] in _NEVER or one_repeated(digits) else None
