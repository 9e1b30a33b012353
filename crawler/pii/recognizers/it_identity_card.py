"""Italy, identity card: on paper two letters and seven digits, electronic since 2016 CA00000AA, before 0000000AA."""

from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "IT_IDENTITY_CARD"
KIND = "gov_id"
GATE = r"[A-Za-z]{2}[ ]?[0-9]{5}|[0-9]{7}[ ]?[A-Za-z]"

PATTERNS = (
    ("since 2016", rf"{NUMBER_LEFT}[A-Z]{{2}}([ ]?)[0-9]{{5}}\1[A-Z]{{2}}{NUMBER_RIGHT}", 0.5),
    ("on paper", rf"{NUMBER_LEFT}[A-Z]{{2}}[ ]?[0-9]{{7}}{NUMBER_RIGHT}", 0.4),
    ("before 2016", rf"{NUMBER_LEFT}[0-9]{{7}}[ ]?[A-Z]{{2}}{NUMBER_RIGHT}", 0.5),
    ("small letters", rf"{NUMBER_LEFT}[a-z]{{2}}[0-9]{{5}}(?:[a-z]{{2}}|[0-9]{{2}}){NUMBER_RIGHT}", 0.3),
)
NEEDS_CONTEXT = ("since 2016", "on paper", "before 2016", "small letters")
CONTEXT = (
    "carta d'identità, carta d’identità, carta d'identita, carta di identità, carta di identita, carta identità, "
    "carta d'identità elettronica, c.i., CIE, cie:, documento d'identità, documento d’identità, documento di "
    "identità, italian identity card, italian id card, identity card, id card, national id"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    return None
