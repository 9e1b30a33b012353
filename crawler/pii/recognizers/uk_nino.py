"""United Kingdom, National Insurance number: two letters, six digits, A to D. HMRC NIM39110."""

from crawler.pii.shapes import LEFT, NAMES_A_THING, RIGHT

ENTITY = "UK_NINO"
KIND = "gov_id"
GATE = (6, r"[A-Za-z]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}")

_PREFIX = r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"  # without the pairs never given
PATTERNS = (
    (
        "with or without spaces",
        rf"{LEFT}{_PREFIX} ?[0-9]{{2}} ?[0-9]{{2}} ?[0-9]{{2}} ?[A-D]{RIGHT}",
        0.6,
    ),
    ("small letters", rf"{LEFT}(?i:{_PREFIX}) ?[0-9]{{2}} ?[0-9]{{2}} ?[0-9]{{2}} ?(?i:[A-D]){RIGHT}", 0.4),
    ("with hyphens", rf"{LEFT}{_PREFIX}-?[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}-?[A-D]{RIGHT}", 0.6),
)
NEEDS_CONTEXT = ("small letters",)
CONTEXT = (
    "national insurance, national insurance number, national insurance no, nino, n.i.n.o., ni number, ni no, ni no., "
    "ni #, n.i. number, n.i. no, nat ins, insurance number"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    return None
