"""Whether the files of a crawl are those that `ledger/files` lists, and `bodies-removed` events say were deleted.

The checkpoint signs the listing once a run has ended in order. A run that died, or goes on, has no digests of its files
but those of its manifests and of an earlier listing, which hold for what is never written again (UNCHANGING).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from crawler.audit.chain import Entry
from crawler.audit.checkpoint import FILES, read_files, read_signed, render_files
from crawler.audit.digests import Content, Digests
from crawler.audit.ledger_files import FOLDER as LEDGER
from crawler.audit.ledger_files import LedgerError
from crawler.audit.report import Report
from crawler.durable import write_error

REMOVED = "bodies-removed"
BODIES = "bodies/"
LISTING = f"{LEDGER}/{FILES}"
UNCHANGING = (".warc.gz", ".parquet", ".jsonl.zst")  # files that are never written again once a run has closed them
METRICS = "metrics.prom"  # written after the run has ended, for Prometheus; nothing is proved by it
UNNAMED = ("ledger/*", ".lock", "*.part", "*.journal", "frontier/*.sqlite*", METRICS)  # patterns of what is not listed

_SHA256 = re.compile("[0-9a-f]{64}")


def listing(crawl: Path, known: Mapping[str, tuple[int, str]]) -> bytes:
    """What `ledger/files` is to say at the end of a run.

    Args:
        crawl: The crawl's folder.
        known: What an earlier run listed; its files that never change are not read again.

    Raises:
        WriteError: A file cannot be read.
    """
    digests = Digests()
    kept = {name: file for name, file in known.items() if name.endswith(UNCHANGING)}
    try:
        return render_files({name: kept.get(name) or digests.of(crawl / name) for name in _names(crawl)})
    except OSError as error:
        raise write_error(crawl, error) from error


def _names(crawl: Path) -> Iterator[str]:
    """Every file, as seen from the crawl, but the ledger's own and those of a run under way."""
    for path in sorted(crawl.rglob("*")):
        name = path.relative_to(crawl).as_posix()
        if not path.is_dir() and not any(fnmatch(name, pattern) for pattern in UNNAMED):
            yield name


class Files:
    """Compares the files with the listing that the checkpoint vouches for, and with events that tell of deletions.

    Attributes:
        removed: Files below bodies/ that were deleted, as an event says.
    """

    def __init__(self, crawl: Path, digests: Digests, report: Report) -> None:
        self.removed: dict[str, str] = {}  # -> place of the event
        self._crawl, self._digests, self._report = crawl, digests, report
        self._listed, self._sealed_at = self._read_listing()

    def _read_listing(self) -> tuple[dict[str, Content], int | None]:
        """What ledger/files lists, and at which size of the ledger it was sealed; None when the run has not ended."""
        folder = self._crawl / LEDGER
        try:
            signed = read_signed(folder)
        except LedgerError:
            signed = None  # reported with the signatures
        try:
            listed = {name: Content(*file) for name, file in (read_files(folder) or {}).items()}
            digest = self._digests.of(folder / FILES).sha256 if listed else ""
        except (LedgerError, OSError) as error:
            self._report.problem(LISTING, str(error).partition(": ")[2] or "cannot be read")
            return {}, None
        sealed = signed.files if signed else ""
        if sealed and digest != sealed:
            self._report.problem(LISTING, "is not the listing that the checkpoint signs" if digest else "missing")
        return listed, signed.size if signed and sealed else None

    def outcome(self, entry: Entry) -> None:
        """An outcome line: there is none after the run has ended."""
        if self._sealed_at is not None and entry.seq >= self._sealed_at:
            self._report.problem(entry.where, "inserted: an outcome after the end of the run, as the checkpoint has it")

    def event(self, entry: Entry) -> None:
        """Take note of an event line."""
        name = entry.line.get("event")
        if not isinstance(name, str) or not isinstance(entry.line.get("time"), str) or "policy" in entry.line:
            self._report.problem(entry.where, "changed: neither an outcome nor an event")
        elif name == REMOVED:
            for file, content in self._files(entry):
                if file in self._listed and self._listed[file] != content:
                    self._report.problem(file, f"changed between its listing and {entry.where}")
                self.removed[file] = entry.where
                if not file.startswith(BODIES):
                    self._report.problem(entry.where, f"changed: {file} is not below {BODIES}")

    def end(self) -> None:
        """Compare what there is with what is listed, or told."""
        for file, content in self._listed.items():
            if file not in self.removed and (self._sealed_at is not None or file.endswith(UNCHANGING)):
                self._check(file, content)
        for file, where in self.removed.items():
            if (self._crawl / file).exists():
                self._report.problem(file, f"is there, though {where} says that it was deleted")
        if self._sealed_at is None:
            self._report.notes.append(
                "the run has not ended in order: its files have no digest that is signed but those of its manifests"
            )
            return
        for file in _names(self._crawl):
            if file not in self._listed:
                self._report.problem(file, f"is there, though {LISTING} does not list it")
        self._report.checked.append(f"files: {len(self._listed) - len(self.removed)}, as {LISTING} lists them")

    def _check(self, file: str, content: Content) -> None:
        try:
            found = self._digests.of(self._crawl / file)
        except FileNotFoundError:
            self._report.problem(file, f"missing, though {LISTING} lists it")
        except (OSError, ValueError) as error:
            self._report.problem(file, f"cannot be read: {getattr(error, 'strerror', 'no name of a file')}")
        else:
            if found.bytes != content.bytes:
                self._report.problem(file, f"changed: has {found.bytes} bytes instead of {content.bytes}")
            elif found != content:
                self._report.problem(file, "changed: its SHA-256 is not the one listed")

    def is_sound(self, file: str) -> bool:
        """Whether a file is what is listed."""
        try:
            return file in self._listed and self._digests.of(self._crawl / file) == self._listed[file]
        except (OSError, ValueError):
            return False

    def is_named(self, file: str) -> bool:
        """Whether it is listed."""
        return file in self._listed

    def _files(self, entry: Entry) -> Iterator[tuple[str, Content]]:
        """The files that an event names; what is no description of a file is reported."""
        files = entry.line.get("files")
        for file, told in files.items() if isinstance(files, dict) else ():
            content = _content(told) if _is_inside(file) else None
            if content:
                yield file, content
            else:
                self._report.problem(entry.where, "changed: names no file of the crawl with bytes and sha256")
        if not isinstance(files, dict):
            self._report.problem(entry.where, "changed: names no files")


def _content(told: object) -> Content | None:
    if not isinstance(told, Mapping) or type(told.get("bytes")) is not int:
        return None
    digest = str(told.get("sha256"))
    return Content(told["bytes"], digest) if _SHA256.fullmatch(digest) else None


def _is_inside(file: str) -> bool:
    parts = PurePosixPath(file).parts
    return bool(parts) and ".." not in parts and not file.startswith(("/", "ledger/")) and "\0" not in file
