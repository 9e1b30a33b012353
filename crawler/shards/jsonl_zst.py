"""Shards as JSON lines, compressed with zstd; `metadata` is an object. Read by Dolma, datatrove and datasets."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crawler.shards import ShardError
from crawler.shards.record import row_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

NAME = "jsonl.zst"
SUFFIX = ".jsonl.zst"
LEVEL = 6


class Writer:
    """Writes one file, a line a record."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._lines = zstd.ZstdFile(self._file, "wb", level=LEVEL)

    def write(self, record: Mapping[str, Any]) -> None:
        line = json.dumps(row_of(record), ensure_ascii=False, separators=(",", ":"))
        self._lines.write(line.encode() + b"\n")

    def close(self) -> None:
        try:
            self._lines.close()
        finally:
            self._file.close()


def read(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with zstd.open(path, "rb") as lines:
            for line in lines:
                yield json.loads(line)
    except (zstd.ZstdError, OSError, EOFError, ValueError) as error:
        raise ShardError(f"{path}: not readable as JSON lines in zstd ({type(error).__name__})") from error
