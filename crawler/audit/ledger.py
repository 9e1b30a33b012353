"""The ledger: an append-only, hash-chained record of every outcome, signed.

`ledger/00000.jsonl`, `00001.jsonl`, ... hold one JSON object a line in canonical form (RFC 8785). The ledger adds
three members: `seq` counts lines from 0 over all files, `prev` is the hash of the line before (64 zeros at first),
`hash` is the SHA-256 in hex of the canonical line without `hash`. `ledger/checkpoint` says, signed, how far the lines
are known to be on the disk (checkpoint.py); `ledger/key.pub` is the key to check it with.

An outcome line has a `result`; an event line has an `event` instead, and says what happened to the crawl as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from crawler.audit.checkpoint import (
    CHECKPOINT,
    FILES,
    PUBLIC_KEY,
    Checkpoint,
    Signed,
    read_checkpoint,
    read_key,
    read_signed,
    render_key,
    sign_checkpoint,
)
from crawler.audit.ledger_files import FOLDER, START, LedgerError, file_name, ledger_files, seal, unseal
from crawler.audit.reopen import reopen
from crawler.audit.signing import SignatureError, SigningKey
from crawler.durable import LineFile, make_folder, write_error, write_whole

__all__ = [
    "CHECKPOINT",
    "FOLDER",
    "START",
    "Checkpoint",
    "Ledger",
    "LedgerError",
    "file_name",
    "ledger_files",
    "read_checkpoint",
    "seal",
    "unseal",
]

MAX_FILE_BYTES = 64 * 1024 * 1024


def _ignore(_: bytes) -> None:
    """Nobody wants the lines."""


class Ledger:
    """Appends to the ledger of one crawl; the only one to do so. One that exists is read once, to go on with it.

    Args:
        folder: The crawl's folder; the ledger stands in `ledger/` below it.
        key: Signs the checkpoints.
        origin: Whose ledger it is, "usufruct/<crawl id>"; the key's name.
        group_size: How many outcome lines a URL has. Fewer, at the end and after the checkpoint, are what a crash left:
            they are dropped.
        max_file_bytes: A file that has grown beyond this is followed by a new one.
        on_line: Called with each line that was there and stays, newline left out.
        trust_unsynced: False drops all lines after the checkpoint, as after a crash of the machine: what they speak of
            may not be on the disk.

    Attributes:
        size: Number of lines, and the `seq` of the next one.
        head: Hash of the last line.
        dropped: How many lines were dropped at opening, a torn one included.

    Raises:
        WriteError: The disk refused.
        LedgerError: What is there does not end as a ledger ends, or is not signed by this key; it is left untouched.
    """

    def __init__(
        self,
        folder: Path,
        *,
        key: SigningKey,
        origin: str,
        group_size: int = 1,
        max_file_bytes: int = MAX_FILE_BYTES,
        on_line: Callable[[bytes], None] = _ignore,
        trust_unsynced: bool = True,
    ) -> None:
        self.folder = folder / FOLDER
        self._key, self._origin, self._max_file_bytes = key, origin, max_file_bytes
        make_folder(self.folder)
        known = self._check_key()
        try:
            found = reopen(self.folder, known, group_size=group_size, trust_unsynced=trust_unsynced, on_line=on_line)
        except OSError as error:
            raise write_error(self.folder, error) from error
        self._files = known.files if known else ""
        self._tree, self.head, self.dropped = found.tree, found.head, found.dropped
        self._number = found.number
        self._file = LineFile(self.folder / file_name(self._number))
        write_whole(self.folder / PUBLIC_KEY, render_key(key.verifier(origin)))
        self.sync()

    @property
    def size(self) -> int:
        return self._tree.size

    @property
    def root(self) -> str:
        """Merkle root of all lines, in hex."""
        return self._tree.root

    def append(self, lines: Sequence[Mapping[str, Any]]) -> int:
        """Write lines that belong together, all or none, and return the first one's `seq`.

        They survive the process at once, the machine after `sync`.

        Raises:
            WriteError: The ledger ends with the line before them.
            ValueError: A line holds what JSON cannot (RFC 8785), or one of the ledger's own members.
        """
        first = seq = self.size
        head, contents = self.head, []
        for line in lines:
            content, head = seal(line, seq, head)
            contents.append(content)
            seq += 1
        whole = b"".join(contents)
        if self._file.bytes and self._file.bytes + len(whole) > self._max_file_bytes:
            self._rotate()
        self._file.append(whole)
        for content in contents:
            self._tree.add(content[:-1])
        self.head = head
        return first

    def event(self, event: str, /, **members: Any) -> int:
        """Write a line about the crawl as a whole, with the time now, and return its `seq`. Raises as `append`."""
        if not members.keys().isdisjoint(("event", "result", "policy")):
            raise ValueError("an event has no result and no policy: it is no outcome")
        time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return self.append([{"event": event, "time": time, **members}])

    def sync(self) -> Checkpoint:
        """Bring all lines to the disk, then say so in the signed checkpoint. Raises WriteError."""
        self._file.sync()
        checkpoint = Checkpoint(self.size, self.root, self.head)
        note = sign_checkpoint(checkpoint.size, checkpoint.root, self._key, self._origin, self._files)
        write_whole(self.folder / CHECKPOINT, note)
        return checkpoint

    def sync_head(self) -> tuple[int, str]:
        """Sync; how many lines are on the disk, and the hash of the last one. Raises WriteError."""
        checkpoint = self.sync()
        return checkpoint.size, checkpoint.head

    def seal(self, listing: bytes) -> None:
        """Vouch for the other files of the crawl, as `render_files` lists them, with every checkpoint from now on.

        Raises:
            WriteError: The disk refused.
        """
        write_whole(self.folder / FILES, listing)
        self._files = sha256(listing).hexdigest()
        self.sync()

    def unseal(self) -> None:
        """The other files of the crawl are about to change. Raises WriteError."""
        if self._files:
            self._files = ""
            self.sync()

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

    def _check_key(self) -> Signed | None:
        """The checkpoint that is there, if any, signed by the key that we go on with."""
        own = self._key.verifier(self._origin)
        try:
            known = read_signed(self.folder)
            if known:
                known.check(own)
        except SignatureError as error:
            raise LedgerError(
                f"{self.folder / CHECKPOINT}: {error}. Only the key that began a ledger goes on with it: "
                "name its file (-s LEDGER_KEY=...), or crawl into a new folder."
            ) from error
        if (key := read_key(self.folder)) and key != own:
            raise LedgerError(
                f"{self.folder / PUBLIC_KEY}: names another key, {key}. Only the key that began a ledger goes on with "
                "it: name its file (-s LEDGER_KEY=...), or crawl into a new folder."
            )
        return known
