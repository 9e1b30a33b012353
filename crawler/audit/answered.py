"""Which URLs have an outcome under which policy: a set that grows on the disk, not in memory."""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import Self

_CACHE_KIB = 32 * 1024


class Answered:
    """Pairs of a URL and a policy, each once; gone when it is closed."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)  # SQLite's own temporary file
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("CREATE TABLE answered (name BLOB PRIMARY KEY) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def is_new(self, url_sha256: str, policy: str) -> bool:
        """Whether the pair was not there; from now on it is. Raises ValueError for what is no SHA-256 in hex."""
        name = bytes.fromhex(url_sha256) + policy.encode("utf-8", "surrogatepass")
        return self._database.execute("INSERT OR IGNORE INTO answered VALUES (?)", (name,)).rowcount == 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
