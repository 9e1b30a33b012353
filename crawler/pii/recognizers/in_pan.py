"""India, permanent account number of a person (fourth letter P). Income-tax Rules, rule 114. No public check."""

from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "IN_PAN"
KIND = "gov_id"
GATE = r"[A-Z]{5}[0-9]{4}[A-Z]"

PATTERNS = (("near its name", rf"{LEFT}[A-Z]{{3}}P[A-Z][0-9]{{4}}[A-Z]{RIGHT}", 0.4),)
NEEDS_CONTEXT = ("near its name",)
CONTEXT = "pan, permanent account, income tax, pan no"


def check(match: str) -> bool | None:
    return None
