"""Addresses that were accepted: each once, and those that have no outcome yet, on the disk, so that a run can go on.

    accepted -> waits on the disk, or is under way in this run -> decided

The file holds addresses as they are, until their outcome is safe in the ledger; it is removed when none is left. It
survives `kill -9` as it was; after `commit` also the machine.
"""

from __future__ import annotations

import contextlib
import errno
import json
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from crawler.document import url_id
from crawler.durable import WriteError

Meta = Mapping[str, str | int]  # how an address was reached
UNKNOWN: Meta = MappingProxyType({})
WAITS, UNDER_WAY, DECIDED = 0, 1, 2
_TABLES = (
    "CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS address "
    "(place INTEGER PRIMARY KEY, name BLOB UNIQUE, state INTEGER, counts INTEGER, url TEXT, meta TEXT)",
    f"CREATE INDEX IF NOT EXISTS waiting ON address (place) WHERE state = {WAITS}",
    f"CREATE INDEX IF NOT EXISTS told ON address (place) WHERE state = {DECIDED} AND url IS NOT NULL",
)


class Pending:
    """A set and a queue (first in, first out) in one SQLite file. Raises WriteError where the disk refuses.

    Attributes:
        accepted: How many addresses were accepted.
        waiting: How many of them wait on the disk.
        counted: How many addresses were accepted that count for the limit.
        keeps: Whether the file stays when none is left, since somebody else knows addresses that are to come.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._closed = path, False
        self.keeps = False
        try:
            self._database = sqlite3.connect(path, isolation_level=None)
        except sqlite3.Error as error:
            raise self._refusal(error) from error
        self._do("PRAGMA journal_mode=WAL")
        self._do("PRAGMA synchronous=NORMAL")
        for statement in _TABLES:
            self._do(statement)
        self.accepted = self._number("1")
        self.counted = int(self._do("SELECT COALESCE(SUM(counts), 0) FROM address").fetchone()[0])
        self.waiting = self._number(f"state = {WAITS}")

    def is_new(self, url: str) -> bool:
        """Whether the address was never accepted."""
        return self._do("SELECT 1 FROM address WHERE name = ?", _name(url)).fetchone() is None

    def accept(self, url: str, meta: Meta, *, counts: bool, waits: bool) -> None:
        """Take a new address in: it waits on the disk, or the caller goes for it now."""
        self._do(
            "INSERT INTO address (name, state, counts, url, meta) VALUES (?, ?, ?, ?, ?)",
            _name(url),
            WAITS if waits else UNDER_WAY,
            int(counts),
            url.encode("utf-8", "surrogatepass"),
            json.dumps(dict(meta)),
        )
        self.accepted += 1
        self.waiting += waits
        self.counted += counts

    def take(self) -> tuple[str, Meta] | None:
        """The address that has waited longest; None when none waits."""
        if not self.waiting:
            return None
        row = self._do(f"SELECT place, url, meta FROM address WHERE state = {WAITS} ORDER BY place LIMIT 1").fetchone()
        self._do(f"UPDATE address SET state = {UNDER_WAY} WHERE place = ?", row[0])
        self.waiting -= 1
        return row[1].decode("utf-8", "surrogatepass"), json.loads(row[2])

    def is_no_page(self, url: str) -> None:
        """The address turned out not to count for the limit."""
        self.counted -= self._do("UPDATE address SET counts = 0 WHERE name = ? AND counts", _name(url)).rowcount

    def decided(self, name: str) -> None:
        """The outcome of an address, named by its SHA-256, is in the ledger."""
        self._do(f"UPDATE address SET state = {DECIDED} WHERE name = ?", bytes.fromhex(name))

    def is_decided(self, name: str) -> bool:
        """Whether the outcome of the address of that SHA-256 is in the ledger."""
        row = self._do("SELECT state FROM address WHERE name = ?", bytes.fromhex(name)).fetchone()
        return row is not None and row[0] == DECIDED

    def leave(self, name: str = "") -> int:
        """Another process goes for the address of that SHA-256, or for all that have no outcome; says how many."""
        named = ("AND name = ?", bytes.fromhex(name)) if name else ("",)
        left = self._do(f"DELETE FROM address WHERE state != {DECIDED} {named[0]}", *named[1:]).rowcount
        self.accepted -= left
        self.waiting = self._number(f"state = {WAITS}")
        return left

    def under_way(self) -> list[str]:
        """SHA-256 of the addresses that this run goes for."""
        return [name.hex() for (name,) in self._do(f"SELECT name FROM address WHERE state = {UNDER_WAY}")]

    def commit(self) -> None:
        """Bring it to the disk; before the ledger is, so that what a page led to is never lost."""
        self._do("PRAGMA wal_checkpoint(FULL)")

    def forget(self) -> None:
        """Drop the addresses whose outcome has reached the disk; their names stay."""
        self._do(f"UPDATE address SET url = NULL, meta = NULL WHERE state = {DECIDED} AND url IS NOT NULL")

    def begin_again(self) -> None:
        """Another run takes over, and says next, by `decided`, which addresses need it no more."""
        self._do(f"UPDATE address SET state = {WAITS} WHERE url IS NOT NULL")

    def settle(self) -> None:
        """The run that takes over has said what is decided."""
        self.waiting = self._number(f"state = {WAITS}")

    def __len__(self) -> int:
        """How many addresses have no outcome."""
        return self._number(f"state != {DECIDED}")

    def urls(self) -> Iterator[str]:
        """The addresses that have no outcome."""
        for (url,) in self._do(f"SELECT url FROM address WHERE state != {DECIDED} ORDER BY place"):
            yield url.decode("utf-8", "surrogatepass")

    def holds(self, name: str) -> bool:
        """Whether the address of that SHA-256 was accepted."""
        return self._do("SELECT 1 FROM address WHERE name = ?", bytes.fromhex(name)).fetchone() is not None

    def note(self, name: str, value: str) -> None:
        """Keep a word for the run that takes over."""
        self._do("INSERT OR REPLACE INTO note VALUES (?, ?)", name, value)

    def noted(self, name: str) -> str:
        """What was kept; "" when nothing was."""
        row = self._do("SELECT value FROM note WHERE name = ?", name).fetchone()
        return str(row[0]) if row else ""

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """All that is said within stands or falls together; may stand in itself."""
        if self._database.in_transaction:
            yield
            return
        self._do("BEGIN")
        try:
            yield
            self._do("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close, and remove the file unless an address has no outcome. A second call does nothing."""
        if self._closed:
            return
        try:
            left = len(self)
        except WriteError:
            left = 1
        self.abandon()
        if not left and not self.keeps:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def abandon(self) -> None:
        """Close, and leave the file as it is."""
        self._closed = True
        with contextlib.suppress(sqlite3.Error):
            self._database.close()

    def _number(self, where: str) -> int:
        return int(self._do(f"SELECT COUNT(*) FROM address WHERE {where}").fetchone()[0])

    def _do(self, statement: str, *values: object) -> sqlite3.Cursor:
        try:
            return self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise self._refusal(error) from error

    def _refusal(self, error: sqlite3.Error) -> WriteError:
        return WriteError(errno.ENOSPC, str(error), str(self._path))


def _name(url: str) -> bytes:
    return bytes.fromhex(url_id(url))
