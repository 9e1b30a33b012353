"""Brazil, worker's number (PIS, PASEP, NIS, NIT): ten digits and one modulo 11. Caixa Econômica Federal."""

from crawler.pii.checks import digits_of, one_repeated, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "BR_PIS"
KIND = "gov_id"

PATTERNS = (
    ("with points", rf"{NUMBER_LEFT}[0-9]{{3}}\.[0-9]{{5}}\.[0-9]{{2}}-[0-9]{NUMBER_RIGHT}", 0.6),
    ("near its name", rf"{NUMBER_LEFT}[0-9]{{3}}([ .]?)[0-9]{{5}}\1[0-9]{{2}}[ -]?[0-9]{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "pis, pasep, pis/pasep, nis, nit, programa de integração social, número de identificação social, "
    "inscrição do trabalhador, carteira de trabalho, brazilian social number, social identification number"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (11,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    rest = weighted(digits, (3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return not one_repeated(digits) and int(digits[10]) == (0 if rest < 2 else 11 - rest)
