"""Netherlands, number in the trade register (KvK): eight digits. Handelsregisterbesluit 2008; no check digit."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "NL_KVK"
KIND = "business_id"

PATTERNS = (("near its name", rf"{NUMBER_LEFT}[0-9]{{2}}([ .]?)[0-9]{{3}}\1[0-9]{{3}}{NUMBER_RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = (
    "kvk, k.v.k., kvk-nummer, kvk nummer, kvknummer, kvk-nr, kvk nr, kvknr, kamer van koophandel, handelsregister, "
    "handelsregisternummer, chamber of commerce, coc number, dutch trade register"
)
NOT_AFTER = NAMES_A_THING
LENGTHS = (8,)


def check(match: str) -> bool | None:
    return False if one_repeated(digits_of(match)) else None
