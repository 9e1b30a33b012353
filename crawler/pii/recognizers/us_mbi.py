"""United States, Medicare beneficiary identifier: 11 characters without S, L, O, I, B, Z. CMS, MBI format, 2018."""

from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "US_MBI"
KIND = "gov_id"
GATE = r"[1-9][ -]?[A-Z][ -]?[0-9A-Z][ -]?[0-9][ -]?[A-Z][ -]?[0-9A-Z][ -]?[0-9]"

_LETTER = "[AC-HJKMNP-RT-Y]"
_EITHER = "[0-9AC-HJKMNP-RT-Y]"
PATTERNS = (
    (
        "4-3-4",
        rf"{LEFT}[1-9]{_LETTER}{_EITHER}[0-9][ -]?{_LETTER}{_EITHER}[0-9][ -]?{_LETTER}{{2}}[0-9]{{2}}{RIGHT}",
        0.6,
    ),
)
CONTEXT = "medicare, medicare number, medicare id, mbi, beneficiary, medicare beneficiary identifier"
LENGTHS = (11,)


def check(match: str) -> bool | None:
    return None
