"""United Kingdom, sort code and account number: six and eight digits. Pay.UK; their modulus check needs a table."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "UK_BANK_ACCOUNT"
KIND = "account"

_SORT_CODE = r"[0-9]{2}([- ]?)[0-9]{2}\1[0-9]{2}"
PATTERNS = (
    ("both", rf"{NUMBER_LEFT}{_SORT_CODE}[ ,/|-]{{1,3}}[0-9]{{8}}{NUMBER_RIGHT}", 0.5),
    ("sort code", rf"{NUMBER_LEFT}{_SORT_CODE}{NUMBER_RIGHT}", 0.4),
    ("account", rf"{NUMBER_LEFT}[0-9]{{8}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("both", "sort code", "account")
CONTEXT = "sort code, sort-code, sortcode, sort codes, bank sort code, uk account number, uk bank account"
NOT_AFTER = NAMES_A_THING


def check(match: str) -> bool | None:
    return False if one_repeated(digits_of(match)) else None
