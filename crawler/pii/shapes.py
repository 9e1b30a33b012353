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

DIGITS = r"[0-9](?:[^0-9A-Za-z\n]{0,3}[0-9]){5}"  # the gate of most identifiers: six digits close together

# Words after which a number names a thing; for identifiers whose check digit is weak.
NAMES_A_THING = (
    r"(?i:(?<![a-z])(?:isbn|issn|doi|pmid|pmcid|arxiv|oclc|jan|ean|upc|gtin|asin|sku|barcode|isin|imei|vin"
    r"|(?:order|invoice|tracking|article|item|product|part|model|serial|ticket|case|docket|patent|issue|build|version"
    r"|release|chapter|section|figure|table|page|pages|pp?|vol|volume|rfc|error|code)(?:[ ]?(?:no|nr|number|id|code))?)"
    r"|注文番号|商品番号|商品コード|品番|型番|伝票番号|問い合わせ番号|法人番号|订单号|货号|条形码)[.:#№\s]{0,3}$"
)

PERSON = "PERSON"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SPACES = "\u00a0\u2007\u2009\u200a\u202f\u3000"
_HYPHENS = "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\ufe63\uff0d"


def normal(text: str) -> str:
    """The text with full-width forms, spaces, hyphens and foreign digits as ASCII; every offset stays what it was."""
    return text if text.isascii() else text.translate(_normal_form())


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


def placeholders(entities: tuple[str, ...]) -> re.Pattern[str]:
    """Matches what `redact.treat` writes: [EMAIL_ADDRESS] and [PERSON-3f9a1c2b7d]."""
    names = "|".join(sorted(map(re.escape, entities)))
    return re.compile(rf"\[(?P<entity>{names})(?:-[0-9a-f]{{10}})?\]")
