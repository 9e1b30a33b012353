"""Germany, driving licence: eleven characters, the tenth a check digit nobody publishes. FeV annex 8."""

from crawler.pii.shapes import CODE, NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "DE_FUEHRERSCHEIN"
KIND = "gov_id"
GATE = CODE

PATTERNS = (
    (
        "near its name",
        rf"{NUMBER_LEFT}[A-Z][0-9A-Z][0-9]{{2}}[0-9A-Z]{{5}}[0-9][0-9A-Z]{NUMBER_RIGHT}",
        0.4,
    ),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "führerschein, führerscheinnummer, führerschein-nr, führerscheinnr, führerscheins, fuehrerschein, "
    "fuehrerscheinnummer, fahrerlaubnis, fahrerlaubnisnummer, driving licence, driving license, driver's license, "
    "driver’s license, driver license, drivers license"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (11,)


def check(match: str) -> bool | None:
    return None
