"""Taiwan, unified business number: eight digits. MOF rule of 2023: the sum is a multiple of 5 (before: of 10)."""

from crawler.pii.checks import one_repeated
from crawler.pii.shapes import NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "TW_UBN"
KIND = "business_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[0-9]{{8}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "ubn, unified business no, unified business number, vat number, 統一編號, 統編, 营利事业, 營利事業, 统一编号"
LENGTHS = (8,)


def check(match: str) -> bool | None:
    total = sum(
        sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(match, (1, 2, 1, 2, 1, 2, 4, 1), strict=True)
    )
    return not one_repeated(match) and (total % 5 == 0 or (match[6] == "7" and (total + 1) % 5 == 0))
