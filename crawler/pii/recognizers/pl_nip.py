"""Poland, tax number (NIP): ten digits, the last modulo 11. Act of 13 October 1995 on tax identification."""

from crawler.pii.checks import digits_of, one_repeated, weighted
from crawler.pii.shapes import LEFT, NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "PL_NIP"
KIND = "business_id"

_GROUPS = r"[0-9]{3}([ -])(?:[0-9]{3}\1[0-9]{2}\1[0-9]{2}|[0-9]{2}\1[0-9]{2}\1[0-9]{3})"  # of persons, of companies
PATTERNS = (
    ("with PL", rf"{LEFT}PL[ ]?[1-9][0-9]{{9}}{NUMBER_RIGHT}", 0.6),
    ("with hyphens", rf"{NUMBER_LEFT}(?=[0-9]{{3}}-){_GROUPS}{NUMBER_RIGHT}", 0.6),
    ("near its name", rf"{NUMBER_LEFT}(?:[0-9]{{10}}|{_GROUPS}){NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "nip, n.i.p., numer identyfikacji podatkowej, nr nip, numer nip, vat, polish tax number, tax number, tax id"
NOT_AFTER = NAMES_A_THING
LENGTHS = (10, 12)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return not one_repeated(digits) and weighted(digits, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == int(digits[9])
