"""Whether the files are those that event lines name: `closed` says what there is, `bodies-removed` what went.

A crawl that was resumed and not closed again may change only what a running crawl changes (GROWING and LISTS); one that
was never closed has no digests of its files but those of its manifests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from crawler.audit.chain import Entry
from crawler.audit.digests import Content, Digests, beginning_of
from crawler.audit.report import Report

CLOSED, RESUMED, REMOVED = "closed", "resumed", "bodies-removed"
BODIES = "bodies/"
UNNAMED = ("ledger/*", ".lock", "*.part", "*.journal", "frontier/state.sqlite*")  # patterns of what no event names
GROWING = ("frontier/accepted.jsonl",)  # a running crawl appends to it
LISTS = ("run.json", "*manifest.json")  # a running crawl replaces it

_SHA256 = re.compile("[0-9a-f]{64}")


class _Told(NamedTuple):
    """A file, as the event line at `where` has it."""

    content: Content
    where: str


def describe_files(crawl: Path) -> dict[str, dict[str, Any]]:
    """What a `closed` event says of the files that there are now: path -> bytes, sha256. Raises OSError."""
    digests = Digests()
    return {name: digests.of(crawl / name)._asdict() for name in _names(crawl)}


def _names(crawl: Path) -> Iterator[str]:
    for path in sorted(crawl.rglob("*")):
        name = path.relative_to(crawl).as_posix()
        if not path.is_dir() and not any(fnmatch(name, pattern) for pattern in UNNAMED):
            yield name


class Files:
    """Reads the event lines, then compares the files with them.

    Attributes:
        removed: Files below bodies/ that were deleted, as an event says.
    """

    def __init__(self, crawl: Path, digests: Digests, report: Report) -> None:
        self.removed: dict[str, str] = {}  # -> place of the event
        self._crawl, self._digests, self._report = crawl, digests, report
        self._told: dict[str, _Told] = {}
        self._closed = ""  # place of the last `closed`
        self._is_open = True
        self._pending: tuple[str, int] | None = None

    @property
    def pending(self) -> tuple[str, int] | None:
        """Where the last `closed` stands, and how many URLs were pending then; None when the crawl went on since."""
        return None if self._is_open else self._pending

    def outcome(self, entry: Entry) -> None:
        """An outcome line: there is none after a `closed`, unless the crawl was resumed."""
        if not self._is_open:
            self._report.problem(entry.where, f"inserted: an outcome, though the crawl was closed at {self._closed}")

    def event(self, entry: Entry) -> None:
        """Take note of an event line."""
        name = entry.line.get("event")
        if not isinstance(name, str) or not isinstance(entry.line.get("time"), str) or "policy" in entry.line:
            self._report.problem(entry.where, "changed: neither an outcome nor an event")
        elif name == CLOSED:
            self._closed, self._is_open = entry.where, False
            pending = entry.line.get("pending")
            self._pending = (entry.where, pending) if type(pending) is int else None
            for file, content in self._files(entry):
                if not self._may_differ(file):
                    self._compare(file, content, entry.where)
                self._told[file] = _Told(content, entry.where)
        elif name == RESUMED:
            self._is_open = True
        elif name == REMOVED:
            for file, content in self._files(entry):
                self._compare(file, content, entry.where)
                self.removed[file] = entry.where
                if not file.startswith(BODIES):
                    self._report.problem(entry.where, f"changed: {file} is not below {BODIES}")

    def end(self) -> None:
        """Compare what there is with what the events name."""
        for file, told in self._told.items():
            if file in self.removed:
                continue
            try:
                if problem := self._difference(file, told.content):
                    self._report.problem(file, f"{problem}, says the closing at {told.where}")
            except FileNotFoundError:
                self._report.problem(file, f"missing, though the closing at {told.where} names it")
            except (OSError, ValueError) as error:
                self._report.problem(file, f"cannot be read: {getattr(error, 'strerror', 'no name of a file')}")
        for file, where in self.removed.items():
            if (self._crawl / file).exists():
                self._report.problem(file, f"is there, though {where} says that it was deleted")
        if not self._closed:
            self._report.notes.append("the run was not closed: evidence, bodies and facts have no digest in the ledger")
        elif self._is_open:
            self._report.notes.append("the run was resumed and not closed again: its newest files have no digest yet")
        else:
            for file in _names(self._crawl):
                if file not in self._told:
                    self._report.problem(file, f"is there, though the closing at {self._closed} does not name it")
            self._report.checked.append(f"files: {len(self._told) - len(self.removed)}, as closed at {self._closed}")

    def is_sound(self, file: str) -> bool:
        """Whether a file is what the last `closed` that names it says."""
        try:
            return file in self._told and self._digests.of(self._crawl / file) == self._told[file].content
        except (OSError, ValueError):
            return False

    def is_named(self, file: str) -> bool:
        """Whether a `closed` names it."""
        return file in self._told

    def _difference(self, file: str, content: Content) -> str:
        """How a file differs from what is told; "" when it does not, or may. Raises OSError."""
        path = self._crawl / file
        if self._is_open and file in GROWING:
            found = beginning_of(path, content.bytes)
        elif self._is_open and self._may_differ(file):
            return ""
        else:
            found = self._digests.of(path)
        if found.bytes != content.bytes:
            return f"changed: has {found.bytes} bytes instead of {content.bytes}"
        return "" if found == content else "changed: its SHA-256 is another"

    def _compare(self, file: str, content: Content, where: str) -> None:
        if file in self._told and self._told[file].content != content:
            self._report.problem(file, f"changed between {self._told[file].where} and {where}")

    def _may_differ(self, file: str) -> bool:
        return any(fnmatch(file, pattern) for pattern in (*GROWING, *LISTS))

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
