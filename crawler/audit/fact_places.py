"""Where in the files of facts those of one URL stand, and the facts at such a place."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler.audit.facts import FOLDER
from crawler.audit.read_facts import FactsError

_COLUMNS = ("name", "value", "type", "where", "quote")
_GROUPS_AT_HAND = 2  # a group is 100,000 facts at most


class FactPlace(NamedTuple):
    """Facts of one URL: `rows` of them from row `first` on, counted over the whole file."""

    url_sha256: str
    first: int
    rows: int


class ShownFact(NamedTuple):
    """A fact as it is stored; the value as text."""

    name: str
    value: str
    where: str
    quote: str


def fact_files(crawl: Path) -> list[Path]:
    """The published files of facts, in order."""
    return sorted((crawl / FOLDER).glob("[0-9]*.parquet"))


def places(path: Path) -> Iterator[FactPlace]:
    """Every stretch of facts about one URL in a file, in order. Raises FactsError."""
    name, begin, end = "", 0, 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=["url_sha256"]):
                runs = pc.run_end_encode(batch.column(0))
                offset = end
                for value, run_end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
                    if value != name:
                        if end > begin:
                            yield FactPlace(name, begin, end - begin)
                        name, begin = value, end
                    end = offset + run_end
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise FactsError(f"{path}: cannot be read as facts ({type(error).__name__})") from error
    if end > begin:
        yield FactPlace(name, begin, end - begin)


def facts_at(path: Path, first: int, rows: int) -> list[ShownFact]:
    """The facts at a place. Raises FactsError."""
    return [ShownFact(name, value, where, quote) for name, value, _, where, quote in rows_at(path, first, rows)]


def rows_at(path: Path, first: int, rows: int) -> list[tuple[str, str, str, str, str]]:
    """The same as they are stored: name, value, type of the value, where, quote. Raises FactsError."""
    found: list[tuple[str, str, str, str, str]] = []
    try:
        begin = 0
        for group, size in enumerate(_group_sizes(path)):
            start, stop = max(first, begin), min(first + rows, begin + size)
            if start < stop:
                table = _group(path, group).slice(start - begin, stop - start)
                columns = (table.column(name).to_pylist() for name in _COLUMNS)
                found += zip(*columns, strict=True)
            begin += size
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise FactsError(f"{path}: cannot be read as facts ({type(error).__name__})") from error
    return found


@lru_cache(maxsize=64)
def _group_sizes(path: Path) -> tuple[int, ...]:
    with pq.ParquetFile(path) as file:
        return tuple(file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups))


@lru_cache(maxsize=_GROUPS_AT_HAND)
def _group(path: Path, group: int) -> Any:
    with pq.ParquetFile(path, read_dictionary=list(_COLUMNS)) as file:
        return file.read_row_group(group, columns=list(_COLUMNS))
