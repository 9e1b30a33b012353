"""United States, Social Security number: 3-2-4. Areas, groups and serials never issued: SSA POMS RM 10201.035."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "US_SSN"
KIND = "gov_id"

PATTERNS = (
    ("3-2-4", rf"{NUMBER_LEFT}[0-9]{{3}}([-. ])[0-9]{{2}}\1[0-9]{{4}}{NUMBER_RIGHT}", 0.7),
    ("bare", rf"{NUMBER_LEFT}[0-9]{{9}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("bare",)
CONTEXT = (
    "ssn, ssns, s.s.n., social security, social security number, social security no, social security #, "
    "social-security, social sec, soc sec, soc. sec., ss no, ss number, ss #, ss#, taxpayer id, taxpayer number, "
    "taxpayer identification, número de seguro social, seguro social, 社会保障番号, 社会安全号码"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    digits = digits_of(match)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    refused = area in ("000", "666") or area[0] == "9" or group == "00" or serial == "0000"
    return False if refused or one_repeated(digits) else None
