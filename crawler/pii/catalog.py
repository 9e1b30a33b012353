"""What can be found, in one list: entity, kind, what finds it, what is checked, in which languages, and how well.

Measured figures stand in `measured.toml`, written by `python -m benchmarks.pii_quality`; the documents and `scrapy pii
list` read the same file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from crawler.pii import recognizers
from crawler.pii.name_finder import PERSON_KIND
from crawler.pii.shapes import PERSON
from crawler.pii.why import PATTERNS

FIGURES = Path(__file__).with_name("measured.toml")
ANY = "any"

# The languages of countries whose identifiers are known; in texts of other languages they are looked for all the same.
_SPOKEN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AU": ("en",), "BE": ("nl", "fr", "de"), "BR": ("pt",), "CA": ("en", "fr"), "CH": ("de", "fr", "it"),
        "CN": ("zh",), "DE": ("de",), "ES": ("es",), "FR": ("fr",), "HK": ("zh", "en"), "IN": ("en", "hi"),
        "IT": ("it",), "JP": ("ja",), "KR": ("ko",), "NL": ("nl",), "PL": ("pl",), "SG": ("en", "zh"), "TW": ("zh",),
        "UK": ("en",), "US": ("en",), "ABA": ("en",),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured of one label on one set.

    Attributes:
        entity: Ours.
        label: The set's own word.
        language: ISO 639-1, "" for a set without one.
        gold: Spans in the set.
        strict, overlap: Precision "p", recall "r" and "f1", from 0 to 1.
        engine: What found it.
        stock: The same as `overlap`, of Presidio as it comes; None where it was not run, or has no model.
        note: What a reader must know of this figure.
        command: What prints the figure again.
        day: ISO 8601.
    """

    entity: str
    label: str
    set: str
    gold: int
    overlap: Mapping[str, float]
    engine: str
    command: str
    day: str
    language: str = ""
    strict: Mapping[str, float] = field(default_factory=dict)
    stock: Mapping[str, float] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Speed:
    """KB a second on one core, ours and Presidio's in the same run (0 where it was not run)."""

    what: str
    ours: float
    stock: float
    command: str
    day: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entity as one engine finds it; `languages` are those in which it is most at home, `ANY` for all."""

    entity: str
    kind: str
    engine: str
    checks: str
    languages: tuple[str, ...]
    figures: tuple[Figure, ...]

    def is_in(self, language: str) -> bool:
        """Whether it is of use in a language: everything is but other countries' identifiers and other engines."""
        return self.languages == (ANY,) or language in self.languages


def catalog(engines: Mapping[str, str]) -> tuple[Entry, ...]:
    """Every entity, sorted; names once for each language that has an engine."""
    found = sorted((*_identifiers(), *_names(engines)), key=lambda entry: (entry.entity, entry.languages, entry.checks))
    return tuple(found)


def _identifiers() -> Iterator[Entry]:
    for name in recognizers.modules():
        module = import_module(f"{recognizers.__name__}.{name}")
        country = module.ENTITY.partition("_")[0]
        yield Entry(
            entity=module.ENTITY,
            kind=module.KIND,
            engine=PATTERNS,
            checks=_first_line(module.__doc__ or ""),
            languages=_SPOKEN.get(country, (ANY,)),
            figures=tuple(one for one in figures() if one.entity == module.ENTITY),
        )


def _names(engines: Mapping[str, str]) -> Iterator[Entry]:
    for language, engine in sorted(engines.items()):
        known = tuple(one for one in figures() if one.entity == PERSON and one.language == language)
        yield Entry(PERSON, PERSON_KIND, engine, "nothing; a model's opinion", (language,), known)


def _first_line(docstring: str) -> str:
    """The first paragraph of what a recognizer says of itself, on one line."""
    return " ".join(docstring.partition("\n\n")[0].split())


def figures() -> tuple[Figure, ...]:
    """What was measured, in the order of the file; nothing where there is no file."""
    return tuple(Figure(**row) for row in _measured().get("figure", ()))


def speeds() -> tuple[Speed, ...]:
    """How fast it was, in the order of the file."""
    return tuple(Speed(**row) for row in _measured().get("speed", ()))


@cache
def _measured() -> Mapping[str, Any]:
    if not FIGURES.is_file():
        return {}
    with FIGURES.open("rb") as file:
        return tomllib.load(file)
