"""France, social security number (NIR): 13 characters and a key of two, 97 minus the rest. INSEE; Corsica 2A and 2B."""

from crawler.pii.checks import letters_and_digits_of
from crawler.pii.shapes import DIGITS, NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "FR_NIR"
KIND = "gov_id"
STRONG = True
GATE = (8, rf"{DIGITS}|2[ABab] ?[0-9]")

_BIRTH = r"[123478] ?[0-9]{2} ?(?:0[1-9]|1[0-2]|[2-9][0-9])"
PATTERNS = (
    (
        "15 characters",
        rf"{NUMBER_LEFT}{_BIRTH} ?(?:[0-9]{{2}}|2[ABab]) ?[0-9]{{3}} ?[0-9]{{3}} ?[0-9]{{2}}{NUMBER_RIGHT}",
        0.7,
    ),
)
CONTEXT = (
    "nir, n.i.r., numéro de sécurité sociale, numero de securite sociale, n° de sécurité sociale, n° sécurité sociale, "
    "n° sécu, numéro de sécu, sécurité sociale, securite sociale, sécu, nss, n° ss, numéro insee, n° insee, insee, "
    "carte vitale, assuré social, french social security number, social security"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (15,)


def check(match: str) -> bool | None:
    plain = letters_and_digits_of(match)
    number, key = plain[:13].replace("2A", "19", 1).replace("2B", "18", 1), int(plain[13:])
    return 1 <= key <= 97 and key == 97 - int(number) % 97
