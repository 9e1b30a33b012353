"""Netherlands, identity card: numbered as the passport. Paspoortuitvoeringsregeling Nederland 2001."""

from crawler.pii.recognizers.nl_passport import PATTERNS, check
from crawler.pii.shapes import CODE, NAMES_A_THING

__all__ = ["PATTERNS", "check"]  # its numbers are made as those of the passport

ENTITY = "NL_ID_CARD"
KIND = "gov_id"
GATE = CODE

NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "identiteitskaart, identiteitskaartnummer, id-kaart, id kaart, idkaart, identiteitsbewijs, legitimatiebewijs, "
    "dutch identity card, dutch id card, identity card, id card, national id"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)
