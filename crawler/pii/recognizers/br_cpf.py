"""Brazil, CPF: nine digits and two check digits, modulo 11. Instrução Normativa RFB 1.548/2015."""

from crawler.pii.checks import digits_of, one_repeated, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "BR_CPF"
KIND = "gov_id"
STRONG = True

PATTERNS = (
    ("with points", rf"{NUMBER_LEFT}[0-9]{{3}}\.[0-9]{{3}}\.[0-9]{{3}}-[0-9]{{2}}{NUMBER_RIGHT}", 0.7),
    ("bare", rf"{NUMBER_LEFT}[0-9]{{11}}{NUMBER_RIGHT}", 0.58),
)
CONTEXT = (
    "cpf, c.p.f., cpf/mf, cpf nº, cpf n., cadastro de pessoas físicas, cadastro de pessoa física, cadastro de pessoas "
    "fisicas, brazilian tax id, taxpayer registry, individual taxpayer registry, tax id"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (11,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    if one_repeated(digits):
        return False
    first = weighted(digits[:9], range(10, 1, -1)) * 10 % 11 % 10
    second = weighted(digits[:10], range(11, 1, -1)) * 10 % 11 % 10
    return digits[9:] == f"{first}{second}"
