"""Netherlands, passport: two letters, six characters, a digit; never the letter O. Paspoortuitvoeringsregeling 2001."""

from crawler.pii.shapes import CODE, NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "NL_PASSPORT"
KIND = "gov_id"
GATE = CODE

_TWO_DIGITS = "(?=[A-Z]{2,8}[0-9])"
PATTERNS = (("near its name", rf"{NUMBER_LEFT}{_TWO_DIGITS}[A-NP-Z]{{2}}[0-9A-NP-Z]{{6}}[0-9]{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "paspoort, paspoortnummer, paspoortnr, paspoort-nr, reisdocument, reisdocumentnummer, documentnummer, "
    "dutch passport, netherlands passport, passport"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    return None
