"""Street addresses with the number last, where the street's name ends in a word for street: German, Dutch, Nordic,
Hungarian. DIN 5008; Dutch NEN 5825; UPU addressing sheets. The postal code and town of the line belong to it.
"""

import re

from crawler.pii.shapes import FILLER
from crawler.pii.streets import NAME, TAIL

ENTITY = "ADDRESS"
KIND = "contact"

_ENDINGS = (
    "straße", "strasse", "straße", "str.", "gasse", "allee", "platz", "weg", "damm", "ufer", "straat", "laan", "plein",
    "gracht", "kade", "dijk", "singel", "vej", "gade", "gate", "gata", "gatan", "veien", "vegen", "vägen", "stræde",
    "katu",
    "kuja", "polku", "ntie", "braut", "stræti", "stígur", "vegur", "hof", "ring", "steig", "pfad", "chaussee", "markt",
)  # fmt: skip
_ALONE = (" Straße", " Strasse", " Str.", " Weg", " Platz", " Allee", " Ring", " Gasse", " u.", " utca", " út",
" tér", " tee", " gate", " vei", " väg")  # fmt: skip
_PREPOSITION = r"(?:Am|An|Auf|Im|In|Zum|Zur)(?: der| dem| den)?"
_STREET = (
    rf"(?:(?:{NAME}|{_PREPOSITION})[ -]){{0,3}}"
    rf"(?:[A-Za-zÀ-ɏ-]{{3,24}}(?:{'|'.join(ending.replace('.', chr(92) + '.') for ending in _ENDINGS)})"
    rf"|{NAME}(?:{'|'.join(word.replace('.', chr(92) + '.') for word in _ALONE)}))"
)
_NUMBER = r"[0-9]{1,4}(?:[ ]?[a-z](?![a-zà-ÿ]))?(?:[ ]?[-–/][ ]?[0-9]{1,4}[a-z]?)?\.?"
_YEAR = re.compile(r" (?:1[5-9]|20)[0-9]{2}$")
PATTERNS = (
    (
        "street and number",
        rf"(?<![0-9A-Za-zÀ-ÿ{FILLER}])(?:[0-9]{{1,6}}[ "
        rf"])?(?-i:(?=[A-ZÄÖÜÆØÅŽŠČÞÍÁÓ])){_STREET}[ ]{_NUMBER}(?![0-9A-Za-z]"
        rf"|[.,][0-9]){TAIL}",
        0.6,
    ),
    (
        "name and number before code and town",
        rf"(?<![0-9A-Za-zÀ-ÿ{FILLER}])(?:{_PREPOSITION}[ ])?{NAME}(?:[ -]{NAME}){{0,2}}[ ]{_NUMBER},[ ]"
        rf"(?:[A-Z]{{1,2}}-)?[0-9]{{5}}[ ]{NAME}(?![0-9A-Za-z])",
        0.5,
    ),
)
GLUED = False
GATE = (
    "[0-9][a-z]?, (?:[A-Z]{1,2}-)?[0-9]{5} (?=[A-ZÀ-ɏ])| [0-9](?:"
    + "|".join(f"(?<={ending.replace('.', chr(92) + '.')} [0-9])" for ending in (*_ENDINGS, *_ALONE))
    + ")"
)


def check(match: str) -> bool | None:
    """No find for what ends in a year, which is a title or a market of that year."""
    return False if _YEAR.search(match) else None
