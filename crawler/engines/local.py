"""Units on this machine: a thread for each process that it watches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from queue import SimpleQueue

from crawler.engines.plan import Plan, Result, Unit
from crawler.engines.watched import Watched


def start(plan: Plan, *, processes: int, address: str = "") -> Local:
    """The engine; it needs no address."""
    return Local(plan, processes)


class Local:
    """Some processes, each with a unit at a time."""

    def __init__(self, plan: Plan, processes: int) -> None:
        self._all = [Watched(plan) for _ in range(processes)]
        self._idle: SimpleQueue[Watched] = SimpleQueue()
        for each in self._all:
            self._idle.put(each)

    def run(self, step: str, units: Sequence[Unit]) -> Iterator[Result]:
        """Results as they come."""

        def one(unit: Unit) -> Result:
            process = self._idle.get()
            try:
                return process.do(step, unit)
            finally:
                self._idle.put(process)

        pool = ThreadPoolExecutor(len(self._all))
        try:
            for future in as_completed([pool.submit(one, unit) for unit in units]):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def under_way(self) -> tuple[int, int]:
        """Documents and bytes of the units that are being judged."""
        documents, places = zip(*(each.board.progress for each in self._all), strict=True)
        return sum(documents), sum(places)

    def close(self) -> None:
        """Stop the processes."""
        for each in self._all:
            each.close()
