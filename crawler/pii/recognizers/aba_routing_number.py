"""United States, bank routing number: nine digits, weights 3, 7, 1 modulo 10. ABA routing number policy, 2018."""

from crawler.pii.checks import digits_of, one_repeated, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "ABA_ROUTING_NUMBER"
KIND = "business_id"

PATTERNS = (
    ("near its name", rf"{NUMBER_LEFT}[0-9]{{9}}{NUMBER_RIGHT}", 0.4),
    ("4-4-1", rf"{NUMBER_LEFT}[0-9]{{4}}([- ])[0-9]{{4}}\1[0-9]{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("near its name", "4-4-1")
CONTEXT = (
    "aba, aba number, routing, routing number, routing no, rtn, routing transit, transit number, bank routing, wire "
    "routing"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return not one_repeated(digits) and weighted(digits, (3, 7, 1, 3, 7, 1, 3, 7, 1)) % 10 == 0
