"""Evidence files: WARC records appended to `evidence/00000.warc.gz`, `00001.warc.gz`, ..."""

from __future__ import annotations

from pathlib import Path

from crawler.durable import AppendFile, make_folder
from crawler.sources.warc_record import warcinfo_bytes

FOLDER = "evidence"
SUFFIX = ".warc.gz"
MAX_FILE_BYTES = 1024 * 1024 * 1024


class EvidenceWriter:
    """Appends gzip members. Every run begins a file of its own, so that what a crash tore stays last in its file.

    Args:
        folder: The crawl's folder.
        software: Name and version of what writes, for each file's first record.
        max_file_bytes: A file that would grow beyond this is followed by a new one.

    Raises:
        WriteError: The disk refused.
    """

    def __init__(self, folder: Path, *, software: str = "usufruct", max_file_bytes: int = MAX_FILE_BYTES) -> None:
        self._folder = folder / FOLDER
        self._opening = warcinfo_bytes(software)
        self._max_file_bytes = max_file_bytes
        make_folder(self._folder)
        numbers = (int(path.name.removesuffix(SUFFIX)) for path in self._folder.glob(f"[0-9]*{SUFFIX}"))
        self._number = 1 + max(numbers, default=-1)
        self._file = self._begin()

    def append(self, member: bytes) -> str:
        """Store one record and say where: "evidence/00000.warc.gz#<offset>". Raises WriteError: nothing was stored."""
        if self._file.bytes + len(member) > self._max_file_bytes and self._file.bytes > len(self._opening):
            self.close()
            self._number += 1
            self._file = self._begin()
        offset = self._file.bytes
        self._file.append(member)
        return f"{FOLDER}/{self._file.path.name}#{offset}"

    def sync(self) -> None:
        """Return when all records are on the disk. Raises WriteError."""
        self._file.sync()

    def close(self) -> None:
        """Sync and close; a second call does nothing. Raises WriteError."""
        if not self._file.closed:
            self._file.sync()
            self._file.close()

    def _begin(self) -> AppendFile:
        file = AppendFile(self._folder / f"{self._number:05d}{SUFFIX}")
        file.append(self._opening)
        return file
