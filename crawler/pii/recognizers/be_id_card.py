"""Belgium, identity card: twelve digits, the last two the first ten modulo 97. Royal decree of 25 March 2003."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "BE_ID_CARD"
KIND = "gov_id"

PATTERNS = (
    ("with hyphens", rf"{NUMBER_LEFT}[0-9]{{3}}-[0-9]{{7}}-[0-9]{{2}}{NUMBER_RIGHT}", 0.6),
    ("near its name", rf"{NUMBER_LEFT}[0-9]{{3}} ?[0-9]{{7}} ?[0-9]{{2}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "identiteitskaart, identiteitskaartnummer, id-kaart, eid, kaartnummer, carte d'identité, carte d’identité, "
    "carte d'identite, personalausweis, belgian identity card, belgian id card, identity card, id card"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (12,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    return not one_repeated(digits) and int(digits[10:]) == (int(digits[:10]) % 97 or 97)
