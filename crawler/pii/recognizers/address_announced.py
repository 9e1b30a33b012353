"""Addresses in forms too general to stand alone: near words that announce one, or beside a line with its unit.

A number, names and a number ("lives at 974 Via Roma 131"), the corner of two streets, a line with a unit, the code of a
town at the end of a line.
"""

import re

from crawler.pii.shapes import FILLER
from crawler.pii.streets import NAME, SMALL, SUFFIX, TAIL, UNIT

ENTITY = "ADDRESS"
KIND = "contact"

_LEFT = rf"(?<![0-9A-Za-zÀ-ÿ{FILLER}])(?<![0-9][.,:/-])(?<![$€£¥#@])"
_RIGHT = r"(?![0-9A-Za-z]|[.,:][0-9])"
_NAMES = rf"{NAME}[ ](?:(?:{NAME}|{SMALL})[ ]){{0,5}}"
_UNIT_LINE = rf"(?=(?:[ ]|\n[ >?\t]*){UNIT})"
PATTERNS = (
    (
        "before its unit",
        rf"{_LEFT}(?:[0-9]{{1,6}}[ ])?{_NAMES}[0-9]{{1,5}}[A-Za-z]?\.?{_UNIT_LINE}(?:[ ]{UNIT})*{TAIL}",
        0.6,
    ),
    (
        "number and names before their unit",
        rf"{_LEFT}[0-9]{{1,6}}[ ](?:{NAME}[ ]){{0,4}}{NAME}{_UNIT_LINE}(?:[ ]{UNIT})*{TAIL}",
        0.6,
    ),
    (
        "unit on its line",
        rf"(?:(?<=\n)|(?<=\n[ >])|(?<=\n[ >] )|(?<=\n\?\?\? )|(?<=\n    )){UNIT}(?=[ \t]*(?:\n|$))",
        0.5,
    ),
    (
        "corner",
        rf"(?i:(?:the )?corner of )(?:{_NAMES})?(?:[0-9]{{1,5}}[ ])?(?:{_NAMES})?(?i:and "
        rf"){NAME}(?:[ ](?:{NAME}|[0-9]{{1,5}})){{0,3}}",
        0.6,
    ),
    ("number, names and number", rf"{_LEFT}[0-9]{{1,6}}[ ]{_NAMES}[0-9]{{1,5}}[A-Za-z]?{_RIGHT}{TAIL}", 0.3),
    ("names and number", rf"{_LEFT}{_NAMES}[0-9]{{1,5}}[A-Za-z]?{_RIGHT}{TAIL}", 0.3),
    ("number and names", rf"{_LEFT}[0-9]{{1,6}}[ ](?:{NAME}[ ]){{1,4}}{NAME}(?i:[ ]{SUFFIX}\.?)?{_RIGHT}{TAIL}", 0.3),
)
NEEDS_CONTEXT = ("number, names and number", "names and number", "number and names")
CONTEXT = (
    "address is, address, addresses, addressed to, lives at, live at, living at, lives on, "
    "live on, located at, located on, "
    "office is at, offices are at, residing at, resides at, resident at, moved to, live "
    "in, drops you off at, meet you at, "
    "meet at, deliver to, delivered to, ship to, shipped to, mail to, mailed to, return "
    "to, sent to, arrived at, arrives at, "
    "bus stop is on, station is on, home at, wohnhaft, wohnt in, anschrift, adresse, domicilié, domiciliée, demeurant, "
    "habite, dirección, domicilio, vive en, indirizzo, residente in, abita in, endereço, mora na, adres, woonachtig"
)
REACH, AFTER = 32, 0
GLUED = False
GATE = (
    "apt", "apartment", "suite", "ste", "appt", "corner of", "address", "addresses", "addressed to", "lives at",
    "live at", "living at", "lives on", "live on", "live in", "located at", "located on", "is at", "are at",
    "residing at",
    "resides at", "resident at", "moved to", "drops you off", "meet you at", "meet at", "deliver to", "delivered to",
    "ship to", "shipped to", "mail to", "mailed to", "return to", "sent to", "arrived at", "arrives at", "stop is on",
    "station is on", "home at", "wohnhaft", "wohnt in", "anschrift", "adresse", "domicilié", "domiciliée", "demeurant",
    "habite", "dirección", "domicilio", "vive en", "indirizzo", "residente in", "abita in", "endereço", "mora na",
    "adres",
    "woonachtig",
)  # fmt: skip


_NO_STREET = re.compile(
    r"(?i)(?:[0-9]{1,6}[ ])?(?:jan(?:uary|vier|uar)?|feb(?:ruary|ruar)?|f[eé]v(?:rier)?"
    r"|mar(?:ch|s)|märz|apr(?:il)?|avril|may|mai|june?|juin"
    r"|juni|july?|juillet|juli|aug(?:ust)?|août|sept?(?:ember|embre)?|o[ck]t(?:ober|obre)?|nov(?:ember|embre)?"
    r"|de[cz](?:ember)?|décembre|during|since|until|before|after|about|over|around|in|on|at|by|from|for|the|no\.?|nr\.?"
    r"|article|section|chapter|page|part|figure|table|volume|number|version|room|phase|top|week|day|year|level|grade"
    r"|notwithstanding|tel\.?|phone|fax|mobile|call|zip|apt\.?|suite)(?![a-z])"
    r"|.*[ ](?:1[5-9]|20)[0-9]{2}$"
)


def check(match: str) -> bool | None:
    """No find for a date, a year, a part of a book and the like."""
    return False if _NO_STREET.match(match) and not match.lower().startswith(("the corner", "apt", "suite")) else None
