"""Germany, tax number of a tax office: groups with slashes, or 13 digits. AO; the check differs from state to state."""

from crawler.pii.checks import digits_of, one_repeated
from crawler.pii.shapes import NAMES_A_THING, NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "DE_TAX_NUMBER"
KIND = "gov_id"

PATTERNS = (
    ("with slashes", rf"{NUMBER_LEFT}[0-9]{{2,3}}[ ]?/[ ]?[0-9]{{3,4}}[ ]?/[ ]?[0-9]{{4,5}}{NUMBER_RIGHT}", 0.5),
    ("13 digits", rf"{NUMBER_LEFT}(?:0[1-9]|[1-5][0-9])[0-9]{{2}}0[0-9]{{8}}{NUMBER_RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("with slashes", "13 digits")
CONTEXT = (
    "steuernummer, steuer-nr, steuernr, steuer-nummer, steuer nr, st.-nr, st-nr, st.nr, stnr, finanzamt, "
    "german tax number, tax number, tax no"
)
NOT_AFTER = NAMES_A_THING


def check(match: str) -> bool | None:
    return False if one_repeated(digits_of(match)) else None
