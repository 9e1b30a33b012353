"""France, identity card: twelve digits, since 2021 nine characters. Decree 55-1397; ICAO Doc 9303; nothing to check."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import CODE, NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "FR_ID_CARD"
KIND = "gov_id"
GATE = CODE

_MIXED = "(?=[0-9]{0,8}[A-Z])(?=[A-Z]{0,8}[0-9][A-Z]{0,8}[0-9])"
PATTERNS = (
    ("twelve digits", rf"{NUMBER_LEFT}[0-9]{{4}}([ ]?)[0-9]{{4}}\1[0-9]{{4}}{NUMBER_RIGHT}", 0.4),
    ("since 2021", rf"{NUMBER_LEFT}{_MIXED}[0-9A-Z]{{9}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("twelve digits", "since 2021")
CONTEXT = (
    "carte nationale d'identité, carte nationale d’identité, carte d'identité, carte d’identité, carte d'identite, "
    "carte nationale d'identite, cni, cnie, numéro de cni, n° cni, pièce d'identité, pièce d’identité, "
    "french identity card, french id card, french national id, identity card, id card, national id"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (12,)


def check(match: str) -> bool | None:
    return False if one_repeated(digits_of(match)) else None
