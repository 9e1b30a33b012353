"""Germany, commercial register: section A or B and a number, other registers near their name. HRV section 13."""

from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "DE_HANDELSREGISTER"
KIND = "business_id"
GATE = r"R[ ]?[AB]?[ ]?(?:Nr\.?:?[ ]?)?[0-9]"  # begins with a letter that is searched for fast

PATTERNS = (
    (
        "section A or B",
        rf"{LEFT}HR[ ]?[AB][ ]?(?:Nr\.?:?[ ]?)?[0-9]{{3,6}}(?:[ ][A-Z]{{1,3}}(?![a-zà-ÿ]))?{RIGHT}",
        0.6,
    ),
    ("another register", rf"{LEFT}(?:GnR|PR|VR)[ ]?(?:Nr\.?:?[ ]?)?[0-9]{{1,6}}{RIGHT}", 0.4),
    ("few digits", rf"{LEFT}HR[ ]?[AB][ ]?(?:Nr\.?:?[ ]?)?[0-9]{{1,2}}{RIGHT}", 0.4),
)
NEEDS_CONTEXT = ("another register", "few digits")
CONTEXT = (
    "handelsregister, handelsregisternummer, registergericht, amtsgericht, registernummer, vereinsregister, "
    "genossenschaftsregister, partnerschaftsregister, commercial register, register number"
)


def check(match: str) -> bool | None:
    return None
