"""Brazil, number of a company (CNPJ): twelve characters, two check digits modulo 11. IN RFB 2.119/2022, 2.229/2024.

Since July 2026 the twelve may be capitals too; a character counts as its ASCII code minus 48.
"""

from crawler.pii.checks import letters_and_digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "BR_CNPJ"
KIND = "business_id"
GATE = (5, r"[0-9A-Z]{12}|/[0-9A-Z]{4}-?[0-9]{2}|[0-9]{2}\.[0-9]{3}\.[0-9]{3}")

_C = "[0-9A-Z]"
PATTERNS = (
    ("with points", rf"{NUMBER_LEFT}{_C}{{2}}\.?{_C}{{3}}\.?{_C}{{3}}/{_C}{{4}}-?[0-9]{{2}}{NUMBER_RIGHT}", 0.7),
    ("14 digits", rf"{NUMBER_LEFT}[0-9]{{14}}{NUMBER_RIGHT}", 0.4),
    ("in groups", rf"{NUMBER_LEFT}{_C}{{2}}[ ]{_C}{{3}}[ ]{_C}{{3}}[ ]{_C}{{4}}[ ][0-9]{{2}}{NUMBER_RIGHT}", 0.4),
    ("14 characters", rf"{NUMBER_LEFT}{_C}{{12}}[0-9]{{2}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("14 digits", "in groups", "14 characters")
CONTEXT = (
    "cnpj, c.n.p.j., cadastro nacional da pessoa jurídica, cadastro nacional de pessoa jurídica, pessoa jurídica, cgc, "
    "brazilian company number, company number"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (14,)
_WEIGHTS = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)


def check(match: str) -> bool | None:
    plain = letters_and_digits_of(match)
    first, second = _digit(plain[:12], _WEIGHTS[1:]), _digit(plain[:13], _WEIGHTS)
    return not one_repeated(plain) and plain[12:] == f"{first}{second}"


def _digit(plain: str, weights: tuple[int, ...]) -> int:
    rest = sum((ord(char) - 48) * weight for char, weight in zip(plain, weights, strict=True)) % 11
    return 0 if rest < 2 else 11 - rest
