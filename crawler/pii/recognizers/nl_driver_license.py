"""Netherlands, driving licence: ten digits, the first mostly 3 to 6. RDW; no check that anyone publishes."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "NL_DRIVER_LICENSE"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[1-9][0-9]{{9}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "rijbewijs, rijbewijsnummer, rijbewijsnr, rijbewijs-nr, dutch driving licence, dutch driving license, "
    "driving licence, driving license"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (10,)


def check(match: str) -> bool | None:
    return False if one_repeated(digits_of(match)) else None
