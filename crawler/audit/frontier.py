"""Which URLs were accepted for the crawl: what has no final line in the ledger is pending."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from crawler.audit.line import printable, site_of
from crawler.document import url_id
from crawler.durable import LineFile, make_folder

FOLDER = "frontier"
FILE = "accepted.jsonl"


class Accepted(NamedTuple):
    """One accepted URL: its name, its masked form, its host."""

    url_sha256: str
    url: str
    site: str


class Frontier:
    """Appends accepted URLs to `frontier/accepted.jsonl`, one system call each. A URL may stand there twice."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder / FOLDER)
        self._file = LineFile(folder / FOLDER / FILE)

    def accept(self, url: str, masked_url: str) -> None:
        """Record one URL before it is queued. Raises WriteError."""
        accepted = Accepted(url_id(url), printable(masked_url), site_of(url))
        self._file.append(json.dumps(accepted._asdict(), ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    def cut_unknown(self, known: Callable[[str], bool]) -> None:
        """Drop the last URLs as long as they are not known, by their SHA-256: a run died before they were in."""
        while last := self._file.last_line():
            accepted = _parse(last)
            if accepted is None or known(accepted.url_sha256):
                return
            self._file.cut(self._file.bytes - len(last) - 1)

    def sync(self) -> None:
        """Bring it to the disk. Raises WriteError."""
        self._file.sync()

    def close(self) -> None:
        """Close; a second call does nothing."""
        self._file.close()


def read(folder: Path) -> Iterator[Accepted]:
    """Every accepted URL, in order, repeats kept; nothing when the crawl has no frontier."""
    return (accepted for _, accepted in entries(folder) if accepted)


def entries(folder: Path) -> Iterator[tuple[int, Accepted | None]]:
    """Number and content of every whole line; None for one that was changed."""
    path = folder / FOLDER / FILE
    if not path.is_file():
        return
    with path.open("rb") as lines:
        for number, content in enumerate(lines, 1):
            if content.endswith(b"\n"):  # else torn by a crash: that URL was not queued
                yield number, _parse(content)


def _parse(content: bytes) -> Accepted | None:
    try:
        accepted = Accepted(**json.loads(content.decode()))
        bytes.fromhex(accepted.url_sha256)
    except (ValueError, TypeError, RecursionError):
        return None
    return accepted
