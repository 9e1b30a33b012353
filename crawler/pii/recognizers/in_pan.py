"""India, permanent account number: three letters, the kind of holder (P: person), letter, four digits, letter.

Income-tax Rules, rule 114. The rule of the last letter is not public.
"""

from crawler.pii.checks import one_repeated
from crawler.pii.shapes import CODE, LEFT, RIGHT

ENTITY = "IN_PAN"
KIND = "gov_id"
GATE = CODE

PATTERNS = (
    ("near its name", rf"{LEFT}[A-Z]{{3}}[ABCFGHJLPTK][A-Z][ -]?[0-9]{{4}}[ -]?[A-Z]{RIGHT}", 0.4),
    ("each apart", rf"{LEFT}(?:[A-Z] ){{3}}[ABCFGHJLPTK] [A-Z](?: [0-9]){{4}} [A-Z]{RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("near its name", "each apart")
CONTEXT = "pan, pan card, permanent account, income tax, pan no, पैन, स्थायी खाता, आयकर"
LENGTHS = (10,)


def check(match: str) -> bool | None:
    digits = "".join(char for char in match if char.isdigit())
    return False if one_repeated(digits) and digits[0] == "0" else None
