"""China, unified social credit code of organizations: 18 characters, the last a check character. GB 32100-2015."""

from crawler.pii.checks import mod_31_3
from crawler.pii.shapes import NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "CN_USCC"
KIND = "business_id"

_PLACE = r"(?:10|1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-6]|71|8[1-3])"  # GB/T 2260; 10: the nation's own registers
_CHAR = "[0-9A-HJ-NPQRTUWXY]"
PATTERNS = (
    ("plain", rf"{NUMBER_LEFT}[1-9AY][1-9]{_PLACE}[0-9]{{4}}{_CHAR}{{10}}{NUMBER_RIGHT}", 0.6),
    ("8-9-1", rf"{NUMBER_LEFT}[1-9AY][1-9]{_PLACE}[0-9]{{4}}([ -]){_CHAR}{{8}}\1?{_CHAR}\1?{_CHAR}{NUMBER_RIGHT}", 0.6),
)
CONTEXT = (
    "uscc, usci, unified social credit, social credit code, credit code, 统一社会信用代码, 社会信用代码, 信用代码, "
    "統一社会信用, 統一社會信用, 纳税人识别号, 税号, 통일사회신용코드"
)
LENGTHS = (18,)


def check(match: str) -> bool | None:
    plain = match.replace(" ", "").replace("-", "")
    return len(set(plain)) > 3 and plain[0].isdigit() and mod_31_3(plain)
