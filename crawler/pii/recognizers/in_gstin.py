"""India, goods and services tax number: state, permanent account number, entity, Z, check character. CGST Rules 10."""

from crawler.pii.checks import luhn_mod_36
from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "IN_GSTIN"
KIND = "business_id"
GATE = (
    r"[A-Z]{4}[0-9]{4}[A-Z][0-9A-Z]|[A-Z] [0-9](?: [0-9]){3} [A-Z]|[A-Z][0-9]{3} [0-9][A-Z]|[A-Z][0-9] [0-9]{3} [A-Z]"
)

PATTERNS = (("plain", rf"{LEFT}[0-3][0-9][A-Z]{{3}}[ABCFGHJLPTK][A-Z][0-9]{{4}}[A-Z][1-9A-Z]Z[0-9A-Z]{RIGHT}", 0.7),)
CONTEXT = "gstin, gstin/uin, gst, gst no, goods and services tax, जीएसटी"
LENGTHS = (15,)


def check(match: str) -> bool | None:
    return luhn_mod_36(match)
