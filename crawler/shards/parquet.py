"""Shards as Parquet, compressed with zstd; `metadata` is a struct. Read by datasets, DuckDB, Ray and datatrove."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.shards import ShardError
from crawler.shards.record import METADATA, TEXT_COLUMNS, row_of

NAME = "parquet"
SUFFIX = ".parquet"
_METADATA = pa.struct([(name, pa.string() if isinstance(like, str) else pa.int64()) for name, like in METADATA.items()])
SCHEMA = pa.schema([*((column, pa.string()) for column in TEXT_COLUMNS), ("metadata", _METADATA)])
GROUP_RECORDS = 256
GROUP_CHARACTERS = 16 * 1024 * 1024
_READ_RECORDS = 100


class Writer:
    """Writes one file, a row group at a time."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._parquet = pq.ParquetWriter(self._file, SCHEMA, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self._characters = 0

    def write(self, record: Mapping[str, Any]) -> None:
        row = row_of(record)
        self._rows.append(row)
        self._characters += len(row["text"])
        if len(self._rows) >= GROUP_RECORDS or self._characters >= GROUP_CHARACTERS:
            self._flush()

    def close(self) -> None:
        try:
            if self._rows:
                self._flush()
            self._parquet.close()
        finally:
            self._file.close()

    def _flush(self) -> None:
        self._parquet.write_table(pa.Table.from_pylist(self._rows, schema=SCHEMA))
        self._rows, self._characters = [], 0


def read(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_READ_RECORDS):
                yield from batch.to_pylist()
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise ShardError(f"{path}: not readable as Parquet ({type(error).__name__})") from error
