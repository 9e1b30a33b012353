"""United Kingdom, National Insurance number: two letters, six digits, A to D. HMRC NIM39110."""

from crawler.pii.shapes import LEFT, NAMES_A_THING, RIGHT

ENTITY = "UK_NINO"
KIND = "gov_id"

_PREFIX = r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"  # without the pairs never given
PATTERNS = (
    (
        "with or without spaces",
        rf"{LEFT}{_PREFIX} ?[0-9]{{2}} ?[0-9]{{2}} ?[0-9]{{2}} ?[A-D]{RIGHT}",
        0.6,
    ),
)
CONTEXT = "national insurance, nino, ni number, ni no"
NOT_AFTER = NAMES_A_THING


def check(match: str) -> bool | None:
    return None
