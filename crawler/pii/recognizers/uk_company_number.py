"""United Kingdom, company number: eight digits or two letters and six. Companies House; no check digit."""

from crawler.pii.checks import digits_of, looks_like_a_time, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "UK_COMPANY_NUMBER"
KIND = "business_id"

_REGISTERS = "SC|NI|OC|SO|NC|FC|SF|NF|LP|SL|NL|GE|IP|SP|IC|SI|NP|RC|SR|NR|NO|AC|SA|NA|ZC|SZ|NZ|CE|CS|PC|RS"
PATTERNS = (
    ("digits", rf"{NUMBER_LEFT}[0-9]{{8}}{NUMBER_RIGHT}", 0.4),
    ("with a register", rf"{NUMBER_LEFT}(?:{_REGISTERS})[0-9]{{6}}{NUMBER_RIGHT}", 0.5),
)
NEEDS_CONTEXT = ("digits", "with a register")
CONTEXT = (
    "company number, company no, company registration, company reg, registered number, registered no, companies house, "
    "registered in england, registered in scotland, registered in wales, registered in northern ireland, crn"
)
REACH = 70
NOT_AFTER = NAMES_A_THING
LENGTHS = (8,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return False if one_repeated(digits) or looks_like_a_time(digits) else None
