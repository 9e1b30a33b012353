"""The facts of a crawl as they were written, for whoever asks about some of them; a few columns, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crawler.audit.facts import FOLDER

_COLUMNS = ("url_sha256", "name", "value")


class FactsError(ValueError):
    """A file of facts cannot be read; the message says which."""


Mask = Callable[[pa.RecordBatch], Any]  # a batch -> which of its rows are wanted


def read_rows(crawl: Path, columns: Sequence[str], mask: Mask | None = None) -> Iterator[tuple[str, ...]]:
    """These columns of every fact, in the crawl's order, or of those that the mask wants. Raises FactsError."""
    for path in sorted((crawl / FOLDER).glob("[0-9]*.parquet")):
        try:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(columns=list(columns)):
                    found = batch if mask is None else batch.filter(mask(batch))
                    yield from zip(*(found.column(name).to_pylist() for name in columns), strict=True)
        except (pa.ArrowException, OSError, ValueError, KeyError) as error:
            raise FactsError(f"{path}: cannot be read as facts ({type(error).__name__})") from error


def read_facts(crawl: Path, names: Collection[str]) -> Iterator[tuple[str, ...]]:
    """URL (its SHA-256), name and value, as text, of every fact with one of these names. Raises FactsError."""
    wanted = pa.array(sorted(names), pa.string())
    return read_rows(crawl, _COLUMNS, lambda batch: pc.is_in(batch.column("name"), value_set=wanted))
