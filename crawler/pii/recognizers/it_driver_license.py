"""Italy, driving licence: two letters, seven digits and a letter, or U1, seven characters and a letter. MIT."""

from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "IT_DRIVER_LICENSE"
KIND = "gov_id"
GATE = r"U ?1 ?[0-9A-Z]|[A-Z]{2} ?[0-9]{6}"

PATTERNS = (
    ("two letters", rf"{NUMBER_LEFT}[A-Z]{{2}}([ ]?)[0-9]{{7}}\1[A-Z]{NUMBER_RIGHT}", 0.5),
    ("U1", rf"{NUMBER_LEFT}U1[0-9A-Z]{{7}}[A-Z]{NUMBER_RIGHT}", 0.5),
)
NEEDS_CONTEXT = ("two letters", "U1")
CONTEXT = (
    "patente, patente di guida, numero patente, italian driving licence, driving licence, driving license, driver "
    "license, driver's license, driver’s license, drivers license"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (10,)


def check(match: str) -> bool | None:
    return None
