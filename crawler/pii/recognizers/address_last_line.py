"""The last line of an address that was written over several lines: a country or town and its postal code.

Such a line says too little alone; it is one only after a line with a unit or a box.
"""

from crawler.pii.shapes import FILLER
from crawler.pii.streets import NAME, SMALL

ENTITY = "ADDRESS"
KIND = "contact"

_BEGIN = rf"(?:(?<=\n)|(?<=\n[ >])|(?<=\n[ >] )|(?<=\n\?\?\? )|(?<=\n    ))(?<!{FILLER})"
_NAMES = rf"{NAME}(?:[ ](?:{SMALL}[ ])?{NAME}){{0,3}}(?:[ ]\([A-Z][a-z]+\))?"
PATTERNS = (
    ("name and code", rf"{_BEGIN}{_NAMES}[ ][0-9]{{4,6}}(?=[ \t]*(?:\n|$))", 0.4),
    ("code", rf"{_BEGIN}[0-9]{{5}}(?=[ \t]*(?:\n|$))", 0.3),
)
NEEDS_CONTEXT = ("name and code", "code")
CONTEXT = "apt, suite, apartment, unit, ste, box, p.o. box, po box"
REACH, AFTER = 80, 0
GLUED = False
GATE = ("apt", "suite", "apartment", "ste", "box")


def check(match: str) -> bool | None:
    return None
