"""What the workers did: counted beside the pages, for whoever watches the crawl."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from crawler.document import FindPii, Span


class Spent(NamedTuple):
    """What one page cost in its worker: bytes of UTF-8 scanned for personal data, and seconds of it."""

    pid: int
    scanned_bytes: int
    scan_s: float


class MeasuredFinder:
    """Finds as the finder does, and remembers what it took since it was asked last. Two clock readings a text."""

    def __init__(self, find: FindPii) -> None:
        self._find = find
        self._bytes, self._seconds = 0, 0.0

    def __call__(self, text: str, language: str) -> tuple[Span, ...]:
        began = perf_counter()
        try:
            return self._find(text, language)
        finally:
            self._seconds += perf_counter() - began
            self._bytes += len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))

    def spent(self) -> Spent:
        """What it took since the last question."""
        spent = Spent(os.getpid(), self._bytes, self._seconds)
        self._bytes, self._seconds = 0, 0.0
        return spent


@dataclass(slots=True)
class Workload:
    """The workers' figures.

    Attributes:
        processes: How many there are meant to be.
        under_way: Pages that were handed over and are not back.
        started: Processes from which a page came back; more than `processes` where some were replaced.
        failures: "died", "timeout", "error" -> how often a worker failed on a page, the first of two times, too.
        scanned_bytes, scan_s: Looked through for personal data, in all workers together.
    """

    processes: int
    under_way: int = 0
    started: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    scanned_bytes: int = 0
    scan_s: float = 0.0
    _pids: set[int] = field(default_factory=set)

    @property
    def busy(self) -> int:
        """Workers that have a page."""
        return min(self.under_way, self.processes)

    @contextmanager
    def page(self) -> Iterator[None]:
        """A page is with the workers."""
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1

    def came_back(self, spent: Spent) -> None:
        """A page came back from a worker."""
        self.scanned_bytes += spent.scanned_bytes
        self.scan_s += spent.scan_s
        if spent.pid not in self._pids:
            self.started += 1
            self._pids = {pid for pid in self._pids if resident_bytes(pid)} | {spent.pid}

    @property
    def resident_bytes(self) -> int:
        """Memory of the workers that live and have given a page back."""
        return sum(map(resident_bytes, self._pids))


def resident_bytes(pid: int | None = None) -> int:
    """Memory that a process has in RAM; 0 where there is none, or the system does not say (only Linux does)."""
    try:
        return int(Path(f"/proc/{pid or 'self'}/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
