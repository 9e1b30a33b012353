"""Spain, social security number (NUSS, NAF): province, eight digits, a key modulo 97. RD 84/1996 art. 21."""

from crawler.pii.checks import digits_of
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "ES_SOCIAL_SECURITY"
KIND = "gov_id"

_PROVINCE = "(?:0[1-9]|[1-4][0-9]|5[0-3]|66)"
PATTERNS = (
    ("in groups", rf"{NUMBER_LEFT}{_PROVINCE}([/ -])[0-9]{{7,8}}\1[0-9]{{2}}{NUMBER_RIGHT}", 0.6),
    ("in more groups", rf"{NUMBER_LEFT}{_PROVINCE}[/ -][0-9]{{4}}[/ -][0-9]{{4}}[/ -][0-9]{{2}}{NUMBER_RIGHT}", 0.5),
    ("12 digits", rf"{NUMBER_LEFT}{_PROVINCE}[0-9]{{10}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("in more groups", "12 digits")
CONTEXT = (
    "seguridad social, s.s., nuss, n.u.s.s., naf, n.a.f., nss, n.s.s., número de afiliación, numero de afiliacion, "
    "nº de afiliación, nº afiliación, n.º de afiliación, afiliación, afiliacion, social security"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (12,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    province, number, key = int(digits[:2]), int(digits[2:-2]), int(digits[-2:])
    whole = number + province * 10_000_000 if number < 10_000_000 else int(digits[:-2])
    return number > 0 and whole % 97 == key
