"""Italy, fiscal code of a person: 16 characters, the last a check letter. D.M. 23 December 1976; omocodia included."""

from crawler.pii.checks import letters_and_digits_of
from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "IT_FISCAL_CODE"
KIND = "gov_id"
STRONG = True
_N = "[0-9LMNPQRSTUV]"
_UPPER = rf"[A-Z]{{3}} ?[A-Z]{{3}} ?{_N}{{2}}[A-EHLMPRST]{_N}{{2}}"
_LOWER = r"[a-z]{6}[0-9]{2}[a-ehlmprst][0-9]{2}"
GATE = (
    5,
    rf"{_UPPER} ?[A-Z]|{_LOWER}[a-z]|[0-9] ?[0-9] ?[A-EHLMPRST] ?[0-7] ?[0-9] ?[A-Z] ?[0-9] ?[0-9] ?[0-9] ?[A-Z]",
)
PATTERNS = (
    ("capitals", rf"{LEFT}{_UPPER} ?[A-Z]{_N}{{3}}[A-Z]{RIGHT}", 0.7),
    ("small letters", rf"{LEFT}{_LOWER}[a-z][0-9]{{3}}[a-z]{RIGHT}", 0.7),
)

CONTEXT = (
    "codice fiscale, codicefiscale, cod. fiscale, cod.fiscale, cod. fisc, cod.fisc, c.f., c.f, cf, fiscal code, "
    "italian tax code, tax code, italian fiscal code"
)

_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_DIGIT_OF = str.maketrans("LMNPQRSTUV", "0123456789")
LENGTHS = (16,)


def check(match: str) -> bool | None:
    plain = letters_and_digits_of(match)
    day = int(plain[9:11].translate(_DIGIT_OF))
    if not (1 <= day <= 31 or 41 <= day <= 71):
        return False
    values = [int(char) if char.isdigit() else ord(char) - ord("A") for char in plain[:15]]
    total = sum(_ODD[value] for value in values[::2]) + sum(values[1::2])
    return ord(plain[15]) - ord("A") == total % 26
