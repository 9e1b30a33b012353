"""Hong Kong, identity card: one or two letters, six digits, check character in brackets."""

from crawler.pii.checks import letters_and_digits_of
from crawler.pii.shapes import LEFT, NAMES_A_THING, RIGHT

ENTITY = "HK_ID"
KIND = "gov_id"
GATE = (6, r"[A-Z] ?[0-9]{6}")

PATTERNS = (
    ("with brackets", rf"{LEFT}[A-Z]{{1,2}} ?[0-9]{{6}} ?\([0-9A]\)", 0.6),
    ("in small letters", rf"{LEFT}[a-z]{{1,2}} ?[0-9]{{6}} ?\([0-9Aa]\)", 0.4),
    ("bare", rf"{LEFT}[A-Z]{{1,2}}[0-9]{{6}}-?[0-9A]{RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("in small letters", "bare")
CONTEXT = (
    "hkid, hkic, hong kong id, hong kong id card, hong kong identity card, hkid card, identity card, "
    "identity document, id card, id no, id number, 身份證, 身份证, 身分證, 신분증, 身分証"
)
LENGTHS = (8, 9)
NOT_AFTER = NAMES_A_THING


def check(match: str) -> bool | None:
    plain = letters_and_digits_of(match).rjust(9)
    values = [36 if char == " " else int(char, 36) for char in plain]
    return sum(value * weight for value, weight in zip(values, range(9, 0, -1), strict=True)) % 11 == 0
