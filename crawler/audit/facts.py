"""The facts behind the ledger's lines, as Parquet, for judging again and for queries. Columns: SCHEMA."""

from __future__ import annotations

import contextlib
import errno
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.document import Fact, FactValue, url_id
from crawler.durable import JOURNAL, LineFile, make_folder, part_of, publish, remove_parts, write_error

FOLDER = "facts"
MAX_ROWS = 100_000
GROUP_ROWS = 10_000  # held at once while a file is made
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


Row = tuple[str, ...]


class FactsWriter:
    """Collects facts and publishes `facts/00000.parquet`, ... each whole or not at all.

    What is not published yet stands in `facts/00000.parquet.journal`, and nowhere else: the file is made of it in the
    end, in little memory, and a run that takes over goes on with it.

    Args:
        folder: The crawl's.
        max_rows: A file ends with the URL whose facts make it pass this.
        ledger_size: Of the ledger as it is continued: facts of URLs whose lines it does not hold were never in.
    """

    def __init__(self, folder: Path, *, max_rows: int = MAX_ROWS, ledger_size: int = 0) -> None:
        self.folder = folder / FOLDER
        self._max_rows = max_rows
        self._rows = 0
        make_folder(self.folder)
        remove_parts(self.folder)
        self._number = 1 + max((int(path.stem) for path in self.folder.glob("[0-9]*.parquet")), default=-1)
        self._journal: LineFile | None = None
        self._resume(ledger_size)

    @property
    def is_full(self) -> bool:
        """Whether the next `write` will publish what was collected; its lines should be in the ledger, on the disk."""
        return self._rows >= self._max_rows

    def write(self, url: str, masked_url: str, facts: Iterable[Fact], *, seq: int = 0) -> None:
        """Add the facts of one URL, whose lines in the ledger begin with `seq`. Raises WriteError."""
        if self.is_full:
            self.flush()
        name = url_id(url)
        rows = [
            _clean(name, masked_url, fact.name, text_of(fact.value), type(fact.value).__name__, fact.where, fact.quote)
            for fact in facts
        ]
        if self._journal is None:
            self._journal = LineFile(self._journal_path)
        self._journal.append(json.dumps([seq, rows], separators=(",", ":")).encode() + b"\n")
        self._rows += len(rows)

    def sync(self) -> None:
        """Bring what is not published yet to the disk. Raises WriteError."""
        if self._journal:
            self._journal.sync()

    def flush(self) -> None:
        """Publish what was collected as one more file.

        Raises:
            WriteError: No file was published; the facts are still collected.
        """
        if not self._rows or self._journal is None:
            return
        path = self._path
        try:
            with part_of(path).open("wb") as file, pq.ParquetWriter(file, SCHEMA, compression="zstd") as parquet:
                for table in _tables(self._journal):
                    parquet.write_table(table)
            publish(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                part_of(path).unlink(missing_ok=True)
            raise write_error(path, error) from error
        self._journal.remove()
        self._journal = None
        self._number += 1
        self._rows = 0

    def close(self) -> None:
        """Publish the rest. Raises WriteError."""
        self.flush()

    def abort(self) -> None:
        """Leave the rest in the journal."""
        if self._journal:
            self._journal.close()

    @property
    def _path(self) -> Path:
        return self.folder / f"{self._number:05d}.parquet"

    @property
    def _journal_path(self) -> Path:
        return self._path.with_name(self._path.name + JOURNAL)

    def _resume(self, ledger_size: int) -> None:
        """Take up what a run left in its journal; that of a published file is done with."""
        for path in self.folder.glob("*" + JOURNAL):
            if path != self._journal_path:
                path.unlink()
        if not self._journal_path.exists():
            return
        self._journal = LineFile(self._journal_path)
        length = 0
        for entry in self._journal.lines():
            try:
                seq, rows = json.loads(entry)
            except ValueError:
                break
            if seq >= ledger_size:
                break
            self._rows += len(rows)
            length += len(entry) + 1
        self._journal.cut(length)


def _tables(journal: LineFile) -> Iterator[Any]:
    """What the journal holds, some rows at a time. Raises OSError."""
    rows: list[Row] = []
    for entry in journal.lines():
        rows += map(tuple, _rows_of(entry, journal))
        if len(rows) >= GROUP_ROWS:
            yield _table(rows)
            rows = []
    if rows:
        yield _table(rows)


def _rows_of(entry: bytes, journal: LineFile) -> list[list[str]]:
    try:
        rows: list[list[str]] = json.loads(entry)[1]
        return rows
    except ValueError as error:
        raise OSError(errno.EIO, "is not as it was written", str(journal.path)) from error


def _table(rows: list[Row]) -> Any:
    return pa.table([pa.array(column, pa.string()) for column in zip(*rows, strict=True)], schema=SCHEMA)


def text_of(value: FactValue) -> str:
    """A fact's value as text: true, false, a number, or the string itself."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _clean(*row: str) -> Row:
    return tuple(cell.encode("utf-8", "replace").decode() for cell in row)
