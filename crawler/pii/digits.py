"""What matches of a regular expression are made of; read from the parsed expression."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from string import ascii_letters
from typing import Any

_parser: Any = getattr(re, "_parser")  # noqa: B009  # the module that re compiles with; mypy does not know it
_ZERO, _NINE, _NOT_LATIN = ord("0"), ord("9"), 0x250


def branches(expression: str) -> list[str]:
    """What its outermost "|" separate: each is looked for by itself, and one without classes of signs fast."""
    found, start, depth, at = [], 0, 0, 0
    in_class = False
    while at < len(expression):
        char = expression[at]
        if char == "\\":
            at += 1
        elif in_class:
            in_class = char != "]" or expression[at - 1] == "["
        elif char in "([":
            in_class, depth = char == "[", depth + (char == "(")
        elif char == ")":
            depth -= 1
        elif char == "|" and not depth:
            found.append(expression[start:at])
            start = at + 1
        at += 1
    return [*found, expression[start:]]


def fewest_digits(expression: str) -> int:
    """0 for what may match without digits; lookarounds and back references count for none."""
    return _fewest(_parser.parse(expression), _ZERO, _NINE)


def needs_other_script(expression: str) -> bool:
    """Whether a match has a character that is no Latin one."""
    return _fewest(_parser.parse(expression), _NOT_LATIN, sys.maxunicode) > 0


def _fewest(nodes: Iterable[Any], first: int, last: int) -> int:
    return sum(_of(str(operator), argument, first, last) for operator, argument in nodes)


def _of(operator: str, argument: Any, first: int, last: int) -> int:
    """The fewest characters from the first to the last one that a node matches."""
    if operator == "LITERAL":
        return int(first <= argument <= last)
    if operator == "IN":
        return int(all(_lies_in(str(kind), value, first, last) for kind, value in argument))
    if operator == "BRANCH":
        return min(_fewest(branch, first, last) for branch in argument[1])
    if operator == "SUBPATTERN":
        return _fewest(argument[-1], first, last)
    if operator == "ATOMIC_GROUP":
        return _fewest(argument, first, last)
    if operator in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return int(argument[0]) * _fewest(argument[2], first, last)
    return 0


def _lies_in(kind: str, value: Any, first: int, last: int) -> bool:
    if kind == "LITERAL":
        return bool(first <= value <= last)
    return kind == "RANGE" and bool(first <= value[0] and value[1] <= last)


def no_letters(expression: str) -> bool:
    """Whether a match has no ASCII letter; lookarounds do not count."""
    return not _may_have_letters(_parser.parse(expression))


def _may_have_letters(nodes: Iterable[Any]) -> bool:
    return any(_is_letter(str(operator), argument) for operator, argument in nodes)


def _is_letter(operator: str, argument: Any) -> bool:
    if operator == "LITERAL":
        return chr(argument).isalpha() and argument < 0x80
    if operator == "IN":
        return any(_has_letter(str(kind), value) for kind, value in argument)
    if operator == "BRANCH":
        return any(map(_may_have_letters, argument[1]))
    if operator == "SUBPATTERN":
        return _may_have_letters(argument[-1])
    if operator == "ATOMIC_GROUP":
        return _may_have_letters(argument)
    if operator in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return _may_have_letters(argument[2])
    return operator not in ("ASSERT", "ASSERT_NOT", "AT", "GROUPREF")


def _has_letter(kind: str, value: Any) -> bool:
    if kind == "LITERAL":
        return chr(value).isalpha() and value < 0x80
    if kind == "RANGE":
        return any(value[0] <= ord(char) <= value[1] for char in ascii_letters)
    return True
