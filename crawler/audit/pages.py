"""The pages of a crawl as its facts tell them, one at a time, for whoever wants to decide about them again.

Facts and ledger were written page by page in the same order, so both are read once, side by side, and memory does not
grow with the crawl.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from crawler.audit.answered import Answered
from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.find import Wanted
from crawler.audit.line import LOOKED_FOR
from crawler.audit.lines import outcomes
from crawler.audit.read_facts import read_rows
from crawler.audit.read_run import read_run
from crawler.document import Fact, FactValue

_COLUMNS = ("url_sha256", "url", "name", "value", "type", "where", "quote")
_MOST_AHEAD = 10_000  # URLs of the ledger read ahead: one whose facts were lost in a crash is passed by
_SEPARATOR = ":"  # in the id of a record, "<sha256>:<policy>"


@dataclass(frozen=True, slots=True)
class StoredPage:
    """What a crawl knows of one URL.

    Attributes:
        url_sha256: Name of the unmasked address.
        url: The address, masked.
        facts: In the order in which they were stated: site files first, then the page, then its text.
        looked_for: Whether its text was searched for personal data; if not, every policy had closed it before.
    """

    url_sha256: str
    url: str
    facts: tuple[Fact, ...]
    looked_for: bool


def pages(crawl: Path) -> Iterator[StoredPage]:
    """Every page of a crawl, in its order. Raises FactsError."""
    searched = _Searched(crawl)
    for name, url, facts in _grouped(crawl, None):
        yield StoredPage(name, url, facts, searched.holds(name))


def pages_of_all(crawl: CrawlFolder) -> Iterator[StoredPage]:
    """The same of a merged folder: each address once, as the first segment that has its facts tells it."""
    if not crawl.is_merged:
        yield from pages(crawl.path)
        return
    with Answered() as told:
        for segment in crawl.segments:
            for one in pages(segment):
                if told.is_new(one.url_sha256, ""):
                    yield one


def page(crawl: Path, what: Wanted) -> StoredPage | None:
    """The first page that is asked for; None when there is none. Raises FactsError."""
    for name, url, facts in _grouped(crawl, what):
        looked_for = any(
            line["url_sha256"] == name and line.get("stage") in LOOKED_FOR
            for _, line in outcomes(crawl, partial(_holds, name.encode()))
        )
        return StoredPage(name, url, facts, looked_for)
    return None


def name_of(record: str) -> str:
    """The SHA-256 in the id of a record; what is none is returned as it is.

    >>> name_of("ab" * 32 + ":jp+eu") == "ab" * 32
    True
    """
    name, _, _ = record.partition(_SEPARATOR)
    return name if len(name) == 64 and all(c in "0123456789abcdef" for c in name) else record


def run_of(crawl: Path) -> dict[str, str]:
    """The run's facts by argument, as run.json tells them; {} where it does not."""
    run = (read_run(crawl) or {}).get("run")
    return {str(name): str(value) for name, value in run.items()} if isinstance(run, dict) else {}


def _grouped(crawl: Path, what: Wanted | None) -> Iterator[tuple[str, str, tuple[Fact, ...]]]:
    rows_of_crawl = read_rows(crawl, _COLUMNS, partial(_mask, what=what) if what else None)
    for (name, url), rows in groupby(rows_of_crawl, key=lambda row: (row[0], row[1])):
        yield name, url, tuple(fact_of(*row[2:]) for row in rows)


def _mask(batch: Any, what: Wanted) -> Any:
    named = pc.is_in(batch.column("url_sha256"), value_set=pa.array(sorted(what.names), pa.string()))
    return pc.or_(named, pc.is_in(batch.column("url"), value_set=pa.array(sorted(what.urls), pa.string())))


@lru_cache(maxsize=16_384)
def fact_of(name: str, value: str, kind: str, where: str, quote: str) -> Fact:
    """A fact as it is stored; they repeat from page to page."""
    return Fact(name, _value(value, kind), where, quote)


def _value(text: str, kind: str) -> FactValue:
    if kind == bool.__name__:
        return text == "true"
    return int(text) if kind == int.__name__ else text


class _Searched:
    """Says of URLs, asked for in the ledger's order, whether some policy went on to look for personal data."""

    def __init__(self, crawl: Path) -> None:
        self._stages = _stages(crawl)
        self._ahead: dict[str, bool] = {}

    def holds(self, name: str) -> bool:
        while name not in self._ahead and len(self._ahead) < _MOST_AHEAD:
            following = next(self._stages, None)
            if following is None:
                break
            self._ahead[following[0]] = following[1]
        return self._ahead.pop(name, False)


def _holds(needle: bytes, content: bytes) -> bool:
    return needle in content


def _stages(crawl: Path) -> Iterator[tuple[str, bool]]:
    """URL and whether one of its lines, which stand together, ends where personal data was looked for."""
    for name, lines in groupby(outcomes(crawl), key=lambda placed: str(placed.line["url_sha256"])):
        yield name, max([line.get("stage") in LOOKED_FOR for _, line in lines])
