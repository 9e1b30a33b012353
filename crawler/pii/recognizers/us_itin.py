"""United States, individual taxpayer number: written as an SSN, first digit 9. IRS Publication 1915.

The fourth and fifth digits are 50 to 65, 70 to 88, 90 to 92 or 94 to 99.
"""

from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "US_ITIN"
KIND = "gov_id"

PATTERNS = (
    (
        "3-2-4",
        rf"{NUMBER_LEFT}9[0-9]{{2}}([- ])(?:5[0-9]|6[0-5]|7[0-9]|8[0-8]|9[0-24-9])\1[0-9]{{4}}{NUMBER_RIGHT}",
        0.7,
    ),
    ("bare", rf"{NUMBER_LEFT}9[0-9]{{2}}(?:5[0-9]|6[0-5]|7[0-9]|8[0-8]|9[0-24-9])[0-9]{{4}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("bare",)
CONTEXT = (
    "itin, i.t.i.n., itin number, taxpayer id, taxpayer number, tax id, individual taxpayer, individual taxpayer "
    "identification number, taxpayer identification"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (9,)


def check(match: str) -> bool | None:
    return None
