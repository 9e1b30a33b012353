"""The stored records behind a decision as a page may show them: status, headers, the lines that facts point at.

Never the body of a page. Of site files, which declare something on purpose, the lines named by facts are shown, masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from crawler.audit.fact_places import ShownFact
from crawler.document import Fetched
from crawler.pii.mask import is_secret_name, mask_text, mask_url
from crawler.sources.evidence import FOLDER
from crawler.sources.one_record import read_record
from crawler.sources.storage import SourceError

MOST_RECORDS = 12
MOST_LINES = 40  # of one site file
LONGEST = 400  # characters of a line or header
AROUND = 1  # lines shown before and after one that a fact names
_LINE = re.compile(r"(?:file:)?(?P<file>[^:#]+\.(?:txt|json|xml))(?::L(?P<line>[0-9]{1,7}))?(?:#.*)?")
_HEADER = re.compile(r"header:(?P<name>[A-Za-z0-9-]+)(?:\[[0-9]+\])?")
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class FileLine:
    """A line of a site file; `named` says that a fact points at it."""

    number: int
    text: str
    named: bool


@dataclass(frozen=True, slots=True)
class Record:
    """One reference with what stands there.

    Attributes:
        place: "evidence/00000.warc.gz#4711".
        url: Of the exchange, masked; "" when the record cannot be read here.
        what: "page" or "site file".
        status: "HTTP 200 OK", or why there was no answer.
        time: ISO 8601, UTC.
        headers: Name, value, and whether a fact points at it.
        lines: Of a site file, as far as facts point at them.
    """

    place: str
    url: str = ""
    what: str = ""
    status: str = ""
    time: str = ""
    headers: tuple[tuple[str, str, bool], ...] = ()
    lines: tuple[FileLine, ...] = ()


def records(crawl: Path, places: Iterable[str], facts: Iterable[ShownFact]) -> tuple[Record, ...]:
    """The records at these places, each once, in their order; those beyond MOST_RECORDS only by name."""
    wheres = [part for fact in facts for part in fact.where.split("; ")]
    return tuple(
        _record(crawl, place, wheres) if number < MOST_RECORDS else Record(place)
        for number, place in enumerate(dict.fromkeys(places))
    )


def _record(crawl: Path, place: str, wheres: list[str]) -> Record:
    try:  # what is kept with its body is kept apart, and stays there
        fetched = read_record(crawl, place).fetched if place.startswith(f"{FOLDER}/") else None
    except SourceError:
        fetched = None
    if fetched is None:
        return Record(place)
    named = {match["name"].lower() for where in wheres if (match := _HEADER.fullmatch(where))}
    return Record(
        place,
        mask_url(fetched.url),
        "site file" if fetched.site_file else "page",
        _status(fetched),
        fetched.fetched_at.isoformat(timespec="seconds") if fetched.fetched_at else "",
        tuple(
            (name, _shown(name, value), not fetched.site_file and name.lower() in named)
            for name, value in fetched.headers
        ),
        tuple(_lines(fetched, wheres)) if fetched.site_file else (),
    )


def _status(fetched: Fetched) -> str:
    if not fetched.status:
        return f"no answer: {fetched.error.value or 'unknown'}"
    return f"HTTP {fetched.status} {_PHRASES.get(fetched.status, '')}".rstrip()


def _shown(name: str, value: str) -> str:
    if name.lower() in ("set-cookie", "cookie") or is_secret_name(name):
        return "[SECRET]"
    return mask_text(value)[:LONGEST]


def _lines(fetched: Fetched, wheres: Iterable[str]) -> Iterator[FileLine]:
    """Lines of this file that facts name, with those around them; its first ones where a fact names all of it."""
    path = urlsplit(fetched.final_url or fetched.url).path
    lines = fetched.body.decode("utf-8", "replace").splitlines()
    matches = filter(None, map(_LINE.fullmatch, wheres))
    said = {int(match["line"] or 0) for match in matches if path.endswith(f"/{match['file']}")}
    if not fetched.has_content or not said:
        return
    named = said - {0}
    wanted = {near for number in named for near in range(number - AROUND, number + AROUND + 1)}
    wanted = wanted or set(range(1, MOST_LINES + 1))
    for number in sorted(wanted & set(range(1, len(lines) + 1)))[:MOST_LINES]:
        yield FileLine(number, mask_text(lines[number - 1][: 4 * LONGEST])[:LONGEST], number in named)
