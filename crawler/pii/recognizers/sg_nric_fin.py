"""Singapore, NRIC and FIN: S, T, F, G or M, seven digits, check letter."""

from crawler.pii.checks import weighted
from crawler.pii.shapes import LEFT, NAMES_A_THING, RIGHT

ENTITY = "SG_NRIC_FIN"
KIND = "gov_id"
GATE = (7, r"[STFGM][0-9]{7}")

PATTERNS = (
    ("plain", rf"{LEFT}[STFGM][0-9]{{7}}[A-Z]{RIGHT}", 0.6),
    ("in small letters", rf"{LEFT}[stfgm][0-9]{{7}}[a-z]{RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("in small letters",)
CONTEXT = (
    "nric, fin, uin, identity card, ic number, ic no, work permit, employment pass, 身份证, 身份證, 신분증, 登録番号"
)
LENGTHS = (9,)
NOT_AFTER = NAMES_A_THING


_CHECK_LETTERS = {
    "S": (0, "JZIHGFEDCBA"),
    "T": (4, "JZIHGFEDCBA"),
    "F": (0, "XWUTRQPNMLK"),
    "G": (4, "XWUTRQPNMLK"),
    "M": (3, "XWUTRQPNJLK"),
}


def check(match: str) -> bool | None:
    match = match.upper()
    added, letters = _CHECK_LETTERS[match[0]]
    rest = (added + weighted(match[1:8], (2, 7, 6, 5, 4, 3, 2))) % 11
    return match[8] == (letters[10 - rest] if match[0] == "M" else letters[rest])
