"""How identifiers sit in text: normal form of characters, ASCII-aware bounds, placeholders of what was removed.

`\\b` is of no use beside Chinese and Japanese, whose letters are word characters; the bounds here are not. All
characters are mapped one to one, so an offset in the normal form is an offset in the text.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache

FILLER = "\ue000"  # private use: stands where a find was removed; counts as a letter in every bound, and in no pattern
LEFT = rf"(?<![0-9A-Za-z{FILLER}])"
RIGHT = rf"(?![0-9A-Za-z{FILLER}])"
# A number is also no part of a decimal, a DOI, a UUID or a file name.
NUMBER_LEFT = LEFT + r"(?<![0-9A-Za-z][-/_])(?<![0-9]\.)"
NUMBER_RIGHT = RIGHT + r"(?![-_][0-9A-Za-z]|\.[0-9])"
# The same bounds for an identifier that touches Latin letters, as in NHS9434765919; `is_free_before` looks further.
_GLUED = (
    (NUMBER_LEFT, rf"(?<![0-9{FILLER}])(?<![0-9][-/_.])"),
    (NUMBER_RIGHT, rf"(?![0-9{FILLER}]|[-_][0-9A-Za-z]|\.[0-9])"),
    (LEFT, rf"(?<![0-9{FILLER}])"),
    (RIGHT, rf"(?![0-9{FILLER}])"),
)
_LETTERS_BEFORE = re.compile(rf"(?<![0-9A-Za-z{FILLER}%@&=+~])(?<![0-9A-Za-z][-/_.:])(?<!/)[A-Za-z]{{0,20}}[-_/]?$")
_LETTERS_AFTER = re.compile(rf"[A-Za-z]{{0,20}}(?![0-9A-Za-z{FILLER}_@]|[-/.][0-9A-Za-z])")
_HEX = re.compile(
    r"(?=[0-9A-Fa-f]*?(?:[0-9][A-Fa-f]+[0-9]|[A-Fa-f][0-9]+[A-Fa-f]))(?:[0-9a-f]{8}|[0-9A-F]{8}){2,}"
)  # letters and digits by turns: 7561234567897abc is none

DIGITS = r"[0-9](?:[^0-9A-Za-z\n]{0,3}[0-9]){5}"  # the gate of most identifiers: six digits close together
CODE = "[0-9A-Z]{8}"  # the gate of identifiers that mix capitals and digits

# Words after which a number names a thing; for identifiers whose check digit is weak.
NAMES_A_THING = (
    r"(?i:(?<![a-z])(?:isbn|issn|doi|pmid|pmcid|arxiv|oclc|jan|ean|upc|gtin|asin|sku|barcode|isin|imei|vin|ndc|pzn|cas|lot"
    r"|(?:order|invoice|tracking|article|item|product|part|model|serial|ticket|case|docket|patent|issue|build|version"
    r"|release|chapter|section|figure|table|page|pages|pp?|vol|volume|rfc|error|code)(?:[ ]?(?:no|nr|number|id|code))?)"
    r"|注文番号|商品番号|商品コード|品番|型番|伝票番号|問い合わせ番号|法人番号|会員番号|顧客番号|受付番号|管理番号|予約番号|订单号|货号|条形码|客户编号"
    r"|주문번호|송장번호|운송장번호|상품번호)[.:#№\s]{0,3}$"
)

LONG = r"[0-9A-Za-z_+/=.-]{20}"  # the gate of keys and wallets

PERSON = "PERSON"
_RARE = re.compile("[\U00010000-\U0010ffff]")  # beyond the tables that make a set of characters fast
_SPACES = "\u00a0\u2007\u2009\u200a\u202f\u3000"
_HYPHENS = "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\ufe63\uff0d"


def normal(text: str) -> str:
    """The text with full-width forms, spaces, hyphens and foreign digits as ASCII; every offset stays what it was."""
    if text.isascii():
        return text
    table = _normal_form()
    text = _foreign().sub(lambda found: table[ord(found.group())], text)
    return _RARE.sub(lambda found: table.get(ord(found.group()), found.group()), text)


@cache
def _foreign() -> re.Pattern[str]:
    """What has a normal form of its own; faster than `str.translate`, which looks every character up."""
    return re.compile(f"[{''.join(chr(code) for code in _normal_form() if code < 0x10000)}]")


@cache
def _normal_form() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    for code in range(0x80, sys.maxunicode + 1):
        digit = unicodedata.decimal(chr(code), None)
        if digit is not None:
            table[code] = str(digit)
    table.update(dict.fromkeys(map(ord, _SPACES), " "))
    table.update(dict.fromkeys(map(ord, _HYPHENS), "-"))
    return table


def glued(regex: str) -> str:
    """The expression with bounds that let Latin letters touch a match."""
    for bound, looser in _GLUED:
        regex = regex.replace(bound, looser)
    return regex


def is_free_before(text: str, start: int) -> bool:
    """Whether a match with the letters before it begins a token: it is no part of a path, a hash, a name."""
    return bool(_LETTERS_BEFORE.search(text, max(start - 24, 0), start))


def is_free_after(text: str, end: int) -> bool:
    """Whether a match with the letters after it ends a token."""
    return bool(_LETTERS_AFTER.match(text, end))


def is_hexadecimal(text: str, start: int, end: int) -> bool:
    """Whether a match with the letters that touch it may be a hash: 16, 24, 32 ... hexadecimal digits."""
    before, after = _LETTERS_BEFORE.search(text, max(start - 24, 0), start), _LETTERS_AFTER.match(text, end)
    return bool(before and after and _HEX.fullmatch(text, before.start(), after.end()))


def placeholders(entities: tuple[str, ...]) -> re.Pattern[str]:
    """Matches what `redact.treat` writes: [EMAIL_ADDRESS] and [PERSON-3f9a1c2b7d]."""
    names = "|".join(sorted(map(re.escape, entities)))
    return re.compile(rf"\[(?P<entity>{names})(?:-[0-9a-f]{{10}})?\]")
