"""The facts behind the ledger's lines, as Parquet, for judging again and for queries. Columns: SCHEMA."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.document import Fact, FactValue, url_id
from crawler.durable import make_folder, part_of, publish, remove_parts, write_error

FOLDER = "facts"
MAX_ROWS = 100_000
SCHEMA = pa.schema(
    {
        "url_sha256": pa.string(),
        "url": pa.string(),  # masked
        "name": pa.string(),
        "value": pa.string(),
        "type": pa.string(),  # of the value: str, bool, int
        "where": pa.string(),
        "quote": pa.string(),
    }
)


class FactsWriter:
    """Collects facts and publishes `facts/00000.parquet`, ... each whole or not at all."""

    def __init__(self, folder: Path, *, max_rows: int = MAX_ROWS) -> None:
        self.folder = folder / FOLDER
        self._max_rows = max_rows
        self._rows: list[tuple[str, ...]] = []
        make_folder(self.folder)
        remove_parts(self.folder)
        self._number = 1 + max((int(path.stem) for path in self.folder.glob("[0-9]*.parquet")), default=-1)

    def write(self, url: str, masked_url: str, facts: Iterable[Fact]) -> None:
        """Add the facts of one URL. Raises WriteError."""
        name = url_id(url)
        self._rows += (
            _clean(name, masked_url, fact.name, text_of(fact.value), type(fact.value).__name__, fact.where, fact.quote)
            for fact in facts
        )
        if len(self._rows) >= self._max_rows:
            self.flush()

    def flush(self) -> None:
        """Publish what was collected as one more file.

        Raises:
            WriteError: No file was published; the facts are still collected.
        """
        if not self._rows:
            return
        path = self.folder / f"{self._number:05d}.parquet"
        columns = [pa.array(column, pa.string()) for column in zip(*self._rows, strict=True)]
        try:
            with part_of(path).open("wb") as file:
                pq.write_table(pa.table(columns, schema=SCHEMA), file, compression="zstd")
            publish(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                part_of(path).unlink(missing_ok=True)
            raise write_error(path, error) from error
        self._number += 1
        self._rows.clear()

    def close(self) -> None:
        """Publish the rest. Raises WriteError."""
        self.flush()


def text_of(value: FactValue) -> str:
    """A fact's value as text: true, false, a number, or the string itself."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _clean(*row: str) -> tuple[str, ...]:
    return tuple(cell.encode("utf-8", "replace").decode() for cell in row)
