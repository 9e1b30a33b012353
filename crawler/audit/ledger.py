"""The ledger: an append-only, hash-chained record of every outcome.

`ledger/00000.jsonl`, `00001.jsonl`, ... hold one JSON object a line in canonical form (RFC 8785). The ledger adds
three members: `seq` counts lines from 0 over all files, `prev` is the hash of the line before (64 zeros at first),
`hash` is the SHA-256 in hex of the canonical line without `hash`. `ledger/checkpoint` says how far the lines are
known to be on the disk: origin, size and base64 head, a line each, as in C2SP tlog-checkpoint, not yet signed.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import rfc8785

from crawler.audit.line_file import LineFile
from crawler.durable import make_folder, write_whole

FOLDER = "ledger"
CHECKPOINT = "checkpoint"
ORIGIN = "usufruct/ledger/v1"
START = "0" * 64  # what the first line names as the hash of the line before it
MAX_FILE_BYTES = 64 * 1024 * 1024

_HASH = re.compile(rb'"hash":"([0-9a-f]{64})",')  # inside a JSON string the quotes would be escaped


class LedgerError(Exception):
    """The ledger on the disk cannot be continued or read; the message says where, why and what to do."""


class Checkpoint(NamedTuple):
    """How many lines are on the disk, and the hash of the last one."""

    size: int
    head: str


class Ledger:
    """Appends to the ledger of one crawl; the only one to do so.

    Args:
        folder: The crawl's folder; the ledger stands in `ledger/` below it.
        max_file_bytes: A file that has grown beyond this is followed by a new one.

    Attributes:
        size: Number of lines, and the `seq` of the next one.
        head: Hash of the last line.

    Raises:
        WriteError: The disk refused.
        LedgerError: What is there does not end as a ledger ends; it is left untouched.
    """

    def __init__(self, folder: Path, *, max_file_bytes: int = MAX_FILE_BYTES) -> None:
        self.folder = folder / FOLDER
        self.size, self.head = 0, START
        self._max_file_bytes = max_file_bytes
        make_folder(self.folder)
        files = ledger_files(self.folder)
        self._number = max(len(files) - 1, 0)
        self._continue(files)
        self._file = LineFile(self.folder / file_name(self._number))
        self.sync()

    def append(self, line: Mapping[str, Any]) -> int:
        """Write one line and return its `seq`. It survives the process at once, the machine after `sync`.

        Raises:
            WriteError: The ledger ends with the line before.
            ValueError: The line holds what JSON cannot (RFC 8785), or one of the ledger's own members.
        """
        content, digest = seal(line, self.size, self.head)
        if self._file.bytes and self._file.bytes + len(content) > self._max_file_bytes:
            self._rotate()
        self._file.append(content)
        seq, self.size, self.head = self.size, self.size + 1, digest
        return seq

    def sync(self) -> Checkpoint:
        """Bring all lines to the disk, then say so in the checkpoint. Raises WriteError."""
        self._file.sync()
        checkpoint = Checkpoint(self.size, self.head)
        write_whole(self.folder / CHECKPOINT, render_checkpoint(checkpoint))
        return checkpoint

    def close(self) -> None:
        """Sync and close; a second call does nothing. Raises WriteError."""
        if not self._file.closed:
            self.sync()
            self._file.close()

    def _rotate(self) -> None:
        self._file.sync()
        following = LineFile(self.folder / file_name(self._number + 1))
        self._file.close()
        self._file, self._number = following, self._number + 1

    def _continue(self, files: list[Path]) -> None:
        """Take size and head from the last whole line."""
        for path in reversed(files):
            file = LineFile(path)
            last = file.last_line()
            file.close()
            if last:
                self.size, self.head = _end_of(path, last)
                break
        known = read_checkpoint(self.folder)
        if known and known.size > self.size:
            raise LedgerError(
                f"{self.folder}: {known.size} lines were on the disk, {self.size} are there. "
                "Lines were lost or removed: run `scrapy audit verify`, and crawl into a new folder."
            )


def seal(line: Mapping[str, Any], seq: int, prev: str) -> tuple[bytes, str]:
    """The line as it is stored, newline included, and its hash."""
    if not line.keys().isdisjoint(("seq", "prev", "hash")):
        raise ValueError("seq, prev and hash are the ledger's own members")
    members = {**line, "seq": seq, "prev": prev}
    before = rfc8785.dumps({key: value for key, value in members.items() if key < "hash"})[:-1]
    after = rfc8785.dumps({key: value for key, value in members.items() if key > "hash"})[1:]
    opening = before + b"," if len(before) > 1 else before
    digest = sha256(opening + after).hexdigest()
    return b'%s"hash":"%s",%s\n' % (opening, digest.encode(), after), digest


def unseal(content: bytes) -> str:
    """The hash of a stored line, newline left out, if the line is what it was when it was sealed; else ""."""
    for found in _HASH.finditer(content):
        digest = sha256(content[: found.start()])
        digest.update(content[found.end() :])
        if digest.hexdigest().encode() == found[1]:
            return digest.hexdigest()
    return ""


def file_name(number: int) -> str:
    """Name of the nth ledger file, n from 0."""
    return f"{number:05d}.jsonl"


def ledger_files(folder: Path) -> list[Path]:
    """The ledger's files in order, as far as their numbers follow each other."""
    files: list[Path] = []
    while (path := folder / file_name(len(files))).is_file():
        files.append(path)
    return files


def render_checkpoint(checkpoint: Checkpoint) -> bytes:
    """The checkpoint file's content."""
    head = base64.b64encode(bytes.fromhex(checkpoint.head)).decode()
    return f"{ORIGIN}\n{checkpoint.size}\n{head}\n".encode()


def read_checkpoint(folder: Path) -> Checkpoint | None:
    """The checkpoint of the ledger in `folder`; None when there is no such file.

    Raises:
        LedgerError: It is no checkpoint of ours.
    """
    path = folder / CHECKPOINT
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        _, size, head, _ = content.decode().split("\n")
        checkpoint = Checkpoint(int(size), base64.b64decode(head, validate=True).hex())
    except ValueError:
        checkpoint = Checkpoint(-1, "")
    if len(checkpoint.head) != len(START) or render_checkpoint(checkpoint) != content:
        raise LedgerError(f"{path}: changed (not the origin, size and head of a ledger)")
    return checkpoint


def _end_of(path: Path, last: bytes) -> Checkpoint:
    digest = unseal(last)
    if not digest:
        raise LedgerError(
            f"{path}: the last line was changed (its hash does not fit). "
            "Run `scrapy audit verify`, and crawl into a new folder."
        )
    return Checkpoint(json.loads(last)["seq"] + 1, digest)
