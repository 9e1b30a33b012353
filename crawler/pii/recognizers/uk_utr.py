"""United Kingdom, unique taxpayer reference: ten digits, the first a check digit modulo 11. HMRC IPTM1030."""

from crawler.pii.checks import digits_of, one_repeated, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "UK_UTR"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[0-9]{{5}}[ -]?[0-9]{{5}}K?{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "utr, utr number, u.t.r., unique taxpayer reference, unique tax reference, taxpayer reference, tax reference, "
    "self assessment, self-assessment, hmrc reference, uk tax number, uk tin"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (10,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    expected = "21987654321"[weighted(digits[1:], (6, 7, 8, 9, 10, 5, 4, 3, 2)) % 11]
    return not one_repeated(digits) and digits[0] == expected
