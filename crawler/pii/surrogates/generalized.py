"""Places and days made vague or invented: addresses of no town, coordinates of a degree, a day of five years."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.pii.surrogates.words import languages, latin, words

if TYPE_CHECKING:
    from crawler.pii.surrogates.draw import Draw

BAND = 5  # years
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+")
_YEAR = re.compile(r"(?<![0-9])(?:1[89]|20)[0-9]{2}(?![0-9])")
_NUMBER = re.compile(r"[0-9]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_HAN_OR_HANGUL = re.compile("[一-鿿가-힣ぁ-ヺ]")
_ADDRESS = re.compile(r"[^\W\d_]{2}")


def address(value: str, language: str, draw: Draw) -> str | None:
    """An invented street with a number, in the language of the page; None for what is no more than a number."""
    if not _ADDRESS.search(value):
        return None
    here = language if language in languages() else latin(language)
    lists = words(here)
    numbers = {name: str(1 + draw.below(most)) for name, most in (("number", 199), ("second", 29), ("third", 29))}
    if "address" in lists and _HAN_OR_HANGUL.search(value):
        return str(lists["address"]).format(**numbers)
    lists = lists if "street" in lists else words(latin(language))
    if "street" not in lists:
        return None
    name, _, way = draw.one_of(lists["streets"]).partition("|")
    street = str(lists["street"]).format(name=name, way=way.replace("_", " "), **numbers)
    return street.replace("' ", "'")


def coordinates(value: str) -> str | None:
    """Rounded to whole degrees, about 100 km; None for what is not in decimals."""
    if not _DECIMAL.search(value):
        return None
    return _DECIMAL.sub(lambda found: str(round(float(found.group()))), value)


def birth_date(value: str, language: str, draw: Draw) -> str | None:
    """1 January of a year drawn from the same band of five; None where no year of four digits stands.

    The band is kept (1980 to 1984), the year and the day are not.
    """
    years = _YEAR.findall(value)
    if len(years) != 1:
        return None
    first = int(years[0]) - int(years[0]) % BAND
    year = str(first + draw.below(BAND))
    first_day = "1" if _LETTERS.search(value) else "01"
    changed = _NUMBER.sub(lambda found: year if found.group() == years[0] else first_day[-len(found.group()) :], value)
    return _LETTERS.sub(lambda found: _month(found.group(), language), changed)


def _month(word: str, language: str) -> str:
    """January for the name of any month, in the same language and case; other words stay."""
    for known in {language, "en", *languages()} & languages():
        january = words(known).get("january")
        if january and word.casefold() in _months(known):
            first = str(january[0])
            return first.title() if word[0].isupper() else first.lower()
    return word


def _months(language: str) -> frozenset[str]:
    return frozenset(_MONTHS[language].split())


_MONTHS = {
    "en": "january february march april may june july august september october november december"
    " jan feb mar apr jun jul aug sep sept oct nov dec",
    "de": "januar februar märz april mai juni juli august september oktober november dezember jänner feber",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
