"""Addresses that were accepted: each once; and those that wait their turn, on the disk, so that memory does not grow.

The file holds addresses as they are. It is for the running crawl only and is removed when that ends in order.
"""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from crawler.document import url_id
from crawler.durable import WriteError

Meta = Mapping[str, str | int]  # how an address was reached


class Waiting:
    """A set and a queue (first in, first out) in one SQLite file. Raises WriteError where the disk refuses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._length = 0
        self._do("", connect=True)
        self._do("PRAGMA journal_mode=OFF")
        self._do("PRAGMA synchronous=OFF")
        self._do("CREATE TABLE seen (name BLOB PRIMARY KEY) WITHOUT ROWID")
        self._do("CREATE TABLE queue (place INTEGER PRIMARY KEY, url TEXT, meta TEXT)")

    def __len__(self) -> int:
        return self._length

    def is_new(self, url: str) -> bool:
        """Whether the address was never asked about; from now on it was."""
        return self._do("INSERT OR IGNORE INTO seen VALUES (?)", bytes.fromhex(url_id(url))).rowcount == 1

    def put(self, url: str, meta: Meta) -> None:
        """Let an address wait."""
        self._do("INSERT INTO queue (url, meta) VALUES (?, ?)", url, json.dumps(meta))
        self._length += 1

    def take(self) -> tuple[str, Meta] | None:
        """The address that has waited longest; None when none waits."""
        if not self._length:
            return None
        place, url, meta = self._do("SELECT place, url, meta FROM queue ORDER BY place LIMIT 1").fetchone()
        self._do("DELETE FROM queue WHERE place = ?", place)
        self._length -= 1
        return url, json.loads(meta)

    def close(self) -> None:
        """Close, and remove the file unless addresses still wait in it. A second call does nothing."""
        self._database.close()
        if not self._length:
            self._path.unlink(missing_ok=True)

    def _do(self, statement: str, *values: object, connect: bool = False) -> sqlite3.Cursor:
        try:
            if connect:
                self._database = sqlite3.connect(self._path, isolation_level=None)
            return self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise WriteError(errno.ENOSPC, str(error), str(self._path)) from error
