"""Poland, identity card: three letters and six digits, the first digit checks; weights 7, 3, 1. MSWiA."""

from crawler.pii.checks import letters_and_digits_of
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "PL_ID_CARD"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}(?:[A-Z]{{3}}|[a-z]{{3}})[ ]?[0-9]{{6}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "dowód osobisty, dowodu osobistego, dowód, dowodu, dowod osobisty, dowodem osobistym, dowodu tożsamości, "
    "nr dowodu, numer dowodu, seria i numer, polish identity card, polish id card, identity card, id card, national id"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    plain = letters_and_digits_of(match)
    weights = (7, 3, 1, 9, 7, 3, 1, 7, 3)
    return sum(int(char, 36) * weight for char, weight in zip(plain, weights, strict=True)) % 10 == 0
