"""Telephone numbers that nobody has: those that regulators keep for fiction, elsewhere those that no plan gives out.

Kept for fiction: 555-0100 to 555-0199 (NANPA), Ofcom's numbers for drama (United Kingdom), ACMA's (Australia), ARCEP's
(France), the Bundesnetzagentur's (Germany), ComReg's (Ireland), PTS' (Sweden). No other regulator is known to us to
keep any; there the number begins as no subscriber's does, most often with a 0 after its area or its mobile prefix, and
the metadata of `phonenumbers` must not know it. The area is drawn, too: it would say where somebody lives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.pii.shapes import normal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.pii.surrogates.draw import Draw

_AREAS = (202, 212, 213, 303, 305, 312, 404, 415, 504, 512, 602, 612, 617, 702, 713, 808, 907)


@dataclass(frozen=True, slots=True)
class Plan:
    """Numbers of one country that nobody has.

    Attributes:
        fixed, mobile: What they begin with, without the trunk prefix; "#" is drawn. Without "#", digits are drawn up to
            the length of the number that is replaced.
        is_mobile: What a mobile number begins with.
        trunk: What is dialled before a number within the country.
    """

    fixed: tuple[str, ...]
    mobile: tuple[str, ...] = ()
    is_mobile: str = "x"
    trunk: str = "0"


PLANS: Mapping[str, Plan] = {
    "1": Plan(tuple(f"{area}55501##" for area in _AREAS), trunk="1"),
    "44": Plan(("2079460###", "1614960###", "1314960###", "1134960###", "1214960###"), ("7700900###",), "7"),
    "61": Plan(("25550####", "27010####", "35550####", "37010####", "75550####", "77010####", "85550####")),
    "33": Plan(("19900####", "26191####", "35301####", "46571####", "53649####"), ("63998####",), "[67]"),
    "49": Plan(("3023125###", "6990009###", "4066969###", "2214710###", "8999998###")),
    "353": Plan(("2091#####",)),
    "46": Plan(("3139006##", "4062804##"), ("7017406##",), "7"),
    "81": Plan(("30",), ("900",), "[5-9]0"),
    "86": Plan(("210",), ("100",), "1[3-9]"),
    "82": Plan(("20",), ("140",), "1"),
    "886": Plan(("30",), ("70",), "9"),
    "852": Plan(("0",), trunk=""),
    "65": Plan(("0",), trunk=""),
    "91": Plan(("110",), ("0",), "[6-9]"),
    "39": Plan(("00",), ("30",), "3", trunk=""),
    "34": Plan(("20",), trunk=""),
    "31": Plan(("21",), ("60",), "6"),
    "32": Plan(("20",), ("400",), "4"),
    "41": Plan(("20",), ("700",), "7"),
    "43": Plan(("10",), ("640",), "6"),
    "48": Plan(("20",), ("40",), "[5-8]", trunk=""),
    "55": Plan(("110",), ("1100",), "[1-9]{2}9"),
    "7": Plan(("200",), ("100",), "9", trunk="8"),
}
COUNTRY_OF: Mapping[str, str] = {
    "en": "1", "ja": "81", "zh": "86", "ko": "82", "de": "49", "fr": "33", "es": "34", "it": "39", "nl": "31",
    "pl": "48", "pt": "55", "sv": "46", "ru": "7",
}  # fmt: skip
_CODES = sorted(PLANS, key=len, reverse=True)
_DIGIT = re.compile("[0-9０-９]")
_TRIES = 40


def phone(value: str, language: str, draw: Draw) -> str | None:
    """A number in the shape of this one; None for a country that no plan is known of, or without a number to be had."""
    digits = "".join(_DIGIT.findall(normal(value)))
    prefix, country = _abroad(digits) if "+" in normal(value)[:3] or digits.startswith("00") else ("", "")
    country = country or ("" if prefix else _national(digits, language))
    if country not in PLANS:
        return None
    plan, number = PLANS[country], digits[len(prefix) :]
    before = plan.trunk if not prefix and plan.trunk and number.startswith(plan.trunk) else ""
    for _ in range(_TRIES):
        drawn = _number(plan, number[len(before) :], draw)
        if not _exists(country, drawn):
            return _shaped(prefix + before + drawn, value, prefix)
    return None


def _abroad(digits: str) -> tuple[str, str]:
    """The digits up to the country code, and the code; "" where no plan is known."""
    bare = digits.removeprefix("00")
    code = next((code for code in _CODES if bare.startswith(code)), "")
    return digits[: len(digits) - len(bare)] + (code or bare), code


def _national(digits: str, language: str) -> str:
    """The country whose habit a national number follows."""
    if language in ("", "en") and digits.startswith("0"):
        return "44"
    return "1" if language == "" else COUNTRY_OF.get(language, "")


def _number(plan: Plan, number: str, draw: Draw) -> str:
    mobile = plan.mobile and re.match(plan.is_mobile, number)
    pattern = draw.one_of(plan.mobile if mobile else plan.fixed)
    if "#" in pattern:
        return re.sub("#", lambda _: draw.digits(1), pattern)
    return pattern + draw.digits(max(len(number) - len(pattern), 4))


def _exists(country: str, number: str) -> bool:
    """Whether the metadata know it; those kept for fiction are known in some countries, and nobody's all the same."""
    from phonenumbers import NumberParseException, is_valid_number, parse

    if any("#" in pattern for pattern in PLANS[country].fixed):
        return False
    try:
        return bool(is_valid_number(parse(f"+{country}{number}", None)))
    except NumberParseException:
        return False


def _shaped(number: str, value: str, prefix: str) -> str:
    """The digits in the places of the value's digits, in the same width, if they are as many; else in one piece."""
    places = [match.start() for match in _DIGIT.finditer(value)]
    if len(places) != len(number):
        return f"+{number}" if prefix and not prefix.startswith("00") else number
    chars = list(value)
    for place, digit in zip(places, number, strict=True):
        chars[place] = digit if chars[place].isascii() else chr(ord(digit) + 0xFEE0)
    return "".join(chars)
