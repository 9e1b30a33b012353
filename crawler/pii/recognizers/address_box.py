"""Post office boxes and military mail. USPS Publication 28, sections 225 and 28; UPU addressing sheets."""

from crawler.pii.shapes import FILLER
from crawler.pii.streets import END, NAME, TAIL

ENTITY = "ADDRESS"
KIND = "contact"

PATTERNS = (
    (
        "post office box",
        rf"(?<![0-9A-Za-z{FILLER}])(?:[0-9]{{1,5}}[ ])?(?i:p\.?[ ]?o\.?[ ]?box|post office "
        rf"box|gpo box|postfach|postbus|postbox|bo[iî]te postale|apartado(?: de correos)?"
        rf"|caixa postal|casella postale)[ ]#?[0-9]{{1,6}}{END}{TAIL}",
        0.6,
    ),
    (
        "military",
        rf"(?<![0-9A-Za-z{FILLER}])(?i:(?:(?:psc|unit|cmr)[ ][0-9]{{1,5}},?[ ]box[ "
        rf"][0-9]{{1,5}}|(?:usns|uss|usnv|uscgc)[ ][a-z]{{2,20}})(?:,?[ ])?)?(?i:(?:apo|fpo"
        rf"|dpo),?[ ](?:aa|ae|ap)[ ][0-9]{{5}}){END}",
        0.7,
    ),
    (
        "military, first line",
        rf"(?<![0-9A-Za-z{FILLER}])(?:(?i:(?:psc|cmr)[ ][0-9]{{1,5}},?[ ]box[ ][0-9]{{1,5}})"
        rf"|(?:USNS|USNV|USCGC|USS)[ ]{NAME}(?=\n[ >?\t]*(?:[AFD]PO)[ ])){END}",
        0.6,
    ),
)
GLUED = False
GATE = (
    "box", "apo", "fpo", "dpo", "psc", "postfach", "postbus", "postbox", "postale", "apartado", "caixa", "casella",
)  # fmt: skip


def check(match: str) -> bool | None:
    return None
