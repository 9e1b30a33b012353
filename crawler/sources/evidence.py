"""Evidence files: WARC records appended to `evidence/00000.warc.gz`, ..., bodies to `bodies/2026-11-23-00000.warc.gz`.

What stays and what must go stand in files of their own, and bodies in a file of their day, so that a whole file can be
deleted when its days are over and no record that stays is ever moved.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from crawler.durable import AppendFile, make_folder
from crawler.sources.warc_record import warcinfo_bytes

FOLDER = "evidence"
BODIES = "bodies"
SUFFIX = ".warc.gz"
MAX_FILE_BYTES = 1024 * 1024 * 1024


class RecordWriter(Protocol):
    """Stores records one after the other."""

    def append(self, member: bytes) -> str:
        """Store one record and say where: "evidence/00000.warc.gz#<offset>". Raises WriteError: nothing was stored."""

    def sync(self) -> None:
        """Return when all records are on the disk. Raises WriteError."""

    def close(self) -> None:
        """Sync and close; a second call does nothing. Raises WriteError."""


class _Files:
    """Files of one folder, numbered below a prefix; each begins with what wrote it.

    Every run begins a file of its own, so that what a crash tore stays last in its file.
    """

    def __init__(self, folder: Path, prefix: str, software: str, max_file_bytes: int) -> None:
        self._folder, self._prefix = folder, prefix
        self._opening = warcinfo_bytes(software)
        self._max_file_bytes = max_file_bytes
        make_folder(folder)
        numbers = (
            int(path.name.removeprefix(prefix).removesuffix(SUFFIX)) for path in folder.glob(f"{prefix}[0-9]*{SUFFIX}")
        )
        self._number = 1 + max(numbers, default=-1)
        self._file = self._begin()

    def append(self, member: bytes) -> str:
        if self._file.bytes + len(member) > self._max_file_bytes and self._file.bytes > len(self._opening):
            self.close()
            self._number += 1
            self._file = self._begin()
        offset = self._file.bytes
        self._file.append(member)
        return f"{self._folder.name}/{self._file.path.name}#{offset}"

    def sync(self) -> None:
        self._file.sync()

    def close(self) -> None:
        if not self._file.closed:
            self._file.sync()
            self._file.close()

    def _begin(self) -> AppendFile:
        file = AppendFile(self._folder / f"{self._prefix}{self._number:05d}{SUFFIX}")
        file.append(self._opening)
        return file


class EvidenceWriter(_Files):
    """Appends gzip members to what stays; see `RecordWriter`.

    Args:
        folder: The crawl's folder.
        software: Name and version of what writes, for each file's first record.
        max_file_bytes: A file that would grow beyond this is followed by a new one.

    Raises:
        WriteError: The disk refused.
    """

    def __init__(self, folder: Path, *, software: str = "usufruct", max_file_bytes: int = MAX_FILE_BYTES) -> None:
        super().__init__(folder / FOLDER, "", software, max_file_bytes)


class BodyWriter:
    """Appends gzip members to the file of the day (UTC); see `RecordWriter`. Without a record there is no file.

    Args:
        folder: The crawl's folder.
        clock: Now, with a zone.
        software: As of `EvidenceWriter`.
        max_file_bytes: As of `EvidenceWriter`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], datetime],
        software: str = "usufruct",
        max_file_bytes: int = MAX_FILE_BYTES,
    ) -> None:
        self._folder, self._clock = folder / BODIES, clock
        self._software, self._max_file_bytes = software, max_file_bytes
        self._day: date | None = None
        self._files: _Files | None = None

    def append(self, member: bytes) -> str:
        day = self._clock().astimezone(UTC).date()
        if self._files is None or day != self._day:
            self.close()
            self._files = _Files(self._folder, f"{day.isoformat()}-", self._software, self._max_file_bytes)
            self._day = day
        return self._files.append(member)

    def sync(self) -> None:
        if self._files:
            self._files.sync()

    def close(self) -> None:
        if self._files:
            self._files.close()
            self._files = None


def day_of(name: str) -> date | None:
    """The day on which a file of bodies was begun, by its name; None for any other file.

    >>> day_of("2026-11-23-00000.warc.gz")
    datetime.date(2026, 11, 23)
    """
    day, _, number = name.removesuffix(SUFFIX).rpartition("-")
    if not name.endswith(SUFFIX) or not number.isdecimal() or len(day) != len("2026-11-23"):
        return None
    try:
        return date.fromisoformat(day)
    except ValueError:
        return None
