"""How the addresses of an incremental crawl were reached, in `frontier/reached.jsonl`, for the runs that come after.

A page may be visited again though nothing leads to it this time: its parents have not changed, so their links are not
at hand. How deep it lies, and below which seed, says how far its own links are followed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from crawler.audit.frontier import FOLDER
from crawler.document import url_id
from crawler.durable import LineFile, make_folder
from crawler.pii.mask import mask_url

FILE = f"{FOLDER}/reached.jsonl"
LEFT = f"{FOLDER}/left.jsonl"  # links for which the limit had no room: [address, way] each, without identifiers
MOST_LEFT = 100_000  # remembered, so that a link that stands on every page is told of once


class Ways:
    """Appends to the files, one system call an address."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder / FOLDER)
        self._folder = folder
        self._file = LineFile(folder / FILE)
        self._left: LineFile | None = None
        self._told: set[bytes] = set()

    def tell(self, url: str, meta: Mapping[str, str | int]) -> None:
        """How an address was reached; what holds an identifier is left out. Raises WriteError."""
        told = {name: value for name, value in meta.items() if isinstance(value, int) or mask_url(value) == value}
        entry = json.dumps([url_id(url), told], ensure_ascii=False, separators=(",", ":"))
        self._file.append(entry.encode("utf-8", "replace") + b"\n")

    def leave(self, url: str, meta: Mapping[str, str | int]) -> None:
        """A link that this crawl has no room for, so that the next one need not find it again. Raises WriteError."""
        name = bytes.fromhex(url_id(url))
        if name in self._told or mask_url(url) != url:
            return
        if len(self._told) < MOST_LEFT:
            self._told.add(name)
        self._left = self._left or LineFile(self._folder / LEFT)
        self._left.append(json.dumps([url, dict(meta)], separators=(",", ":")).encode() + b"\n")

    def sync(self) -> None:
        """Bring it to the disk. Raises WriteError."""
        self._file.sync()
        if self._left:
            self._left.sync()

    def close(self) -> None:
        """Close; a second call does nothing."""
        self._file.close()
        if self._left:
            self._left.close()


def ways(folder: Path) -> Iterator[tuple[str, str]]:
    """Name of each address, and how it was reached, as JSON; nothing where the crawl did not say."""
    return ((name, meta) for name, meta in _entries(folder / FILE) if _is_name(name))


def left(folder: Path) -> Iterator[tuple[str, str]]:
    """Addresses that a crawl had no room for, and how they were reached, as JSON."""
    return _entries(folder / LEFT)


def _is_name(name: str) -> bool:
    return len(name) == 64 and all(character in "0123456789abcdef" for character in name)


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = path.open("rb")
    except OSError:
        return
    with lines:
        for content in lines:
            try:
                first, meta = json.loads(content)
            except (ValueError, TypeError):
                continue
            if isinstance(first, str) and isinstance(meta, dict):
                yield first, json.dumps(meta)
