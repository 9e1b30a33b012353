"""Read a ledger once from its beginning, to go on with it: the chain is checked, and what a crash left is cut off."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from crawler.audit.checkpoint import Signed
from crawler.audit.ledger_files import MAX_LINE_BYTES, START, LedgerError, ledger_files, unseal
from crawler.audit.merkle import MerkleTree

_ADVICE = "Run `scrapy audit verify`, and crawl into a new folder."

OnLine = Callable[[bytes], None]


class _Raw(NamedTuple):
    """One line as it stands in a file; `end` is where the next one begins. `content` has its newline, if it ends."""

    number: int
    end: int
    content: bytes
    where: str


@dataclass(slots=True)
class Reopened:
    """A ledger as far as it is whole: its lines, and where in which file the next one goes."""

    tree: MerkleTree = field(default_factory=MerkleTree)
    head: str = START
    number: int = 0
    bytes: int = 0
    dropped: int = 0


def reopen(folder: Path, known: Signed | None, *, group_size: int, trust_unsynced: bool, on_line: OnLine) -> Reopened:
    """Read the ledger in `folder`, then cut off what the run that wrote it did not finish.

    Args:
        folder: Of the ledger's files.
        known: Its checkpoint.
        group_size: How many outcome lines a URL has; fewer at the end, behind the checkpoint, are cut off.
        trust_unsynced: False cuts off everything behind the checkpoint.
        on_line: Called with each line that stays, newline left out.

    Raises:
        LedgerError: What is there does not end as a ledger ends; it is left untouched.
        OSError: The disk refused.
    """
    sure = known.size if known else 0
    found, group = Reopened(), _Group(sure, group_size)
    torn = ""
    expected, prev = 0, START
    for raw in _raw_lines(folder):
        if torn and trust_unsynced:
            raise LedgerError(f"{torn}: torn, and other lines follow. {_ADVICE}")
        if expected >= sure and not trust_unsynced:
            found.dropped += 1
            continue
        if not raw.content.endswith(b"\n"):
            torn = raw.where
            found.dropped += 1
            continue
        line, digest = _checked(raw, expected, prev)
        expected, prev = expected + 1, digest
        for whole, whole_digest in group.add(raw, digest, str(line["url_sha256"]) if "result" in line else ""):
            _take(found, whole, whole_digest, known, on_line)
    for whole, whole_digest in group.rest():
        _take(found, whole, whole_digest, known, on_line)
    found.dropped += len(group)
    if found.tree.size < sure:
        raise LedgerError(
            f"{folder}: {sure} lines were on the disk, {found.tree.size} are there. "
            f"Lines were lost or removed: {_ADVICE[0].lower()}{_ADVICE[1:]}"
        )
    if expected and known is None:
        raise LedgerError(f"{folder}: has lines and no checkpoint: it was removed. {_ADVICE}")
    _cut(folder, found)
    return found


class _Group:
    """Holds the lines of one URL back until all of them have been read."""

    def __init__(self, sure: int, size: int) -> None:
        self._sure, self._size = sure, size
        self._name = ""
        self._lines: list[tuple[_Raw, str]] = []
        self._first = self._next = 0  # seq of the first line held back, and of the next to come

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, raw: _Raw, digest: str, name: str) -> Iterator[tuple[_Raw, str]]:
        """Take a line; `name` is its URL's, "" for a line that stands alone. Yields those that are whole now."""
        if not name or name != self._name:
            yield from self._release()
        self._name = name
        self._lines.append((raw, digest))
        self._next += 1
        if not name or len(self._lines) >= self._size:
            yield from self._release()

    def rest(self) -> Iterator[tuple[_Raw, str]]:
        """What is left and was on the disk when the checkpoint was written; the others stay."""
        if self._first < self._sure:
            yield from self._release()

    def _release(self) -> Iterator[tuple[_Raw, str]]:
        lines, self._lines, self._first = self._lines, [], self._next
        return iter(lines)


def _take(found: Reopened, raw: _Raw, digest: str, known: Signed | None, on_line: OnLine) -> None:
    found.tree.add(raw.content[:-1])
    found.head, found.number, found.bytes = digest, raw.number, raw.end
    if known and found.tree.size == known.size and found.tree.root != known.root:
        raise LedgerError(f"{raw.where}: up to here the lines are not those that the checkpoint signs. {_ADVICE}")
    on_line(raw.content[:-1])


def _checked(raw: _Raw, seq: int, prev: str) -> tuple[dict[str, object], str]:
    content = raw.content[:-1]
    digest = unseal(content)
    if not digest:
        raise LedgerError(f"{raw.where}: the line was changed (its hash does not fit). {_ADVICE}")
    try:
        line = json.loads(content)
    except (ValueError, RecursionError):
        line = {}
    if line.get("seq") != seq or line.get("prev") != prev or ("result" in line and "url_sha256" not in line):
        raise LedgerError(f"{raw.where}: does not follow the line before it. {_ADVICE}")
    return line, digest


def _raw_lines(folder: Path) -> Iterator[_Raw]:
    for number, path in enumerate(ledger_files(folder)):
        with path.open("rb") as file:
            end = count = 0
            while content := file.readline(MAX_LINE_BYTES):
                end, count = end + len(content), count + 1
                yield _Raw(number, end, content, f"{path} line {count}")


def _cut(folder: Path, found: Reopened) -> None:
    """Leave nothing behind the last line that stays; the last file goes first, so that a crash does not matter."""
    files = ledger_files(folder)
    for path in reversed(files[found.number + 1 :]):
        path.unlink()
    if files and files[found.number].stat().st_size > found.bytes:
        os.truncate(files[found.number], found.bytes)
