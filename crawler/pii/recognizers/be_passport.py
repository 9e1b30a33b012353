"""Belgium, passport: two letters and six digits. Royal decree on passports; no check digit on the page."""

from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "BE_PASSPORT"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[A-Z]{{2}}[ ]?[0-9]{{6}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "paspoort, paspoortnummer, passeport, reisepass, belgian passport, passport"
NOT_AFTER = NAMES_A_THING
LENGTHS = (8,)


def check(match: str) -> bool | None:
    return None
