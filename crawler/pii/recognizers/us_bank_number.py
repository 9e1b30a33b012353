"""United States, bank account: seven to seventeen digits near its name. X9.37 leaves the form to the bank."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "US_BANK_NUMBER"
KIND = "account"

PATTERNS = (
    ("plain", rf"{NUMBER_LEFT}[0-9]{{7,17}}{NUMBER_RIGHT}", 0.3),
    ("in groups", rf"{NUMBER_LEFT}[0-9]{{3,4}}(?:[ -][0-9]{{3,4}}){{2,3}}{NUMBER_RIGHT}", 0.3),
)
NEEDS_CONTEXT = ("plain", "in groups")
CONTEXT = (
    "bank account, account number, account no, account #, acct, acct no, acct number, a/c no, checking account, "
    "savings account, bank acct, direct deposit, beneficiary account"
)
REACH = 40
NOT_AFTER = NAMES_A_THING
LENGTHS = (8, 9, 10, 11, 12)


def check(match: str) -> bool | None:
    return False if one_repeated(digits_of(match)) else None
