"""Singapore, NRIC and FIN: S, T, F, G or M, seven digits, check letter."""

from crawler.pii.checks import weighted
from crawler.pii.shapes import LEFT, NAMES_A_THING, RIGHT

ENTITY = "SG_NRIC_FIN"
KIND = "gov_id"

PATTERNS = (("plain", rf"{LEFT}[STFGM][0-9]{{7}}[A-Z]{RIGHT}", 0.6),)
CONTEXT = "nric, fin"
NOT_AFTER = NAMES_A_THING


_CHECK_LETTERS = {
    "S": (0, "JZIHGFEDCBA"),
    "T": (4, "JZIHGFEDCBA"),
    "F": (0, "XWUTRQPNMLK"),
    "G": (4, "XWUTRQPNMLK"),
    "M": (3, "XWUTRQPNJLK"),
}


def check(match: str) -> bool | None:
    added, letters = _CHECK_LETTERS[match[0]]
    rest = (added + weighted(match[1:8], (2, 7, 6, 5, 4, 3, 2))) % 11
    return match[8] == (letters[10 - rest] if match[0] == "M" else letters[rest])
