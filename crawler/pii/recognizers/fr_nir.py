"""France, social security number (NIR): 13 characters and a key of two, 97 minus the rest. INSEE; Corsica 2A and 2B."""

from crawler.pii.checks import letters_and_digits_of
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "FR_NIR"
KIND = "gov_id"
STRONG = True
GATE = r"[0-9]{2} ?(?:[0-9]{2}|2[ABab]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}"

_BIRTH = r"[123478] ?[0-9]{2} ?(?:0[1-9]|1[0-2]|[2-9][0-9])"
PATTERNS = (
    (
        "15 characters",
        rf"{NUMBER_LEFT}{_BIRTH} ?(?:[0-9]{{2}}|2[ABab]) ?[0-9]{{3}} ?[0-9]{{3}} ?[0-9]{{2}}{NUMBER_RIGHT}",
        0.7,
    ),
)
NOT_AFTER = NAMES_A_THING


def check(match: str) -> bool | None:
    plain = letters_and_digits_of(match)
    number, key = plain[:13].replace("2A", "19", 1).replace("2B", "18", 1), int(plain[13:])
    return 1 <= key <= 97 and key == 97 - int(number) % 97
