"""Switzerland, passport: a letter and seven characters. Ausweisgesetz; no check digit on the page."""

from crawler.pii.shapes import CODE, NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "CH_PASSPORT"
KIND = "gov_id"
GATE = CODE

PATTERNS = (
    ("seven digits", rf"{NUMBER_LEFT}[A-Z][0-9]{{7}}{NUMBER_RIGHT}", 0.4),
    ("since 2022", rf"{NUMBER_LEFT}[A-Z](?=[A-Z]{{0,6}}[0-9][A-Z]{{0,6}}[0-9])[0-9A-Z]{{7}}{NUMBER_RIGHT}", 0.3),
)
NEEDS_CONTEXT = ("seven digits", "since 2022")
CONTEXT = (
    "reisepass, schweizer pass, schweizerpass, swiss pass, pass-nr, passnummer, pass nr, "
    "passeport suisse, passeport, passaporto "
    "svizzero, passaporto, swiss passport, passport, identitätskarte, swiss identity card"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (8,)


def check(match: str) -> bool | None:
    return None
