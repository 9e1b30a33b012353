"""Japan, Corporate Number: a check digit and 12 digits. Order of the MOF, 2014 No. 70, art. 2. With T: for invoices.

Thirteen digits alone are far more often a barcode or a time in milliseconds.
"""

from crawler.pii.checks import digits_of, one_repeated, weighted
from crawler.pii.shapes import LEFT, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "JP_CORPORATE_NUMBER"
KIND = "business_id"

_GROUPED = r"[1-9]([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{4}"
PATTERNS = (
    ("near its name", rf"{NUMBER_LEFT}[1-9][0-9]{{12}}{NUMBER_RIGHT}", 0.5),
    ("1-4-4-4", rf"{NUMBER_LEFT}(?<![0-9] ){_GROUPED}(?! [0-9]){NUMBER_RIGHT}", 0.6),
    ("of an invoice", rf"{LEFT}T-?(?:[1-9][0-9]{{12}}|{_GROUPED}){NUMBER_RIGHT}", 0.6),
)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "corporate number, corporation number, invoice registration, houjin bango, hojin bango, 法人番号, 会社法人等番号, "
    "登録番号, インボイス, 適格請求書, 事業者番号, 法人編號, 법인번호"
)
LENGTHS = (13, 14)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    rest = weighted(reversed(digits[1:]), (1, 2) * 6) % 9
    return not one_repeated(digits[1:]) and int(digits[0]) == 9 - rest
