"""Korea, passport: M, S, R, O or D and eight digits, since 2020 with a letter in the middle. No check digit."""

from crawler.pii.shapes import LEFT, RIGHT

ENTITY = "KR_PASSPORT"
KIND = "gov_id"

PATTERNS = (
    ("since 2020", rf"{LEFT}[MSROD] ?[0-9]{{3}}[A-Z][0-9]{{4}}{RIGHT}", 0.5),
    ("before", rf"{LEFT}[MSROD] ?[0-9]{{8}}{RIGHT}", 0.4),
    ("of an issuing office", rf"{LEFT}[A-Z]{{2}}[0-9]{{7}}{RIGHT}", 0.3),
)
NEEDS_CONTEXT = ("since 2020", "before", "of an issuing office")
GATE = r"[0-9](?: ?[0-9]){2} ?[A-Z](?: ?[0-9]){4}|[0-9](?: ?[0-9]){6}"
CONTEXT = "passport, korean passport, korea passport, 여권, 韓国旅券, 韩国护照, 韓國護照"
LENGTHS = (9,)


def check(match: str) -> bool | None:
    return None
