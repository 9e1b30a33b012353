"""United States, national provider identifier: ten digits from 1 or 2, Luhn after 80840. 45 CFR 162.406."""

from crawler.pii.checks import digits_of, luhn
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "US_NPI"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[12][0-9]{{3}}([ -]?)[0-9]{{3}}\1[0-9]{{3}}{NUMBER_RIGHT}", 0.35),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "npi, national provider, provider identifier, provider number, provider id"
NOT_AFTER = NAMES_A_THING
LENGTHS = (10,)


def check(match: str) -> bool | None:
    return luhn("80840" + digits_of(match))
