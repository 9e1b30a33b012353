"""Brazil, driving licence (CNH): nine digits and two check digits modulo 11. Resolução Contran 886/2021."""

from crawler.pii.checks import digits_of, one_repeated, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "BR_CNH"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[0-9]{{11}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "cnh, carteira nacional de habilitação, carteira de habilitação, carteira de habilitacao, habilitação, "
    "carteira de motorista, registro da cnh, brazilian driving licence, brazilian driver license, driving licence, "
    "driver license, driver's license, driver’s license"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (11,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    first = weighted(digits, range(9, 0, -1)) % 11
    second = weighted(digits, range(1, 10)) % 11
    if first == 10:
        first, second = 0, second - 2 if second != 10 else 10
    return not one_repeated(digits) and digits[9:] == f"{first}{0 if second == 10 else second % 11 % 10}"
