"""Street addresses of France, Belgium and Switzerland: the number before the word for street. AFNOR XPZ 10-011."""

from crawler.pii.shapes import FILLER
from crawler.pii.streets import NAME, SMALL, TAIL

ENTITY = "ADDRESS"
KIND = "contact"

_FRENCH = (
    r"(?:rue|avenue|av\.|boulevard|bd|bld|place|chemin|allées?|impasse|quai|cours|passage"
    r"|faubourg|route|square|sentier|ruelle|villa)"
)
_NAMED = rf"(?:(?:{SMALL}|{NAME}|[0-9]{{1,2}})[ ']){{0,4}}{NAME}"
_WORDS = rf"(?:{_NAMED}|(?:(?:{SMALL}|[A-Za-zÀ-ɏ'’-]{{2,20}})[ ']){{0,4}}[a-zà-ÿ'’-]{{3,20}})"
PATTERNS = (
    (
        "number first",
        rf"(?<![0-9A-Za-zÀ-ÿ{FILLER}])(?<![0-9][.,/-])[0-9]{{1,4}}(?:[ ]?(?:bis|ter|quater"
        rf"|[A-D]))?,?[ ](?i:{_FRENCH})[ ]{_WORDS}{TAIL}",
        0.6,
    ),
)
GLUED = False
GATE = rf"[0-9](?: ?(?:bis|ter|quater|[A-D]))?,? (?i:{_FRENCH}) "


def check(match: str) -> bool | None:
    return None
