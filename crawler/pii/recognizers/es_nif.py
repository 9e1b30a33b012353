"""Spain, national number (DNI, NIF): eight digits, or K, L, M and seven, a letter modulo 23. Orden EHA/451/2008."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "ES_NIF"
KIND = "gov_id"

PATTERNS = (
    ("plain", rf"{NUMBER_LEFT}[0-9]{{8}}[- ]?[A-Za-z]{NUMBER_RIGHT}", 0.6),
    ("of persons without DNI", rf"{NUMBER_LEFT}[KLMklm][- ]?[0-9]{{7}}[- ]?[A-Za-z]{NUMBER_RIGHT}", 0.5),
    ("with points", rf"{NUMBER_LEFT}[0-9]{{2}}\.[0-9]{{3}}\.[0-9]{{3}}[- ]?[A-Za-z]{NUMBER_RIGHT}", 0.7),
)
CONTEXT = (
    "dni, d.n.i., d.n.i, nif, n.i.f., n.i.f, documento nacional de identidad, número de identificación fiscal, "
    "documento de identidad, spanish id, spanish national id, national id, identity card, identity document, tax id"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    if match[-2] == " " and match[-1].islower():
        return False  # a number and a short word
    digits = digits_of(match)
    return not one_repeated(digits) and match[-1].upper() == "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23]
