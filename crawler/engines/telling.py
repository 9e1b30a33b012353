"""What a person sees while many files are judged: a bar on a terminal, else a line from time to time. Counts only."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping, Sequence
from time import monotonic

from rich.console import Console
from rich.live import Live

from crawler.engines import INDEX, Engine
from crawler.engines.judging import Tell
from crawler.engines.plan import Result, Unit

BAR = 24  # characters


class Told(Tell):
    """Documents, rate, files, and the time left, by the bytes that are left.

    Args:
        seconds: Between two lines where there is no terminal.
    """

    def __init__(self, seconds: float) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._seconds = 0.5 if self._console.is_terminal else seconds
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._engine: Engine | None = None
        self._indexing = False
        self._files = self._complete = self._documents = 0
        self._bytes = self._bytes_done = 0
        self._began = monotonic()

    def begin(self, units: Sequence[Unit], results: Mapping[str, Result]) -> None:
        left = [unit for unit in units if unit.name not in results]
        self._files, self._complete = len(units), len(results)
        self._bytes = sum(unit.size for unit in left)

    def watch(self, engine: Engine, step: str) -> None:
        self._engine, self._indexing, self._began = engine, step == INDEX, monotonic()
        if self._thread is None:
            self._thread = threading.Thread(target=self._show, daemon=True)
            self._thread.start()

    def done(self, unit: Unit, result: Result) -> None:
        self._complete += not result.problem
        self._documents += result.documents
        self._bytes_done += unit.size

    def end(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _show(self) -> None:
        if not self._console.is_terminal:
            while not self._ended.wait(self._seconds):
                print(self.line(), file=sys.stderr, flush=True)
            return
        with Live(console=self._console, refresh_per_second=4, transient=True) as live:
            while not self._ended.wait(self._seconds):
                live.update(self.line(bar=True))

    def line(self, *, bar: bool = False) -> str:
        """For example: 1,200 documents (85.3/s), 3 of 12 files, about 4 min left."""
        if self._indexing:
            return f"looking for site files in {self._files - self._complete} files"
        documents, read = self._engine.under_way() if self._engine else (0, 0)
        documents, read = documents + self._documents, min(read + self._bytes_done, self._bytes)
        seconds = monotonic() - self._began
        share = read / self._bytes if self._bytes else 0.0
        left = f", about {_duration(seconds / share - seconds)} left" if 0.01 <= share < 1 else ""
        rate = documents / seconds if seconds else 0.0
        told = f"{documents:,} documents ({rate:.1f}/s), {self._complete} of {self._files} files{left}"
        full = int(BAR * share)
        return f"[{'#' * full}{'.' * (BAR - full)}] {share:4.0%}  {told}".replace("[", "\\[", 1) if bar else told


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
