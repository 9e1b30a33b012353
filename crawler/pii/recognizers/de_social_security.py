"""Germany, pension insurance number: area, birth date, initial, serial, check digit. VKVV section 2.

The letter counts as two digits; the digit sums of the products modulo 10 are the check digit.
"""

from crawler.pii.checks import digit_sums, letters_and_digits_of
from crawler.pii.shapes import LEFT, NAMES_A_THING, RIGHT

ENTITY = "DE_SOCIAL_SECURITY"
KIND = "gov_id"
STRONG = True

_BORN = "(?:0[1-9]|[12][0-9]|3[01]|5[1-9]|[67][0-9]|8[01])[ ]?(?:0[0-9]|1[0-2])[ ]?[0-9]{2}"
PATTERNS = (
    ("capitals", rf"{LEFT}[0-9]{{2}}[ ]?{_BORN}[ ]?[A-Z][ ]?[0-9]{{2}}[ ]?[0-9]{RIGHT}", 0.6),
    ("small letters", rf"{LEFT}[0-9]{{2}}[ ]?{_BORN}[ ]?[a-z][ ]?[0-9]{{2}}[ ]?[0-9]{RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("small letters",)
CONTEXT = (
    "rentenversicherungsnummer, rentenversicherung, rv-nummer, rv-nr, rvnr, versicherungsnummer, versicherungs-nr, "
    "versicherungsnr, sozialversicherungsnummer, sozialversicherungs-nr, sozialversicherungsausweis, sv-nummer, sv-nr, "
    "svnr, vsnr, sozialversicherung, social security, social insurance, pension insurance, insurance number"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (12,)


def check(match: str) -> bool | None:
    plain = letters_and_digits_of(match)
    digits = f"{plain[:8]}{ord(plain[8]) - 64:02}{plain[9:]}"
    return digit_sums(digits[:12], (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)) % 10 == int(digits[12])
