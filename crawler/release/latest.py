"""Several crawls, one after the other: which record of an address still stands, by the latest outcome of each.

A later crawl replaces a record, leaves it standing (`unchanged`), or takes it back. Names of addresses, 32 bytes each,
wait in a SQLite file in the release's folder, which is removed at the end.
"""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from crawler.audit.lines import Line, outcomes
from crawler.document import Result, Stage
from crawler.durable import WriteError
from crawler.release.inputs import Inputs

BATCH = 1_000
_GONE = re.compile(r"access=(?:not-found|client-error|redirected)")
_WRITTEN = (Result.KEPT, Result.HELD)
_SCHEMA = """
CREATE TABLE latest (name BLOB PRIMARY KEY, crawl TEXT, seq INTEGER, digest TEXT, reason TEXT) WITHOUT ROWID;
"""


class Reason(StrEnum):
    """Why a record of an earlier crawl is not released."""

    REPLACED = "replaced"  # by a newer record of the same address
    DRIFT = "drift"  # its site or the page, or another version of the policy, refuses it now
    GONE = "gone"  # the server has the page no more
    LATER = "later"  # a later crawl did not keep it, for its text, its personal data or as a duplicate
    VERSION = "version"  # last decided under another version of the policy, and not judged again


class _Latest(NamedTuple):
    crawl: str | None
    seq: int
    digest: str
    reason: str


class Latest:
    """Knows, for every address, the record that stands. Raises WriteError where the disk refuses.

    Args:
        path: Of the file.
        parts: The crawls, the oldest first.
        digest: Of the policy that the release is made under.
    """

    def __init__(self, path: Path, parts: Sequence[Inputs], digest: str) -> None:
        self._path, self._digest = path, digest
        try:
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {_SCHEMA}")
            for part in parts:
                self._take_up(part)
        except sqlite3.Error as error:
            raise self._refused(error) from error

    def reason(self, record: Mapping[str, Any], crawl: str) -> Reason | None:
        """Why a record of a crawl does not stand; None when it does."""
        name = bytes.fromhex(str(record["id"]).partition(":")[0])
        try:
            row = self._database.execute("SELECT crawl, seq, digest, reason FROM latest WHERE name = ?", (name,))
            found = row.fetchone()
        except sqlite3.Error as error:
            raise self._refused(error) from error
        if found is None:
            return None  # no line is about it: verify says so
        latest = _Latest(*found)
        if latest.crawl is None:
            return Reason(latest.reason)
        if (latest.crawl, latest.seq) != (crawl, int(record["metadata"]["ledger"])):
            return Reason.REPLACED
        return None if latest.digest == self._digest else Reason.VERSION

    def close(self) -> None:
        """Close and remove the file."""
        self._database.close()
        self._path.unlink(missing_ok=True)

    def _take_up(self, part: Inputs) -> None:
        """The lines of one crawl, which is younger than those before."""
        needle = f'"policy":"{part.policy}"'.encode()
        self._database.execute("BEGIN")
        for line in _lines(part.folder, needle):
            if line["policy"] == part.policy and (told := _told(line, str(part.run["id"]))):
                name = bytes.fromhex(line["url_sha256"])
                self._database.execute("INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?, ?)", (name, *told))
        self._database.execute("COMMIT")

    def _refused(self, error: sqlite3.Error) -> WriteError:
        return WriteError(errno.EIO, str(error), str(self._path))


def _lines(crawl: Path, needle: bytes) -> Iterator[Line]:
    return (line for _, line in outcomes(crawl, lambda content: needle in content))


def _told(line: Line, crawl: str) -> _Latest | None:
    """What a line says of the record that stands; None where it says nothing about it."""
    digest, result = str(line.get("digest")), line["result"]
    if result in _WRITTEN:
        return _Latest(crawl, line["seq"], digest, "")
    stands = line.get("unchanged")
    if result == Result.UNCHANGED and isinstance(stands, Mapping):
        return _Latest(str(stands.get("crawl")), int(stands.get("ledger", -1)), digest, "")
    if result != Result.DROPPED:
        return None  # it failed: the earlier record stands
    if line.get("stage") not in (Stage.FETCH, Stage.SIGNALS):
        return _Latest(None, -1, digest, Reason.LATER)
    gone = _GONE.match(str(line.get("note", "")))
    return _Latest(None, -1, digest, Reason.GONE if gone else Reason.DRIFT)
