"""Japan, Individual Number (My Number): 12 digits, the last a check digit. Order of the MIC, 2014 No. 85, art. 5."""

from crawler.pii.checks import digits_of, looks_like_a_time, one_repeated, weighted
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "JP_MY_NUMBER"
KIND = "gov_id"

PATTERNS = (
    ("bare", rf"{NUMBER_LEFT}[0-9]{{12}}{NUMBER_RIGHT}", 0.5),
    ("in fours", rf"{NUMBER_LEFT}(?<![0-9][ -])[0-9]{{4}}([ -])[0-9]{{4}}\1[0-9]{{4}}(?![ -][0-9]){NUMBER_RIGHT}", 0.6),
)
CONTEXT = (
    "my number, mynumber, individual number, マイナンバー, 個人番号, マイナンバ, 개인번호, 마이넘버, 个人编号, 個人編號"
)
LENGTHS = (12,)
NOT_AFTER = NAMES_A_THING


def check(match: str) -> bool | None:
    digits = digits_of(match)
    years = all("15" <= digits[at : at + 2] <= "21" for at in (0, 4, 8))
    if years or one_repeated(digits) or looks_like_a_time(digits):
        return False
    rest = weighted(reversed(digits[:11]), (2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6)) % 11
    return int(digits[11]) == (0 if rest <= 1 else 11 - rest)
