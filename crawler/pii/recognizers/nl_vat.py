"""Netherlands, VAT number: NL, nine digits, B, two digits; the eleven test or, since 2020, modulo 97. Wet OB 1968."""

from crawler.pii.checks import letters_and_digits_of, mod_97, weighted
from crawler.pii.shapes import LEFT, NUMBER_RIGHT

ENTITY = "NL_VAT"
KIND = "business_id"
STRONG = True
GATE = r"[0-9][ .]?B[ .]?[0-9]{2}"

PATTERNS = (
    ("with NL", rf"{LEFT}NL[ ]?[0-9]{{4}}[ .]?[0-9]{{2}}[ .]?[0-9]{{3}}[ .]?B[ .]?[0-9]{{2}}{NUMBER_RIGHT}", 0.7),
)
CONTEXT = "btw, btw-nummer, btw nummer, btw-nr, btw-id, vat"
LENGTHS = (14,)


def check(match: str) -> bool | None:
    plain = letters_and_digits_of(match)
    if plain.endswith("00"):
        return False
    eleven = weighted(plain[2:11], (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0
    return eleven or mod_97(plain) == 1
