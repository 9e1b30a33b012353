"""Australia, company number (ACN): eight digits and one modulo 10. ASIC; too weak to be believed alone."""

from crawler.pii.checks import digits_of, one_repeated, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "AU_ACN"
KIND = "business_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[0-9]{{3}}([ -]?)[0-9]{{3}}\1[0-9]{{3}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "acn, a.c.n., australian company number, acn number, acn no, arbn, asic, company number"
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return not one_repeated(digits) and -weighted(digits, range(8, 0, -1)) % 10 == int(digits[8])
