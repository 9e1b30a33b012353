"""Belgium, national register number: birth date, serial, 97 minus the rest. Royal decree of 3 April 1984."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "BE_NATIONAL_NUMBER"
KIND = "gov_id"
STRONG = True

PATTERNS = (
    ("bare", rf"{NUMBER_LEFT}[0-9]{{11}}{NUMBER_RIGHT}", 0.6),
    (
        "with points",
        rf"{NUMBER_LEFT}[0-9]{{2}}[. ][0-9]{{2}}[. ][0-9]{{2}}[- ][0-9]{{3}}[. ][0-9]{{2}}{NUMBER_RIGHT}",
        0.7,
    ),
)
CONTEXT = (
    "rijksregisternummer, rijksregister, rijksregisternr, rijksregister nr, rrn, insz, insz-nummer, bis-nummer, "
    "bisnummer, nationaal nummer, numéro national, numero national, n° national, numéro de registre national, numéro "
    "du registre national, registre national, niss, numéro bis, numéro niss, nationalregisternummer, nationalnummer, "
    "belgian national number, national number, national register number, national registration number"
)
NOT_AFTER = NAMES_A_THING
_BORN_IN_THIS_CENTURY = "40"  # years below it may be of this century
LENGTHS = (11,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    month, day = int(digits[2:4]) % 20, int(digits[4:6])  # 20 or 40 is added for numbers given before the birth date
    if not (0 <= month <= 12 and 0 <= day <= 31) or one_repeated(digits) or digits[6:9] in ("000", "999"):
        return False
    key = int(digits[9:])
    this_century = digits[:2] < _BORN_IN_THIS_CENTURY and 97 - int("2" + digits[:9]) % 97 == key
    return this_century or key == 97 - int(digits[:9]) % 97
