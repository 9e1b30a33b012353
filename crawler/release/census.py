"""The census: one row for each record that could be released, on the disk, so that memory does not grow with the set.

A row holds no text and no name: a creator is a digest. The file lies in the release's folder while it is made, and is
removed at the end.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from crawler.durable import WriteError, write_error
from crawler.urls import domain_of, host_of

TEXT_KIND = "text"
NO_NAME = "[PERSON]"  # what is left of an author that was redacted: no longer one person's mark
BATCH = 1_000


class Place(StrEnum):
    """Where a record goes. `in` is the release; every record ends in exactly one place."""

    IN = "in"
    SUPPRESSED = "suppressed"
    REPEATED = "repeated"
    REJECTED = "rejected"
    WAITING = "waiting"  # held when it was judged, and nobody has approved it
    HELD = "held"  # by a set rule
    DROPPED = "dropped"  # by a set rule
    REPLACED = "replaced"  # by the record of a later crawl; told of only where there is any


class Known(NamedTuple):
    """Where a record goes, whether it is in a sample, and what a person marked it."""

    place: Place
    is_sampled: bool
    mark: str


_SCHEMA = f"""
CREATE TABLE record (
    number INTEGER PRIMARY KEY,             -- in the order of the shards, kept before held
    id TEXT, url TEXT,                      -- url: its SHA-256
    source TEXT, site TEXT, creator BLOB, language TEXT, kind TEXT DEFAULT '{TEXT_KIND}',
    draw BLOB,                              -- the record's place in every sample, by the seed
    was_held INTEGER,                       -- when it was judged
    part INTEGER,                           -- which crawl it is from, the oldest is 0
    mark TEXT DEFAULT '',                   -- what a person made of it
    finding INTEGER,                        -- what a program made of it: 1 unsafe, 0 nothing, NULL: none has looked
    failed INTEGER DEFAULT 0,               -- its source failed the operator's assessment
    place TEXT DEFAULT '{Place.IN}', rule TEXT DEFAULT ''
);
CREATE TABLE assessed (source TEXT PRIMARY KEY, items INTEGER, bad INTEGER) WITHOUT ROWID;
CREATE TABLE broken (rule TEXT, key, PRIMARY KEY (rule, key)) WITHOUT ROWID;
CREATE TABLE sample (id TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_INDEXES = "CREATE INDEX by_id ON record (id); CREATE INDEX by_url ON record (url)"


class Census:
    """The candidates in one SQLite file. Raises WriteError where the disk refuses."""

    def __init__(self, path: Path, seed: int) -> None:
        self._path, self._seed = path, str(seed).encode()
        self._waiting: list[tuple[Any, ...]] = []
        self._size = 0
        try:
            self._database = sqlite3.connect(path, isolation_level=None)
        except sqlite3.Error as error:
            raise WriteError(errno.EIO, str(error), str(path)) from error
        self.run("PRAGMA journal_mode=OFF")
        self.run("PRAGMA synchronous=OFF")
        self._script(_SCHEMA)

    def add(
        self, record: Mapping[str, Any], *, was_held: bool, suppressed: bool, part: int = 0, reason: str = ""
    ) -> None:
        """Take a record up; `reason` says why a later crawl lets it stand no more."""
        source, author = host_of(record["url"]), record["author"].strip().casefold()
        creator = author if author and author != NO_NAME.casefold() else f"//{source}"
        place = Place.SUPPRESSED if suppressed or reason else Place.IN
        if reason == Place.REPLACED and not suppressed:
            place = Place.REPLACED
        self._waiting.append((
            self._size, record["id"], url_of(record), source, domain_of(source), _digest(creator.encode()),
            record["language"].lower().partition("-")[0], _digest(record["id"].encode(), self._seed), was_held, place,
            part, "" if suppressed else reason,
        ))  # fmt: skip
        self._size += 1
        if len(self._waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what was taken up."""
        self.many(
            "INSERT INTO record (number, id, url, source, site, creator, language, draw, was_held, place, "
            "part, rule) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self._waiting,
        )
        self._waiting.clear()

    def all_taken_up(self) -> None:
        """Every record is here: look for repetitions."""
        self.flush()
        self._script(_INDEXES)
        self.run(
            "UPDATE record SET place = ? WHERE place = ? AND EXISTS "
            "(SELECT 1 FROM record AS first WHERE first.id = record.id AND first.number < record.number "
            "AND first.part = record.part)",
            Place.REPEATED, Place.IN,
        )  # fmt: skip

    def settle(self) -> None:
        """What people decided takes effect: rejected goes, held stays out unless approved."""
        self.run("UPDATE record SET place = ? WHERE place = ? AND mark IN ('bad', 'reject')", Place.REJECTED, Place.IN)
        self.run(
            "UPDATE record SET place = ? WHERE place = ? AND was_held AND mark != 'approve'", Place.WAITING, Place.IN
        )

    def counts(self) -> dict[str, int]:
        """How many records end in each place."""
        found = dict(self.run("SELECT place, COUNT(*) FROM record GROUP BY place"))
        told = (place for place in Place if place is not Place.REPLACED or place in found)
        return {place.value: found.get(place, 0) for place in told}

    def suppressed_by(self) -> dict[str, int]:
        """For what later crawls took records back, and how many."""
        statement = "SELECT rule, COUNT(*) FROM record WHERE place = ? AND rule != '' GROUP BY rule ORDER BY rule"
        return {str(reason): int(number) for reason, number in self.run(statement, Place.SUPPRESSED)}

    def taken_out(self, rule: str) -> int:
        """How many records a set rule took out."""
        return int(self.number("SELECT COUNT(*) FROM record WHERE rule = ? AND place != ?", rule, Place.REJECTED))

    def known(self) -> Iterator[tuple[str, Known]]:
        """Id of every record, in the order it was taken up, with what is known of it."""
        for name, place, sampled, mark in self.run(
            "SELECT id, place, EXISTS (SELECT 1 FROM sample WHERE sample.id = record.id), mark "
            "FROM record ORDER BY number"
        ):
            yield name, Known(Place(place), bool(sampled) and place in (Place.IN, Place.REJECTED), mark)

    def number(self, statement: str, *values: object) -> float:
        """The one number that a query answers with; 0 for none."""
        row = self.run(statement, *values).fetchone()
        return row[0] or 0 if row else 0

    def run(self, statement: str, *values: object) -> sqlite3.Cursor:
        """One statement."""
        try:
            return self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise self._refused(error) from error

    def many(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> int:
        """One statement for many rows; says how many it changed."""
        try:
            self._database.execute("BEGIN")
            changed = self._database.executemany(statement, rows).rowcount
            self._database.execute("COMMIT")
            return changed
        except sqlite3.Error as error:
            raise self._refused(error) from error

    def close(self) -> None:
        """Close and remove the file. A second call does nothing."""
        self._database.close()
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise write_error(self._path, error) from error

    def _script(self, statements: str) -> None:
        try:
            self._database.executescript(statements)
        except sqlite3.Error as error:
            raise self._refused(error) from error

    def _refused(self, error: sqlite3.Error) -> WriteError:
        return WriteError(errno.EIO, str(error), str(self._path))


def url_of(record: Mapping[str, Any]) -> str:
    """SHA-256 of the record's unmasked address, which its id begins with."""
    return str(record["id"]).partition(":")[0]


def _digest(content: bytes, key: bytes = b"") -> bytes:
    return blake2b(content, digest_size=16, key=key).digest()
