"""Germany, number of the statutorily insured (KVNR): a letter, eight digits, a check digit. SGB V 290; Anlage 1."""

from crawler.pii.checks import digit_sums, letters_and_digits_of
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "DE_HEALTH_INSURANCE"
KIND = "gov_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[A-Za-z][ ]?[0-9]{{3}}([ ]?)[0-9]{{3}}\1[0-9]{{3}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "krankenversichertennummer, krankenversicherungsnummer, krankenversicherten-nr, krankenversicherung, "
    "krankenversicherungs-nr, versichertennummer, versicherten-nr, versichertennr, versicherten-nummer, "
    "versichertenkarte, kvnr, kv-nummer, kv-nr, krankenkasse, krankenkassennummer, gesundheitskarte, egk, "
    "health insurance, insured person, insurance number"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (10,)


def check(match: str) -> bool | None:
    plain = letters_and_digits_of(match)
    digits = f"{ord(plain[0]) - 64:02}{plain[1:]}"
    return digit_sums(digits[:10], (1, 2) * 5) % 10 == int(digits[10])
