"""Recognizes licenses by address, SPDX identifier or SPDX expression, and says of what kind each is. States no facts.

Specification: SPDX License List 3.27 (identifiers) and SPDX 2.3 annex D (expressions), read 2026-11-22. `licenses.csv`
beside this module holds the common identifiers, each with a class that is ours; a restriction of use beyond
noncommercial makes "other-terms". `license_addresses.csv` holds where publishers of licenses keep them.
Creative Commons is a pattern of its own, in `creative_commons`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crawler.signals import creative_commons
from crawler.signals.creative_commons import NODERIVS, NONCOMMERCIAL, OPEN, OTHER, PUBLIC_DOMAIN, License

LEAST_RESTRICTIVE_FIRST = (PUBLIC_DOMAIN, OPEN, NONCOMMERCIAL, NODERIVS, OTHER)

_MAX_EXPRESSION = 1000  # characters
_MAX_DEPTH = 20  # of parentheses
_TOKEN = re.compile(r"[()]|[A-Za-z0-9.:+-]+")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:-]*\+?")
_OPERATORS = frozenset(("and", "or", "with"))
_ADDRESS = re.compile(r"(?:https?:)?//(?:www\.)?([^?#]*)", re.IGNORECASE)
_TAIL = re.compile(r"(?:\.[a-z]{2}(?:-[a-z]{2})?)?\.(?:html?|txt|php|json|xml|rdf|do)\Z|/+(?:index\.html?)?\Z")
_BY_NAME = re.compile(  # sites that keep each license under its name
    r"(?:spdx\.org/licenses|opensource\.org/licenses?|choosealicense\.com/licenses)/([a-z0-9.+-]+)\Z"
)
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")


def recognize(text: str) -> License | None:
    """The license that an address or an expression names; None where nothing says which, or what kind it is.

    >>> recognize("https://www.apache.org/licenses/LICENSE-2.0.html")
    License(spdx='Apache-2.0', classes=('open',))
    >>> recognize("MIT OR CC-BY-NC-4.0")
    License(spdx='MIT OR CC-BY-NC-4.0', classes=('open',))
    """
    return of_address(text) if "//" in text else of_expression(text)


def of_address(address: str) -> License | None:
    """The license that an address names, whatever its scheme, language or file ending."""
    if found := creative_commons.recognize(address):
        return found
    parts = _ADDRESS.match(address[:500])
    if parts is None:
        return None
    place = _TAIL.sub("", parts[1].lower())
    if known := _by_address().get(place):
        return known
    name = _BY_NAME.match(place)
    return _by_slug().get(_slug(name[1])) if name else None


def of_expression(text: str) -> License | None:
    """The license that an SPDX expression comes to; None where it is none, or holds an identifier not known here.

    Of alternatives (OR) the least restrictive may be chosen; of what holds together (AND) every restriction counts.
    An exception (WITH) only permits more.
    """
    if classes := classes_of(text):
        known = all(_class_of_id(name) for name in _ids(text))
        return License(" ".join(text.split()), classes) if known else None
    return None


def classes_of(expression: str) -> tuple[str, ...]:
    """The classes that an SPDX expression comes to, `OTHER` for identifiers not known here; none if it is malformed."""
    tokens = _tokens(expression)
    if not tokens:
        return ()
    reader = _Expression(tokens)
    try:
        classes = reader.alternatives(0)
    except ValueError:
        return ()
    return classes if reader.at_end else ()


def together(kinds: Iterable[str]) -> tuple[str, ...]:
    """What several licenses that all hold come to: every restriction, else open, else public domain."""
    found = set(kinds)
    restrictions = [kind for kind in LEAST_RESTRICTIVE_FIRST[2:] if kind in found]
    return tuple(restrictions or [kind for kind in (OPEN, PUBLIC_DOMAIN) if kind in found][:1])


def _tokens(expression: str) -> list[str]:
    text = expression.strip()
    if len(text) > _MAX_EXPRESSION or _TOKEN.sub("", text).strip():
        return []
    return _TOKEN.findall(text)


def _ids(expression: str) -> Iterator[str]:
    """The identifiers of licenses, without those of exceptions."""
    before = ""
    for token in _tokens(expression):
        if token not in "()" and token.lower() not in _OPERATORS and before.lower() != "with":
            yield token
        before = token


class _Expression:
    """Reads tokens from left to right: AND binds closer than OR, WITH closest. ValueError where they are no
    expression."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at == len(self._tokens)

    def alternatives(self, depth: int) -> tuple[str, ...]:
        choices = [self._all(depth)]
        while self._takes("or"):
            choices.append(self._all(depth))
        return min(choices, key=_restriction)

    def _all(self, depth: int) -> tuple[str, ...]:
        kinds = [*self._one(depth)]
        while self._takes("and"):
            kinds += self._one(depth)
        return together(kinds)

    def _one(self, depth: int) -> tuple[str, ...]:
        if self._takes("("):
            if depth >= _MAX_DEPTH:
                raise ValueError("too deep")
            inside = self.alternatives(depth + 1)
            if not self._takes(")"):
                raise ValueError("no closing parenthesis")
            return inside
        classes = _class_of_id(self._id()) or (OTHER,)
        if self._takes("with"):
            self._id()
        return classes

    def _id(self) -> str:
        token = "" if self.at_end else self._tokens[self._at]
        if not _ID.fullmatch(token) or token.lower() in _OPERATORS:
            raise ValueError("no identifier")
        self._at += 1
        return token

    def _takes(self, word: str) -> bool:
        takes = not self.at_end and self._tokens[self._at].lower() == word
        self._at += takes
        return takes


def _restriction(classes: tuple[str, ...]) -> tuple[int, int]:
    return max(map(LEAST_RESTRICTIVE_FIRST.index, classes)), len(classes)


class _Listed(NamedTuple):
    id: str
    classes: tuple[str, ...]


def _class_of_id(name: str) -> tuple[str, ...]:
    """The classes of one identifier, also with a "+" behind it; none where it is not known here."""
    if found := creative_commons.of_id(name):
        return found.classes
    listed = _listed().get(name.lower()) or _listed().get(name.lower().removesuffix("+"))
    return listed.classes if listed else ()


@cache
def _listed() -> Mapping[str, _Listed]:
    """Every common license by its identifier in lower case."""
    return {row["id"].lower(): _Listed(row["id"], (row["class"],)) for row in _rows("licenses.csv")}


@cache
def _by_slug() -> Mapping[str, License]:
    """The same by letters and digits alone, since sites write "apache-2-0" for Apache-2.0."""
    return {_slug(name): License(listed.id, listed.classes) for name, listed in _listed().items()}


@cache
def _by_address() -> Mapping[str, License]:
    """Licenses by address, without scheme, www, language and file ending, in lower case."""
    found = {}
    for row in _rows("license_addresses.csv"):
        classes = _listed()[row["id"].lower()].classes if row["id"] else tuple(row["classes"].split())
        found[row["address"]] = License(row["id"], classes)
    return found


def _slug(name: str) -> str:
    return _NOT_ALPHANUMERIC.sub("", name.lower())


def _rows(table: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
