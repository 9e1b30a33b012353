"""Singapore, unique entity number of organizations: three forms, each with a check letter. ACRA, uen.gov.sg."""

from crawler.pii.checks import weighted
from crawler.pii.shapes import LEFT, NAMES_A_THING, RIGHT

ENTITY = "SG_UEN"
KIND = "business_id"
GATE = r"[0-9](?: ?[0-9]){3} ?[A-Z]"

PATTERNS = (
    ("of businesses, of companies", rf"{LEFT}[0-9]{{8,9}}[A-Z]{RIGHT}", 0.4),
    ("of others", rf"{LEFT}[RST][0-9]{{2}}[A-Z]{{2}}[0-9]{{4}}[A-Z]{RIGHT}", 0.6),
)
NEEDS_CONTEXT = ("of businesses, of companies",)
CONTEXT = "uen, unique entity, acra, company registration, business registration, gst reg, gst registration, roc, rob"
NOT_AFTER = NAMES_A_THING
LENGTHS = (9, 10)

_OTHERS = "ABCDEFGHJKLMNPQRSTUVWX0123456789"


def check(match: str) -> bool | None:
    if match[0].isalpha():
        total = sum(_OTHERS.find(char) * by for char, by in zip(match, (4, 3, 5, 3, 10, 2, 2, 5, 7), strict=False))
        return _OTHERS[(total - 5) % 11] == match[9]
    if len(match) == 9:
        return "XMKECAWLJDB"[weighted(match[:8], (10, 4, 9, 3, 8, 2, 7, 1)) % 11] == match[8]
    return "ZKCMDNERGWH"[weighted(match[:9], (10, 8, 6, 4, 9, 7, 5, 3, 1)) % 11] == match[9]
