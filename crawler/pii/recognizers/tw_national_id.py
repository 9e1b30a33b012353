"""Taiwan, national identity number and, since 2021, resident certificate: a letter and nine digits, modulo 10."""

from crawler.pii.checks import weighted
from crawler.pii.shapes import LEFT, NAMES_A_THING, RIGHT

ENTITY = "TW_NATIONAL_ID"
KIND = "gov_id"

PATTERNS = (
    ("plain", rf"{LEFT}[A-Z][1289][0-9]{{8}}{RIGHT}", 0.6),
    ("in small letters", rf"{LEFT}[a-z][1289][0-9]{{8}}{RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("in small letters",)
CONTEXT = (
    "roc id, national id, identity card, identification number, id number, id card, arc number, 身分證, "
    "身份證, 國民身分, "
    "統一編號, 居留證, 统一编号, 身分证, 身份证, 居留证, 国民身分"
)
LENGTHS = (10,)
NOT_AFTER = NAMES_A_THING


_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"  # in the order of their values, 10 to 35


def check(match: str) -> bool | None:
    value = str(10 + _LETTERS.index(match[0].upper()))
    return weighted(value + match[1:], (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)) % 10 == 0
