"""The shards of one policy and their manifest: a shard is listed when it is whole, and only then it exists.

A shard is written as `<name>.part`. When it is full, and at the end, the ledger is brought to the disk first, then the
shard is synced and renamed, then `manifest.json` is replaced. So a listed record always has its ledger line, and a line
whose record is not listed (the run died in between) is known: it is pending.

A Parquet file that nobody closed cannot be read, nor can one be continued. So each record goes to `<name>.journal`,
too, where asked for: the run that takes over writes the shard anew from it and goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from crawler.durable import (
    JOURNAL,
    LineFile,
    make_folder,
    part_of,
    publish,
    remove_parts,
    write_error,
    write_whole,
)
from crawler.shards import DEFAULT, Writer, find_format
from crawler.shards.manifest import FILE as MANIFEST
from crawler.shards.manifest import ManifestError, read, render

MAX_RECORDS = 50_000
MAX_BYTES = 256 * 1024 * 1024

T = TypeVar("T")
SyncLedger = Callable[[], tuple[int, str]]  # -> (lines now on the disk, hash of the last one); may raise OSError


class ShardSet:
    """Writes records into numbered shards.

    Args:
        folder: Where shards and manifest go.
        prefix: What places begin with, the folder as seen from the crawl ("jp").
        header: What the manifest says besides: at least `policy` and `digest`.
        sync_ledger: Makes every ledger line durable; called when a shard is begun and before it is published.
        format: A name in `crawler.shards.formats()`.
        max_records: A shard has at most so many.
        max_bytes: A shard ends with the record whose text makes it pass this, in UTF-8, before compression.
        ledger_size: Of the ledger as it is continued: records whose line it does not hold were never in. None: there is
            no journal, and what was not published is lost with the process.

    An existing manifest is continued, and a shard that is in the journal; what else a run that died left is removed.

    Attributes:
        resumed: How many records were taken up again from the journal.

    Raises:
        UnknownFormat, ManifestError: The operator asked for what cannot be done; nothing was touched.
        WriteError: The disk refused; no half-written file is left.
    """

    def __init__(
        self,
        folder: Path,
        *,
        prefix: str,
        header: Mapping[str, Any],
        sync_ledger: SyncLedger,
        format: str = DEFAULT,
        max_records: int = MAX_RECORDS,
        max_bytes: int = MAX_BYTES,
        ledger_size: int | None = None,
    ) -> None:
        self._format = find_format(format)
        self._folder, self._prefix, self._sync_ledger = folder, prefix, sync_ledger
        self._max_records, self._max_bytes = max_records, max_bytes
        self._writer: Writer | None = None
        self._journal: LineFile | None = None
        self._keeps_journal = ledger_size is not None
        self.resumed = 0
        self._records = self._bytes = self._first = 0
        self._header = {**header, "format": self._format.NAME}
        make_folder(folder)
        self._shards: list[dict[str, Any]] = self._continue()
        if not (folder / MANIFEST).exists():
            self._write_manifest(*self._guarded(folder, sync_ledger))
        if ledger_size is not None:
            self._guarded(folder, lambda: self._resume(ledger_size))

    def write(self, record: Mapping[str, Any]) -> str:
        """Add one record and return its place, "jp/00000.parquet#17". Its ledger line is appended by the caller, next.

        Raises:
            WriteError: The shard begun is as far as its journal; those published stay.
            ValueError: The record has a column that there is not.
        """
        if self._records >= self._max_records or self._bytes >= self._max_bytes:
            self._publish()  # not earlier: now the last record's ledger line is there, too
        place = f"{self._prefix}/{self._name}#{self._records}"
        self._guarded(self._path, lambda: self._add(record))
        return place

    def close(self) -> None:
        """Publish the shard begun, if it has a record. Raises WriteError."""
        if self._records:
            self._publish()
        else:
            self.abort()

    def sync(self) -> None:
        """Bring the journal of the shard begun to the disk. Raises WriteError."""
        if self._journal:
            self._journal.sync()

    def abort(self) -> None:
        """Remove the shard begun, but not its journal; those published stay."""
        writer, self._writer = self._writer, None
        self._records = self._bytes = 0
        if self._journal:
            self._journal.close()
            self._journal = None
        with contextlib.suppress(OSError):
            if writer:
                writer.close()
        with contextlib.suppress(OSError):
            part_of(self._path).unlink(missing_ok=True)

    @property
    def _name(self) -> str:
        return f"{len(self._shards):05d}{self._format.SUFFIX}"

    @property
    def _path(self) -> Path:
        return self._folder / self._name

    def _add(self, record: Mapping[str, Any]) -> None:
        if self._writer is None:
            self._begin(self._sync_ledger()[0])
        if self._journal:
            self._journal.append(_entry(record))
        self._put(record)

    def _begin(self, first: int) -> None:
        """Begin a shard, whose lines have at least the position `first`."""
        self._first = first
        self._writer = self._format.Writer(part_of(self._path))
        if self._keeps_journal and self._journal is None:
            self._journal = LineFile(self._journal_of(self._path))
            self._journal.append(_entry({"from": first}))

    def _put(self, record: Mapping[str, Any]) -> None:
        assert self._writer is not None
        self._writer.write(record)
        self._records += 1
        self._bytes += len(record.get("text", "").encode("utf-8", "replace"))

    def _publish(self) -> None:
        self._guarded(self._path, self._publish_shard)

    def _publish_shard(self) -> None:
        path, (size, head) = self._path, self._sync_ledger()
        writer, self._writer = self._writer, None
        if writer:
            writer.close()
        publish(path)
        self._shards.append(
            {
                "file": path.name,
                "records": self._records,
                "bytes": path.stat().st_size,
                "sha256": _digest(path),
                "ledger": {"from": self._first, "to": size},
            }
        )
        try:
            self._write_manifest(size, head)
        except OSError:
            self._shards.pop()
            path.unlink()
            raise
        self._records = self._bytes = 0
        if self._journal:
            self._journal.remove()
            self._journal = None

    def _resume(self, ledger_size: int) -> None:
        """Write the shard anew that a run left begun; its journal may also be of one that was published."""
        for path in self._folder.glob("*" + JOURNAL):
            if path != self._journal_of(self._path):
                path.unlink()
        if not self._journal_of(self._path).exists():
            return
        self._journal = LineFile(self._journal_of(self._path))
        length = 0
        for entry, record in _records_of(self._journal):
            if "from" in record:
                self._begin(record["from"])
            elif record["metadata"]["ledger"] < ledger_size:
                self._put(record)
            else:
                break
            length += len(entry) + 1
        self._journal.cut(length)
        self.resumed = self._records
        if not self._records:
            self._journal.remove()
            self.abort()

    @staticmethod
    def _journal_of(path: Path) -> Path:
        return path.with_name(path.name + JOURNAL)

    def _write_manifest(self, size: int, head: str) -> None:
        records = sum(shard["records"] for shard in self._shards)
        manifest = {**self._header, "shards": self._shards, "records": records, "ledger": {"size": size, "head": head}}
        write_whole(self._folder / MANIFEST, render(manifest))

    def _continue(self) -> list[dict[str, Any]]:
        """The shards listed; what is not listed is removed."""
        manifest = read(self._folder) or {**self._header, "shards": []}
        for key, value in self._header.items():
            if manifest.get(key) != value:
                raise ManifestError(
                    f"{self._folder / MANIFEST}: {key} is {manifest.get(key)!r} there and {value!r} in this run. "
                    "Take another folder (-a out=...) or that run's settings."
                )
        shards: list[dict[str, Any]] = manifest["shards"]
        remove_parts(self._folder)
        listed = {shard["file"] for shard in shards}
        for path in self._folder.glob("[0-9]*" + self._format.SUFFIX):
            if path.name not in listed:
                self._guarded(path, path.unlink)
        return shards

    def _guarded(self, path: Path, action: Callable[[], T]) -> T:
        """Do it; when the disk refuses, undo the shard begun and say so."""
        try:
            return action()
        except OSError as error:
            self.abort()
            raise write_error(path, error) from error


def _entry(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def _records_of(journal: LineFile) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Entries with what they hold, up to one that was damaged."""
    for entry in journal.lines():
        try:
            yield entry, json.loads(entry)
        except ValueError:
            return


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
