"""A town with the abbreviation of its state or province and the postal code: United States, Canada, Australia.

USPS Publication 28, appendix B; Canada Post addressing guidelines; Australia Post, AS 4590.
"""

from crawler.pii.shapes import FILLER
from crawler.pii.streets import CA_CODE, END, NAME, PROVINCE, STATE, UK_CODE

ENTITY = "ADDRESS"
KIND = "contact"

_TOWN = rf"(?<![0-9A-Za-z{FILLER}])(?:{NAME}[ -]){{0,2}}{NAME},?[ ]"
PATTERNS = (
    ("united states", rf"{_TOWN}{STATE}[ ][0-9]{{5}}(?:-[0-9]{{4}})?{END}", 0.5),
    ("canada", rf"{_TOWN}(?:{PROVINCE},?[ ]{{1,2}})?{CA_CODE}{END}", 0.5),
    (
        "town and code",
        rf"(?<![0-9A-Za-z{FILLER}])(?:(?:{NAME}[ -]){{0,2}}{NAME},?[ ])?(?:{UK_CODE}|{CA_CODE}){END}",
        0.4,
    ),
    ("australia", rf"{_TOWN}(?:NSW|VIC|QLD|TAS|ACT|SA|WA|NT)[ ][0-9]{{4}}{END}", 0.5),
)
NEEDS_CONTEXT = ("town and code",)
CONTEXT = (
    "address, addresses, street, road, avenue, lane, house, postcode, post code, postal code, zip, zip code, po box, "
    "located, office, offices, lives, living, resident, residing, mail, mailing, deliver, "
    "ship, shipping, billing, flat, apt, "
    "suite, visit, visit us, contact, contact us, registered office, headquarters, adresse"
)
REACH, AFTER = 60, 40
GLUED = False
GATE = r"[ \n][A-Z](?:[A-Z]{1,2},? [0-9]{4}|[0-9][A-Z] [0-9]|[A-Z]?[0-9][0-9A-Z]? [0-9][A-Z]{2})"


def check(match: str) -> bool | None:
    return None
