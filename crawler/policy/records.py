"""Licenses and consents that the operator holds: what meets require-license and require-consent.

records:
  - id: license-2026-004
    kind: license
    source: https://news.example/archive/     # or a host: news.example, or *.news.example for all below it
    scope: {run.commercial: yes}              # left out: for every use
    from: 2026-01-01
    until: 2027-12-31
    note: contract of 12 December 2025, signed copy with legal
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crawler.policy.model import Day, Strictly, Values, Word
from crawler.policy.policy import Stated, stated
from crawler.policy.read import PolicyError, read, unknown
from crawler.policy.vocabulary import check_values

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(\*\.)?[^\s/:@?#*.]+(\.[^\s/:@?#*.]+)*")


def _source(text: str) -> str:
    """Check a host, or the beginning of an address."""
    if "://" not in text:
        if _HOST.fullmatch(text):
            return text
    elif (parts := _split(text)) and parts.hostname and not (parts.query or parts.fragment or parts.username):
        return text
    raise PydanticCustomError(
        "source", "a host (news.example, *.news.example) or the beginning of an http(s) address without query"
    )


class Record(Strictly):
    """One license or consent on file."""

    id: Word
    kind: Literal["license", "consent"]
    source: Annotated[Word, AfterValidator(_source)] = Field(description="A host, or the beginning of an address")
    scope: dict[Word, Values] = Field(default={}, description="Facts that must be stated, as in a rule's `when`")
    valid_from: Day | None = Field(default=None, validation_alias="from", serialization_alias="from")
    valid_until: Day | None = Field(default=None, validation_alias="until", serialization_alias="until")
    note: str = ""


class Records(Strictly):
    """The file."""

    records: tuple[Record, ...]


def load_records(path: Path, known_facts: Collection[str]) -> tuple[Record, ...]:
    """Read the operator's file of records.

    Raises:
        PolicyError: It cannot be read, breaks the form above, an unknown fact or value, or repeats an id.
    """
    file = read(path, Records)
    seen: set[str] = set()
    for index, record in enumerate(file.content.records):
        if record.id in seen:
            where = file.at("records", index, "id")
            raise PolicyError(where, f"record id {record.id!r} a second time", todo="give each record an id of its own")
        seen.add(record.id)
        for name, values in record.scope.items():
            where = file.at("records", index, "scope", name)
            if name not in known_facts:
                raise unknown(where, "fact", name, known_facts)
            check_values(where, name, values)
    return file.content.records


def held(
    records: Iterable[Record], kinds: Collection[str], url: str, known: Collection[Stated], day: date
) -> dict[str, str]:
    """Kind -> id of a record that speaks of this page, this use and this day, the first by id. Doubt is no."""
    found: dict[str, str] = {}
    page = _split(url)
    for record in records:
        if page and record.kind in kinds and _holds(record, known, day) and _within(_place(record.source), page):
            found[record.kind] = min(record.id, found.get(record.kind, record.id))
    return found


def _holds(record: Record, known: Collection[Stated], day: date) -> bool:
    return (record.valid_from or date.min) <= day <= (record.valid_until or date.max) and all(
        any(stated(name, value) in known for value in values) for name, values in record.scope.items()
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """A source, taken apart: a host ("" as scheme), with `below` all hosts below it; or the beginning of an address."""

    host: str
    below: bool = False
    scheme: str = ""
    port: int = 0
    path: str = ""


@lru_cache(maxsize=16_384)
def _place(source: str) -> _Place:
    if (parts := _split(source)) is None:
        return _Place(_ascii(source.removeprefix("*.")), below=source.startswith("*."))
    return _Place(_host(parts), scheme=parts.scheme, port=_port(parts), path=parts.path)


def _within(place: _Place, page: SplitResult) -> bool:
    host = _host(page)
    if place.below:
        return host.endswith(f".{place.host}")
    if host != place.host or not place.scheme:
        return host == place.host
    climbs = ".." in unquote(page.path).replace("\\", "/").split("/")
    inside = page.path == place.path or page.path.startswith(place.path.rstrip("/") + "/")
    return (page.scheme, _port(page)) == (place.scheme, place.port) and inside and not climbs


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) address; None when it is none."""
    try:
        parts = urlsplit(url)
        return parts if parts.scheme in _PORTS and parts.hostname and _port(parts) else None
    except ValueError:
        return None


def _host(parts: SplitResult) -> str:
    return _ascii(parts.hostname or "")


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]


def _ascii(host: str) -> str:
    """The host as it is sent: lower case, other scripts as xn--, no dot at the end."""
    host = host.lower().rstrip(".")
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
