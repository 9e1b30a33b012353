"""Telephone numbers in any grouping right after a word that announces one, whatever numbering plans say."""

from crawler.pii.checks import digits_of
from crawler.pii.recognizers import phone_number
from crawler.pii.recognizers.phone_number import EXTENSION, is_plausible, without_extension
from crawler.pii.shapes import NUMBER_LEFT, NUMBER_RIGHT

ENTITY = "PHONE_NUMBER"
KIND = "contact"

PATTERNS = (
    (
        "any",
        rf"{NUMBER_LEFT}(?:\((?=[0-9 ]{{1,6}}\)))?[0-9](?:[ ().\-/]{{0,3}}[0-9]){{5,14}}{EXTENSION}{NUMBER_RIGHT}",
        0.4,
    ),
)
NEEDS_CONTEXT = ("any",)
CONTEXT = phone_number.CONTEXT
REACH = 20
AFTER = 0


def check(match: str) -> bool | None:
    number = without_extension(match)
    return None if is_plausible(number, digits_of(number)) else False
