"""Read a ledger from its beginning and name whatever does not fit, in constant memory."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from crawler.audit.checkpoint import CHECKPOINT, FILES, PUBLIC_KEY
from crawler.audit.ledger_files import FOLDER, MAX_LINE_BYTES, START, file_name, unseal
from crawler.audit.merkle import MerkleTree
from crawler.audit.report import Report
from crawler.audit.signatures import Mark
from crawler.durable import PART

_MOST_LINES = 2**53  # what a JSON number can count for sure
_MAX_GAPS = 10_000  # stretches of missing lines that are still looked for further down
_MAX_UNFIT = 10_000  # lines in a row whose hash does not fit, before it is said what they are
_NUMBERED = re.compile(r"(\d{5,})\.jsonl")


class Entry(NamedTuple):
    """One line of the ledger: its place ("ledger/00000.jsonl line 17"), `seq` and members."""

    where: str
    seq: int
    line: dict[str, Any]


class _Gap(NamedTuple):
    """Lines `first` to `last` were not where they belong, before the line at `where`."""

    first: int
    last: int
    where: str


class Chain:
    """Iterate over the sound lines of a crawl's ledger; the report gets what does not fit.

    Args:
        crawl: The folder.
        report: Gets what does not fit.
        marks: Which roots it should have at which sizes: of its own checkpoint first, then of older ones.

    Attributes:
        size: Number of lines the ledger should have, by the highest `seq` read.
        head: Hash of that line.
        files: Number of files read.
        root: Merkle root of all lines, once they were read.
    """

    def __init__(self, crawl: Path, report: Report, marks: Sequence[Mark] = ()) -> None:
        self.size, self.head, self.files, self.root = 0, START, 0, ""
        self._report = report
        self._folder = crawl / FOLDER
        self._unfit: list[str] = []  # places of lines whose hash does not fit, up to the next sound one
        self._gaps: list[_Gap] = []
        self._own = marks[:1]
        self._starts: list[tuple[int, str]] = []  # seq of the first line of each file, and the file's name
        self._ahead = sorted(marks, key=lambda mark: mark.size, reverse=True)
        self._right: list[Mark] = []
        self._wrong: list[Mark] = []

    def __iter__(self) -> Iterator[Entry]:
        tree = MerkleTree()
        self._compare(tree)
        for where, content in self._lines():
            tree.add(content)
            if self._ahead and tree.size == self._ahead[-1].size:
                self._compare(tree)
            digest = unseal(content)
            line = parse(content) if digest else None
            if line is None or type(line.get("seq")) is not int or not 0 <= line["seq"] < _MOST_LINES:
                self._unfit.append(where)
                if len(self._unfit) >= _MAX_UNFIT:
                    self._replace_unfit("changed", len(self._unfit), "")
                continue
            entry = Entry(where, line["seq"], line)
            self._settle_unfit(entry)
            self._place(entry, digest)
            if where.endswith(" line 1"):
                self._starts.append((entry.seq, where.removesuffix(" line 1")))
            yield entry
        self.root = tree.root
        self._end()

    def place_of(self, seq: int) -> str:
        """Where a line that was read stands, if nothing was wrong before it."""
        if self._report.found or not self._starts:
            return f"{FOLDER}/ seq {seq}"
        first, name = self._starts[bisect_right(self._starts, (seq, "~")) - 1]
        return f"{name} line {seq - first + 1}"

    def _compare(self, tree: MerkleTree) -> None:
        """Compare the root with those of the checkpoints of this size."""
        while self._ahead and self._ahead[-1].size <= tree.size:
            mark = self._ahead.pop()
            (self._right if mark.root == tree.root else self._wrong).append(mark)

    def _settle_unfit(self, entry: Entry) -> None:
        """Say of the lines that did not fit whether they stand for a line or beside one, now that the next is known."""
        if not self._unfit:
            return
        skipped, unfit = entry.seq - self.size, len(self._unfit)
        word = "changed" if skipped >= unfit else "inserted" if skipped == 0 else "changed or inserted"
        stood_for = min(max(skipped, 0), unfit)
        self._replace_unfit(word, stood_for, str(entry.line.get("prev")) if stood_for else self.head)

    def _replace_unfit(self, word: str, stood_for: int, head: str) -> None:
        for where in self._unfit:
            self._report.problem(where, f"{word} (its hash does not fit)")
        self._unfit.clear()
        self.size, self.head = self.size + stood_for, head

    def _place(self, entry: Entry, digest: str) -> None:
        """Compare a sound line with the place where it stands."""
        if entry.seq < self.size:
            self._report.problem(entry.where, self._misplaced(entry.seq))
            return
        if entry.seq > self.size:
            if len(self._gaps) < _MAX_GAPS:
                self._gaps.append(_Gap(self.size, entry.seq - 1, entry.where))
        elif entry.line.get("prev") != self.head:
            self._report.problem(entry.where, "changed: does not follow the line before it (prev is not its hash)")
        self.size, self.head = entry.seq + 1, digest

    def _misplaced(self, seq: int) -> str:
        for i, gap in enumerate(self._gaps):
            if gap.first <= seq <= gap.last:
                pieces = _Gap(gap.first, seq - 1, gap.where), _Gap(seq + 1, gap.last, gap.where)
                self._gaps[i : i + 1] = [piece for piece in pieces if piece.first <= piece.last]
                return f"reordered: seq {seq} belongs before {gap.where}"
        return f"inserted: seq {seq} stands there a second time"

    def _end(self) -> None:
        if self._unfit:
            self._replace_unfit("changed", len(self._unfit), "")
        missing = Report()
        for first, last, where in self._gaps:
            lines = f"the line with seq {first}" if first == last else f"the lines with seq {first} to {last}"
            missing.problem(where, f"missing before it: {lines}")
        self._report.merge(missing)
        for mark in self._wrong:
            what = f"its root is not that of the first {mark.size} lines: they or it were changed"
            if sure := max((found.size for found in self._right if found.size < mark.size), default=0):
                what += f", not before seq {sure}"
            self._report.problem(mark.where, what)
        for mark in reversed(self._ahead):
            which = "the checkpoint" if mark in self._own else mark.where
            seqs = f"seq {self.size}" if mark.size == self.size + 1 else f"seq {self.size} to {mark.size - 1}"
            what = f"truncated: {which} says {mark.size} lines, {self.size} are there; missing: {seqs}"
            self._report.problem(f"{FOLDER}/{file_name(max(self.files - 1, 0))}", what)
        for mark in self._own:
            if mark.size < self.size:
                self._report.notes.append(
                    f"{self.size - mark.size} line(s) after the checkpoint, signed by nobody: "
                    "the run ended before it could write one"
                )
        for mark in self._right:
            if mark not in self._own:
                self._report.checked.append(f"{mark.where}: the first {mark.size} line(s) are what it signs")

    def _lines(self) -> Iterator[tuple[str, bytes]]:
        """Place and content of every line of every file."""
        for path in self._files():
            name, number = f"{FOLDER}/{path.name}", 0
            try:
                with path.open("rb") as file:
                    while content := file.readline(MAX_LINE_BYTES):
                        number += 1
                        if content.endswith(b"\n"):
                            yield f"{name} line {number}", content[:-1]
                        else:
                            self._report.problem(f"{name} line {number}", "torn: the line does not end")
            except OSError as error:
                self._report.problem(name, f"cannot be read: {error.strerror}")

    def _files(self) -> Iterator[Path]:
        """The ledger's files in order; what is missing or foreign is reported."""
        numbered: dict[int, Path] = {}
        for path in sorted(self._folder.iterdir()):
            if (match := _NUMBERED.fullmatch(path.name)) and path.is_file():
                numbered[int(match[1])] = path
            elif path.name.removesuffix(PART) not in (CHECKPOINT, FILES, PUBLIC_KEY):
                self._report.problem(f"{FOLDER}/{path.name}", "no file of the ledger")
        for number, path in sorted(numbered.items()):
            if number != self.files:
                self._report.problem(f"{FOLDER}/{file_name(self.files)}", f"missing, though {path.name} is there")
            self.files = number + 1
            yield path


def parse(content: bytes) -> dict[str, Any] | None:
    """The JSON object of one line; None when it is none."""
    try:
        line = json.loads(content.decode())
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None
