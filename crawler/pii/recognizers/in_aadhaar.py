"""India, Aadhaar: 12 digits, first 2 to 9, Verhoeff digit. UIDAI. Bare digits count only near its name."""

from crawler.pii.checks import digits_of, looks_like_a_time, verhoeff
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "IN_AADHAAR"
KIND = "gov_id"

PATTERNS = (
    (
        "in fours",
        rf"{NUMBER_LEFT}(?<![0-9][ -])[2-9][0-9]{{3}}([ -])[0-9]{{4}}\1[0-9]{{4}}(?![ -][0-9]){NUMBER_RIGHT}",
        0.6,
    ),
    ("bare", rf"{NUMBER_LEFT}[2-9][0-9]{{11}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("bare",)
CONTEXT = "aadhaar, aadhar, adhaar, adhar, uidai, uid, आधार, アーダール, 아드하르"
LENGTHS = (12,)
NOT_AFTER = NAMES_A_THING


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return digits != digits[::-1] and not looks_like_a_time(digits) and verhoeff(digits)
