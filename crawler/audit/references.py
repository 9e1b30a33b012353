"""Whether the records that lines name as their evidence are there; memory: 8 bytes for each record."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crawler.audit.chain import Entry
from crawler.audit.files import BODIES, Files
from crawler.audit.read_run import read_run
from crawler.audit.report import Report

_OFFSET = re.compile("[0-9]{1,18}")
FOLDERS = ("evidence", BODIES.rstrip("/"))

# The sources' room, handed in by the command. File -> offset of each record, whether it is sound; raises ValueError.
ReadPlaces = Callable[[Path], Iterator[tuple[int, bool]]]


@dataclass(slots=True)
class _Records:
    """Where records begin in a file: the sound ones, in order, and the others."""

    sound: array[int] = field(default_factory=lambda: array("Q"))
    damaged: list[int] = field(default_factory=list)
    problem: str = ""

    def begins(self, offset: int) -> bool:
        at = bisect_left(self.sound, offset)
        return at < len(self.sound) and self.sound[at] == offset


class References:
    """Looks up what lines name; each file is read once, when the first line names it."""

    def __init__(self, crawl: Path, read_places: ReadPlaces, report: Report) -> None:
        self._crawl, self._read, self._report = crawl, read_places, report
        self._files: dict[str, _Records] = {}
        self._missing: dict[str, str] = {}  # file -> first line that names it
        self._sources = _sources(crawl)
        self._references = self._elsewhere = 0

    def check(self, entry: Entry) -> None:
        """Compare one outcome line with the files it names."""
        named = entry.line.get("evidence", ())
        if not isinstance(named, list | tuple):
            self._report.problem(entry.where, "changed: its evidence is no list")
            return
        for place in named:
            file, _, offset = str(place).rpartition("#")
            folder, _, name = file.partition("/")
            if file in self._sources and _OFFSET.fullmatch(offset):
                self._elsewhere += 1
                continue
            if folder not in FOLDERS or "/" in name or name in ("", "..") or not _OFFSET.fullmatch(offset):
                self._report.problem(entry.where, "changed: names evidence that is no place in a file of the crawl")
                continue
            self._references += 1
            if not self._records(file).begins(int(offset)) and file not in self._missing:
                self._report.problem(entry.where, f"names the record {file}#{offset}, where no sound record begins")
            if file in self._missing and not self._missing[file]:
                self._missing[file] = entry.where

    def end(self, files: Files) -> None:
        """Report the files that are missing or damaged, also those that no line names.

        Args:
            files: What the event lines say; what a crash tore off at the end of a file that was never closed is a note.
        """
        for folder in FOLDERS:
            for path in sorted((self._crawl / folder).glob("*")) if (self._crawl / folder).is_dir() else ():
                if path.name.endswith((".warc", ".warc.gz", ".warc.zst")):
                    self._records(f"{folder}/{path.name}")
        for file, where in self._missing.items():
            if file not in files.removed:
                self._report.problem(file, f"missing, though {where} names a record in it")
        for file, records in self._files.items():
            if records.problem:
                self._report.problem(file, records.problem)
            for offset in dict.fromkeys(records.damaged):
                if not files.is_named(file) and offset >= (records.sound or [0])[-1]:
                    self._report.notes.append(f"{file}: torn at or after byte {offset}, as a run that died leaves it")
                else:
                    what = "changed: from there on a record does not fit its digest, or is torn"
                    self._report.problem(f"{file}#{offset}", what)
        if self._elsewhere:
            note = f"{self._elsewhere} reference(s) into archives that the crawl was judged from are not looked up"
            self._report.notes.append(note)
        count = sum(len(records.sound) for records in self._files.values())
        self._report.checked.append(f"evidence: {count} record(s), named {self._references} time(s)")

    def _records(self, file: str) -> _Records:
        if file not in self._files:
            records = self._files[file] = _Records()
            try:
                for offset, sound in self._read(self._crawl / file):
                    (records.sound if sound else records.damaged).append(offset)
            except FileNotFoundError:
                self._missing[file] = ""
            except OSError as error:
                records.problem = f"cannot be read: {error.strerror}"
            except ValueError:
                records.problem = "cannot be read as WARC"
        return self._files[file]


def _sources(crawl: Path) -> frozenset[str]:
    """Names of the archives that a crawl was judged from, which lie elsewhere."""
    sources = (read_run(crawl) or {}).get("sources")
    return frozenset(map(str, sources)) if isinstance(sources, list) else frozenset()
