"""A merged folder: `merged.json` names the crawls whose union it is, its signed checkpoint vouches for what it says.

    merged.json   what was merged, and the sums          checkpoint   C2SP tlog-checkpoint over the list of segments
    key.pub       the key to check the checkpoint with   SEGMENT/     a crawl, as every crawl is; may lie elsewhere

Size and root of the checkpoint are those of the Merkle tree whose leaves are the segments' entries in canonical form
(RFC 8785); its `files` line is the SHA-256 of merged.json. The ledgers themselves stay as they are: a segment's entry
names the size and the root of its ledger.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.audit.ledger_files import canonical
from crawler.audit.merkle import MerkleTree

MERGED = "merged.json"
CRAWL, JUDGED = "crawl", "judged"  # kinds: several processes of one crawl; several files judged as one input


class FolderError(Exception):
    """The folder is no crawl; the message says what is missing and what to give."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One of the crawls.

    Attributes:
        name: How it is called in places: the name of its folder.
        path: Its folder.
        crawl: Its id.
        size: Lines of its ledger when it was merged; `root` is their Merkle root, `head` the hash of the last one.
        key: The verifier key of its ledger.
        stored: Its folder as merged.json names it: below the merged folder where it lies there.
    """

    name: str
    path: Path
    crawl: str
    size: int
    root: str
    head: str
    key: str
    stored: str

    def as_json(self) -> dict[str, Any]:
        """Its entry in merged.json."""
        ledger = {"size": self.size, "root": self.root, "head": self.head}
        return {"name": self.name, "path": self.stored, "crawl": self.crawl, "ledger": ledger, "key": self.key}


@dataclass(frozen=True, slots=True)
class Merged:
    """What merged.json says.

    Attributes:
        id: Of the merged folder.
        time: When it was merged, ISO 8601.
        kind: "crawl" or "judged".
        policies: As run.json of every segment names them: id, title, day, digest.
        segments: In the order in which they were given.
        accepted: Number of addresses.
        counts: Policy -> "seen", then result -> number of addresses.
        repeated: Addresses that more than one segment has: taken over, or captured in several files.
        pending: Addresses without an outcome, under the policy that has most of them.
        frontier: How the frontier that the segments shared stood, as the last of them left it; None without one.
    """

    id: str
    time: str
    kind: str
    policies: tuple[Mapping[str, Any], ...]
    segments: tuple[Segment, ...]
    accepted: int
    counts: Mapping[str, Mapping[str, int]]
    repeated: int
    pending: int
    frontier: Mapping[str, Any] | None = None

    @property
    def origin(self) -> str:
        """The name that its checkpoint is signed under."""
        return f"usufruct/merged/{self.id}"

    @property
    def tree(self) -> MerkleTree:
        """Over the segments' entries."""
        tree = MerkleTree()
        for segment in self.segments:
            tree.add(canonical(segment.as_json()))
        return tree

    def render(self) -> bytes:
        """The content of merged.json."""
        value = {
            "id": self.id,
            "time": self.time,
            "kind": self.kind,
            "policies": [dict(policy) for policy in self.policies],
            "segments": [segment.as_json() for segment in self.segments],
            "accepted": self.accepted,
            "counts": {policy: dict(counts) for policy, counts in self.counts.items()},
            "repeated": self.repeated,
            "pending": self.pending,
            **({"frontier": dict(self.frontier)} if self.frontier else {}),
        }
        return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def is_merged(path: Path) -> bool:
    """Whether a folder is one of these."""
    return (path / MERGED).is_file()


def crawls_in(path: Path) -> tuple[Path, ...]:
    """The crawls that a folder stands for: itself, or the segments of a merged folder. Raises FolderError."""
    return tuple(segment.path for segment in read_merged(path).segments) if is_merged(path) else (path,)


def stored_path(segment: Path, out: Path) -> str:
    """How merged.json in `out` names a segment's folder."""
    folder, base = segment.resolve(), out.resolve()
    return folder.relative_to(base).as_posix() if folder.is_relative_to(base) else os.fspath(folder)


def read_merged(path: Path) -> Merged:
    """What merged.json in a folder says; nothing is checked but its form. Raises FolderError."""
    try:
        told = json.loads((path / MERGED).read_bytes())
        return Merged(
            id=str(told["id"]),
            time=str(told["time"]),
            kind=str(told["kind"]),
            policies=tuple(dict(policy) for policy in told["policies"]),
            segments=tuple(_segment(path, entry) for entry in told["segments"]),
            accepted=int(told["accepted"]),
            counts={str(policy): dict(counts) for policy, counts in told["counts"].items()},
            repeated=int(told["repeated"]),
            pending=int(told["pending"]),
            frontier=dict(told["frontier"]) if told.get("frontier") else None,
        )
    except OSError as error:
        raise FolderError(f"{path / MERGED}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FolderError(
            f"{path / MERGED}: changed (not what `scrapy audit merge` writes: {type(error).__name__}); merge again"
        ) from error


def _segment(folder: Path, entry: Mapping[str, Any]) -> Segment:
    stored, ledger = str(entry["path"]), entry["ledger"]
    return Segment(
        name=str(entry["name"]),
        path=folder / stored,
        crawl=str(entry["crawl"]),
        size=int(ledger["size"]),
        root=str(ledger["root"]),
        head=str(ledger["head"]),
        key=str(entry["key"]),
        stored=stored,
    )
