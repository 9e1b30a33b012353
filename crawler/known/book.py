"""The book of known pages: one SQLite file that says of each page what was seen last and which record of it stands.

An address stands here as it is only where it holds no identifier; else the page is known by its name, the SHA-256 of
its address, and is visited again when a link or a seed leads to it.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from crawler.durable import WriteError

VERSION = "1"
PATIENCE_S = 60.0  # that one crawl waits for another one that is writing

_SCHEMA = """
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS crawl (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE,
    folder TEXT,                 -- as seen from the book; '' where it is not known
    started REAL,
    learnt INTEGER DEFAULT 0,    -- ledger lines that were read
    done INTEGER DEFAULT 0       -- whether no more are to come
);
CREATE TABLE IF NOT EXISTS page (
    name BLOB PRIMARY KEY,       -- SHA-256 of the address
    url TEXT,                    -- NULL where it holds an identifier
    masked TEXT, site TEXT, origin TEXT,
    meta TEXT,                   -- how it was reached; NULL where that is not known
    status INTEGER, etag TEXT, modified TEXT,
    files TEXT DEFAULT '[]',     -- files that were read for it beside those that every page is judged by
    body BLOB, content BLOB,     -- SHA-256 of the answer's body, and of what a record holds of it
    first TEXT, last TEXT, changed TEXT,
    interval REAL, due REAL,
    crawl INTEGER, said TEXT,    -- the last crawl that has a line about it, and what it found
    looked INTEGER, pii TEXT,    -- whether the text was searched for personal data, and what was counted
    facts_crawl INTEGER, facts_file TEXT, facts_first INTEGER, facts_rows INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS page_due ON page (due) WHERE url IS NOT NULL;
CREATE INDEX IF NOT EXISTS page_origin ON page (origin);
CREATE INDEX IF NOT EXISTS page_facts ON page (facts_crawl, facts_file, facts_first);
CREATE INDEX IF NOT EXISTS page_crawl ON page (crawl, said);
CREATE TABLE IF NOT EXISTS stand (
    name BLOB, policy TEXT, digest TEXT, result TEXT, rule TEXT,
    crawl INTEGER, ledger INTEGER,              -- the line that says so
    record_crawl INTEGER, record_ledger INTEGER, record_result TEXT, shard TEXT, treatments TEXT,  -- NULL: none stands
    PRIMARY KEY (name, policy)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS drift (
    crawl INTEGER, ledger INTEGER, name BLOB, policy TEXT, time TEXT, was TEXT, now TEXT, rule TEXT, because TEXT,
    stage TEXT,
    PRIMARY KEY (crawl, ledger)
) WITHOUT ROWID;
"""
_PAGE = (
    "name, url, masked, site, origin, meta, status, etag, modified, files, body, content, first, last, changed,"
    " interval, due, crawl, said, looked, pii, facts_crawl, facts_file, facts_first, facts_rows"
)


class BookError(WriteError):
    """The file is no book of known pages, or cannot be used; the message says why and what to do."""


class Crawled(NamedTuple):
    """A crawl that the book knows. `learnt` is the number of its ledger lines that were read, `done` says: all."""

    number: int
    id: str
    folder: Path | None
    started: float
    learnt: int
    done: int


@dataclass(slots=True)
class Page:
    """What is known of one page; the columns of the table."""

    name: bytes
    url: str | None = None
    masked: str = ""
    site: str = ""
    origin: str = ""
    meta: str | None = None
    status: int = 0
    etag: str = ""
    modified: str = ""
    files: str = "[]"
    body: bytes = b""
    content: bytes = b""
    first: str = ""
    last: str = ""
    changed: str = ""
    interval: float | None = None
    due: float = 0.0
    crawl: int = 0
    said: str = ""
    looked: int = 0
    pii: str = "{}"
    facts_crawl: int | None = None
    facts_file: str = ""
    facts_first: int = 0
    facts_rows: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """A record that stands: the crawl that wrote it (`number` in the book), its line, and what that says."""

    crawl: int
    ledger: int
    result: str
    shard: str
    treatments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stand:
    """What became of a page under one policy: the last decision, and the record that stands, if one does."""

    policy: str
    digest: str
    result: str
    rule: str
    crawl: int
    ledger: int
    record: Record | None


class Book:
    """The file. A context manager; several crawls may have it open. Raises BookError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)
            self._check_kind()
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise self._refused(error) from error
        self.run("INSERT OR IGNORE INTO note VALUES ('version', ?)", VERSION)
        if (found := str(self.value("SELECT value FROM note WHERE name = 'version'"))) != VERSION:
            raise BookError(
                f"{path}: a book of version {found}, this program reads {VERSION}; name a new file, which learns from "
                "the run folders beside it"
            )

    def crawl(self, number: int) -> Crawled | None:
        """A crawl by its number."""
        return next(self._crawls("number = ?", number), None)

    def crawl_named(self, name: str) -> Crawled | None:
        """A crawl by its id."""
        return next(self._crawls("id = ?", name), None)

    def crawls(self) -> list[Crawled]:
        """All of them, the oldest first."""
        return list(self._crawls("1"))

    def enter(self, name: str, folder: Path | None, started: float) -> Crawled:
        """Make a crawl known; where it is already, only its folder is noted."""
        place = os.path.relpath(folder, self.path.parent) if folder else ""
        self.run(
            "INSERT INTO crawl (id, folder, started) VALUES (?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET folder = excluded.folder WHERE excluded.folder != ''",
            name, place, started,
        )  # fmt: skip
        found = self.crawl_named(name)
        assert found is not None
        return found

    def page(self, name: bytes) -> Page | None:
        """What is known of a page."""
        row = self.run(f"SELECT {_PAGE} FROM page WHERE name = ?", name).fetchone()
        return Page(*row) if row else None

    def write(self, page: Page) -> None:
        """Put a page into the book, or in place of what is there."""
        values = [getattr(page, column.strip()) for column in _PAGE.split(",")]
        self.run(f"INSERT OR REPLACE INTO page ({_PAGE}) VALUES ({', '.join('?' * len(values))})", *values)

    def stands(self, name: bytes) -> dict[str, Stand]:
        """What became of a page, by policy."""
        rows = self.run(
            "SELECT policy, digest, result, rule, crawl, ledger, record_crawl, record_ledger, record_result, shard, "
            "treatments FROM stand WHERE name = ?",
            name,
        )
        return {row[0]: Stand(row[0], row[1], row[2], row[3], row[4], row[5], _record(*row[6:])) for row in rows}

    def decide(self, name: bytes, stand: Stand) -> None:
        """Note what became of a page under a policy."""
        of = stand.record
        record = (of.crawl, of.ledger, of.result, of.shard, json.dumps(dict(of.treatments))) if of else (None,) * 5
        self.run(
            f"INSERT OR REPLACE INTO stand VALUES ({', '.join('?' * 12)})",
            name, stand.policy, stand.digest, stand.result, stand.rule, stand.crawl, stand.ledger, *record,
        )  # fmt: skip

    def value(self, statement: str, *values: object) -> Any:
        """The one value that a query answers with; None for none."""
        row = self.run(statement, *values).fetchone()
        return row[0] if row else None

    def run(self, statement: str, *values: object) -> sqlite3.Cursor:
        """One statement."""
        try:
            return self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise self._refused(error) from error

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that is written within stands or falls together, and nobody else writes meanwhile."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """A second call does nothing."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_kind(self) -> None:
        """Before anything is written: nobody's database becomes a book. Raises sqlite3.Error."""
        found = {name for (name,) in self._database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if found and "note" not in found:
            raise sqlite3.DatabaseError("it is a database of another kind")

    def _crawls(self, where: str, *values: object) -> Iterator[Crawled]:
        statement = (
            f"SELECT number, id, folder, started, learnt, done FROM crawl WHERE {where} ORDER BY started, number"
        )
        for number, name, folder, started, learnt, done in self.run(statement, *values).fetchall():
            path = Path(os.path.normpath(self.path.parent / folder)) if folder else None
            yield Crawled(number, name, path, started, learnt, done)

    def _refused(self, error: Exception) -> BookError:
        return BookError(
            f"{self.path}: cannot be used as a book of known pages ({error}); name another file, or a file that does "
            "not exist yet, which learns from the run folders beside it"
        )


def _record(
    crawl: int | None, ledger: int | None, result: str | None, shard: str | None, treatments: str | None
) -> Record | None:
    if crawl is None or ledger is None:
        return None
    return Record(crawl, ledger, result or "", shard or "", json.loads(treatments or "{}"))
