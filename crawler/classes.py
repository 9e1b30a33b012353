"""Source classes: which lists name an address ("pirate", "stock_agency", ...), answered before it is fetched.

The lists are data: `policies/source-classes.yaml` and the operator's own, in the same form or as lists in the common
formats (crawler/class_lists.py). docs/release.md describes both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from crawler.class_lists import Kind, ListError, address, read_list
from crawler.policy.load import SHIPPED
from crawler.policy.read import Loc, PolicyError, Source, read, unknown
from crawler.policy.vocabulary import values_of
from crawler.urls import host_of, normalize

FILE = "source-classes.yaml"
CLASSES = values_of("source.class")

Word = Annotated[str, Field(min_length=1)]
Names = tuple[Word, ...]
Day = Annotated[date, Strict()]


class _Strictly(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Entry(_Strictly):
    """Some addresses of one class, and who says so."""

    class_: Word = Field(alias="class", description="The class: pirate, stock_agency, ...")
    name: str = Field(default="", description="What the site is called")
    domains: Names = Field(default=(), description="Each name and all below it")
    hosts: Names = Field(default=(), description="Each host, and nothing below it")
    urls: Names = Field(default=(), description="Each address, and what is below it")
    list: Word | None = Field(default=None, description="A file with one name or address a line, seen from this file")
    source: Word = Field(description="Who says so, where")
    date: Day = Field(description="When they said so, or when the list was taken")
    checked: Literal["V", "K", "U"] = Field(default="U", description="V read there; K well known; U unconfirmed")
    note: str = ""

    @model_validator(mode="after")
    def _name_something(self) -> Self:
        if not (self.domains or self.hosts or self.urls or self.list):
            raise PydanticCustomError("entry", "an entry needs domains, hosts, urls or a list")
        return self


class ClassFile(_Strictly):
    """A file of source classes."""

    replace: bool = Field(default=False, description="true: the shipped list is left out")
    classes: tuple[Entry, ...] = ()


class _AnyFile(BaseModel):
    """Either form, told apart by the key `classes`."""

    model_config = ConfigDict(extra="allow")


class SourceClasses:
    """Says the classes of an address: a few look-ups, however long the lists are.

    Some 150 bytes a name and kind; all names of one class share one set of words.
    """

    def __init__(self) -> None:
        self._names: dict[Kind, dict[str, frozenset[str]]] = {kind: {} for kind in Kind}
        self._unions: dict[frozenset[str], frozenset[str]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._names.values()))

    def add(self, name: str, kind: Kind, known: str) -> None:
        """Put a name, spelled as `class_lists.address` spells it, into a class."""
        names = self._names[kind]
        union = names.get(name, frozenset()) | {known}
        names[name] = self._unions.setdefault(union, union)

    def of(self, url: str) -> tuple[str, ...]:
        """The classes of an address, sorted."""
        host = host_of(url).rstrip(".")
        found = set(self._names[Kind.HOST].get(host, ()))
        for name in _above(host) if self._names[Kind.DOMAIN] else ():
            found |= self._names[Kind.DOMAIN].get(name, frozenset())
        for prefix in _prefixes(url) if self._names[Kind.URL] else ():
            found |= self._names[Kind.URL].get(prefix, frozenset())
        return tuple(sorted(found))


def load_classes(path: Path | None = None, *, shipped: Path | None = None) -> SourceClasses:
    """The shipped classes with those of the operator's file, or without where that says `replace: true`.

    Raises:
        PolicyError: A file has a mistake; the message names the line.
    """
    sources = [_read(path)] if path else []
    if not any(source.content.replace for source in sources):
        sources.insert(0, _read(shipped or SHIPPED / FILE))
    classes = SourceClasses()
    for source in sources:
        for place, entry in enumerate(source.content.classes):
            _add(classes, entry, source, place)
    return classes


def _read(path: Path) -> Source[ClassFile]:
    """The file in our form; the simple one, a mapping of class to domains, is turned into it."""
    any_file = read(path, _AnyFile)
    given: Mapping[str, Any] = any_file.content.model_extra or {}
    if not given or "classes" in given or "replace" in given:
        return read(path, ClassFile)
    for name, names in given.items():
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            raise PolicyError(
                any_file.at(name),
                f"{name}: is no list of names",
                "pirate: [books.example]",
                "or the form with 'classes:'",
            )
    today = date.today()
    entries = tuple(
        Entry.model_construct(class_=name, domains=tuple(names), source="the operator", date=today)
        for name, names in given.items()
    )
    lines: dict[Loc, int] = {("classes", place): any_file.lines[(name,)] for place, name in enumerate(given)}
    return Source(path, ClassFile.model_construct(classes=entries), {**any_file.lines, **lines})


def _add(classes: SourceClasses, entry: Entry, source: Source[ClassFile], place: int) -> None:
    where = source.at("classes", place, "class")
    if entry.class_ not in CLASSES:
        raise unknown(where, "source class", entry.class_, CLASSES)
    for field, kind in (("domains", Kind.DOMAIN), ("hosts", Kind.HOST), ("urls", Kind.URL)):
        for number, written in enumerate(getattr(entry, field)):
            if (name := address(written, kind)) is None:
                at = source.at("classes", place, field, number)
                raise PolicyError(at, f"{written!r} is no {kind.value}", kind.example, "correct it or take it out")
            classes.add(name, kind, entry.class_)
    if entry.list:
        try:
            for name, kind in read_list(source.path.parent / entry.list):
                classes.add(name, kind, entry.class_)
        except ListError as error:
            raise PolicyError(error.where, error.found, error.allowed, "correct the line or take it out") from error


def _above(host: str) -> Iterator[str]:
    """The host and every name it lies below: a.b.example, b.example, example."""
    while host:
        yield host
        host = host.partition(".")[2]


def _prefixes(url: str) -> Iterator[str]:
    """Every address that this one is, or is below, without scheme: host/, host/a, host/a/, host/a/b, host/a/b?q."""
    written = address(normalize(url) or url, Kind.URL)
    if written is None:
        return
    yield written
    path = written.partition("?")[0]
    yield path
    place = path.find("/")
    while place >= 0:
        yield path[: place + 1]
        yield path[:place]
        place = path.find("/", place + 1)
