"""Germany, identity card: nine characters without vowels, before 2010 T and eight digits; a tenth is the check digit.

Personalausweisverordnung annex 1; ICAO Doc 9303 part 3, 4.9: weights 7, 3, 1. Without the tenth nothing is checked.
"""

from crawler.pii.checks import icao_9303, letters_and_digits_of
from crawler.pii.shapes import CODE, NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "DE_ID_CARD"
KIND = "gov_id"
GATE = CODE

_LETTERS = "CFGHJKLMNPRTVWXYZ"
_SERIAL = rf"(?=[A-Z]{{1,9}}[0-9])[{_LETTERS}][{_LETTERS}0-9]{{8}}"
PATTERNS = (("near its name", rf"{NUMBER_LEFT}{_SERIAL}(?:[ ]?[0-9]D?)?{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "personalausweis, personalausweisnummer, personalausweis-nr, personalausweisnr, perso, ausweis, ausweisnummer, "
    "ausweis-nr, ausweisnr, ausweisdokument, npa, german identity card, german id card, german id, identity card, id "
    "card, id number, national id"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9, 10)


def check(match: str) -> bool | None:
    plain = letters_and_digits_of(match).removesuffix("D") if len(match) > 10 else letters_and_digits_of(match)
    return None if len(plain) == 9 else icao_9303(plain)
