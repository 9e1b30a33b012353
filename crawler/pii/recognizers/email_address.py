"""E-mail addresses, plain and spelled out with brackets. RFC 5321 4.1.2, without quoted local parts.

Domain and local part may hold Latin letters with accents, but no letters of other scripts, so that an address glued
to Chinese or Japanese text ends where it ends. No suffix list is asked: that would be a request from a pipeline.
"""

import re

from crawler.pii.shapes import FILLER, RIGHT

ENTITY = "EMAIL_ADDRESS"
KIND = "contact"

_LETTER = "0-9A-Za-z\u00c0-\u024f"
_START = rf"(?<![{_LETTER}.!#$%&'*+/=?^_`{{|}}~{FILLER}-])(?<![{_LETTER}]@)"
_LOCAL = rf"[{_LETTER}_](?:[{_LETTER}.!#$%&'*+=?^_`{{|}}~-]{{0,62}}[{_LETTER}_+-])?"
_LABEL = rf"[{_LETTER}](?:[{_LETTER}-]{{0,61}}[{_LETTER}])?"
_TOP = r"(?:[A-Za-z]{2,24}|xn--[0-9A-Za-z-]{2,59})"

PATTERNS = (
    ("plain", rf"(?:(?<=[/='*|~`?&!#$+])|{_START}){_LOCAL}@(?:{_LABEL}\.){{1,8}}{_TOP}{RIGHT}(?!@)", 0.9),
    (
        "spelled out",
        rf"{_START}{_LOCAL} ?[\[({{<] ?(?i:at) ?[\])}}>] ?{_LABEL}"
        rf"(?:(?:\.| ?[\[({{<] ?(?i:dot) ?[\])}}>] ?| (?i:dot) ){_LABEL}){{0,6}}"
        rf"(?:\.| ?[\[({{<] ?(?i:dot) ?[\])}}>] ?| (?i:dot) ){_TOP}{RIGHT}",
        0.7,
    ),
)
GATE = r"@|[\[({<] ?[aA][tT] ?[\])}>]"

# Last labels that are ends of file names, as in icon@2x.png; none of them is a top-level domain.
_FILE_ENDINGS = re.compile(
    r"(?i)\.(?:png|jpe?g|gif|svg|webp|avif|bmp|ico|tiff?|s?css|m?js|[jt]sx?|json|xml|x?html?|php|aspx?|jsp|txt|pdf"
    r"|docx?|xlsx?|pptx?|csv|mp[34]|m4a|wav|ogg|webm|woff|ttf|otf|eot|gz|bz|rar|exe|dll|local|localhost|internal"
    r"|invalid)$"
)


def check(match: str) -> bool | None:
    """No find for names of files and of machines without a domain."""
    return False if ".." in match or _FILE_ENDINGS.search(match) else None
