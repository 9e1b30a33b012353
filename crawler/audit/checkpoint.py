"""How far the ledger was when its key signed it: a C2SP tlog-checkpoint in a signed note (read 2026-11-23).

    <origin>, which is the key's name
    <number of lines>
    <base64 of their Merkle root>
    files <SHA-256 of ledger/files in hex>        (an extension line, once a run has ended in order)

`ledger/files` lists every other file of the crawl, one a line: SHA-256, two spaces, size in bytes, two spaces, name.
`ledger/checkpoint` is the latest. Older ones, kept elsewhere, prove that nothing before them was changed since.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from crawler.audit.ledger_files import START, LedgerError, ledger_files, unseal
from crawler.audit.signing import SignatureError, SigningKey, VerifierKey, parse_verifier_key, split_note

CHECKPOINT = "checkpoint"
PUBLIC_KEY = "key.pub"
FILES = "files"


class Checkpoint(NamedTuple):
    """How many lines are on the disk, their Merkle root, and the hash of the last one, both in hex."""

    size: int
    root: str
    head: str


class Signed(NamedTuple):
    """What a checkpoint's text says; `note` is the whole file, `files` the digest of the listing, "" for none."""

    origin: str
    size: int
    root: str
    note: bytes
    files: str = ""

    def check(self, key: VerifierKey) -> None:
        """Raise SignatureError unless this key signed it, for its own ledger."""
        key.open(self.note)
        if self.origin != key.name:
            raise SignatureError(f"of another ledger: {self.origin!r} is not the key's name {key.name!r}")


def sign_checkpoint(size: int, root: str, key: SigningKey, origin: str, files: str = "") -> bytes:
    """The checkpoint file's content."""
    return key.sign(_text(origin, size, root, files), origin)


def parse_checkpoint(note: bytes) -> Signed:
    """What a signed checkpoint says; the signature is not checked.

    Raises:
        SignatureError: It is none.
    """
    text, _ = split_note(note)
    try:
        origin, size, root, *further, _ = text.split("\n")
        files = "".join(further).removeprefix(f"{FILES} ")
        signed = Signed(origin, int(size), base64.b64decode(root, validate=True).hex(), note, files)
    except ValueError:
        signed = Signed("", -1, "", note)
    if len(signed.root) != len(START) or _text(*signed[:3], signed.files) != text:
        raise SignatureError("changed (not the origin, size and root of a ledger)")
    return signed


def read_signed(folder: Path) -> Signed | None:
    """The checkpoint of the ledger in `folder`, its signature not checked; None when there is no such file.

    Raises:
        LedgerError: It is no signed checkpoint, with nothing besides.
    """
    path = folder / CHECKPOINT
    try:
        signed = parse_checkpoint(path.read_bytes())
        if len(split_note(signed.note)[1]) != 1:
            raise SignatureError("changed (another signature was added)")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read: {error.strerror}") from error
    except SignatureError as error:
        raise LedgerError(f"{path}: {error}") from error
    return signed


def render_files(files: Mapping[str, tuple[int, str]]) -> bytes:
    """The content of `ledger/files`: name -> size in bytes and SHA-256 in hex."""
    return "".join(f"{digest}  {size}  {name}\n" for name, (size, digest) in sorted(files.items())).encode()


def read_files(folder: Path) -> dict[str, tuple[int, str]] | None:
    """What `ledger/files` lists: name -> size in bytes and SHA-256 in hex; None when there is no listing.

    Raises:
        LedgerError: It is none of ours.
    """
    path = folder / FILES
    try:
        content = path.read_bytes()
        listed = [line.split("  ", 2) for line in content.decode().splitlines()]
        files = {name: (int(size), digest) for digest, size, name in listed}
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError:
        content, files = b"changed", {}
    if render_files(files) != content:
        raise LedgerError(f"{path}: changed (not the digest, size and name of files)")
    return files


def read_key(folder: Path) -> VerifierKey | None:
    """The verifier key that stands beside the ledger; None when there is none.

    Raises:
        LedgerError: It is no key.
    """
    path = folder / PUBLIC_KEY
    try:
        content = path.read_bytes()
        key = parse_verifier_key(content.decode())
        if render_key(key) != content:
            raise SignatureError("changed (one line was written there)")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise LedgerError(
            f"{path}: {error if isinstance(error, SignatureError) else 'no verifier key (no text)'}"
        ) from error
    return key


def render_key(key: VerifierKey) -> bytes:
    """The content of `ledger/key.pub`."""
    return f"{key}\n".encode()


def read_checkpoint(folder: Path) -> Checkpoint | None:
    """The checkpoint with the hash of its last line, both as they stand there, not verified; None when there is none.

    Raises:
        LedgerError: It is no checkpoint, or its last line is not there.
    """
    signed = read_signed(folder)
    if signed is None:
        return None
    return Checkpoint(signed.size, signed.root, _hash_of(folder, signed.size - 1) if signed.size else START)


def _hash_of(folder: Path, seq: int) -> str:
    """The hash that the line names; it is among the last ones."""
    for path in reversed(ledger_files(folder)):
        with path.open("rb") as lines:
            for line in lines:
                if b'"seq":%d' % seq in line and unseal(line[:-1]) and (found := json.loads(line))["seq"] == seq:
                    return str(found["hash"])
    raise LedgerError(f"{folder}: the line with seq {seq} is not there; run `scrapy audit verify`")


def _text(origin: str, size: int, root: str, files: str) -> str:
    text = f"{origin}\n{size}\n{base64.b64encode(bytes.fromhex(root)).decode()}\n"
    return f"{text}{FILES} {files}\n" if files else text
