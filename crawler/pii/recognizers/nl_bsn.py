"""Netherlands, citizen service number (BSN): nine digits, eleven test. Regeling BSN. Too weak to be believed alone."""

from crawler.pii.checks import digits_of, one_repeated, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "NL_BSN"
KIND = "gov_id"

PATTERNS = (
    (
        "near its name",
        rf"{NUMBER_LEFT}(?:[0-9]{{4}}[. -]?[0-9]{{2}}[. -]?|[0-9]{{3}}[. -]?[0-9]{{3}}[. -]?)[0-9]{{3}}{NUMBER_RIGHT}",
        0.46,
    ),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "bsn, bsn-nummer, bsn nummer, bsnnummer, bsn-nr, bsn nr, burgerservicenummer, burgerservice-nummer, burger "
    "service nummer, sofinummer, sofi-nummer, sofi nummer, sofi, citizen service number, dutch citizen service "
    "number, dutch social security number"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return not one_repeated(digits) and weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0
