"""Germany, passport: nine characters without vowels; a tenth is the check digit. PassV; ICAO Doc 9303 part 3."""

from crawler.pii.recognizers.de_id_card import PATTERNS, check
from crawler.pii.shapes import CODE, NAMES_A_THING

__all__ = ["PATTERNS", "check"]  # its numbers are made as those of the identity card

ENTITY = "DE_PASSPORT"
KIND = "gov_id"
GATE = CODE

NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "reisepass, reisepassnummer, reisepass-nr, reisepassnr, pass, passnummer, pass-nr, pass-nummer, passnr, "
    "german passport, passport"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9, 10)
