"""A process that judges, seen from outside: a page that hangs or kills it costs that page and no other.

Judging in the process that reads saves sending every page through a pipe, but nobody inside can stop code that hangs.
So the process says on a board which page it is at, and this side kills it when that takes too long; a new one goes on
with the unit's segment, where every page before has its line, and fails that page. One that dies by itself is given a
second try, since somebody else may have killed it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import MutableSequence
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import cast

from crawler.document import FetchError
from crawler.engines.board import FIELDS, Board
from crawler.engines.plan import Plan, Result, Unit

LOOK_S = 0.5  # between two looks at the board
MOST_DEATHS = 2  # of one page, or outside of any page
_context = get_context("spawn")  # nothing of a process that has threads, or is Ray's, is taken over


class StoppedError(Exception):
    """The process was told to stop."""


class Watched:
    """One process, replaced when it dies. Not for two threads at once, but `close` may come from any.

    Args:
        plan: What is judged by what.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._cells = cast(MutableSequence[float], _context.RawArray("d", FIELDS))
        self.board = Board(self._cells)
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False

    def do(self, step: str, unit: Unit) -> Result:
        """One step for one unit, however many processes it takes.

        Raises:
            StoppedError: `close` was called meanwhile.
        """
        failed: dict[int, FetchError] = {}
        deaths: Counter[int] = Counter()
        while True:
            result = self._try(step, unit, failed)
            if isinstance(result, Result):
                return result
            page = self.board.page
            self._stop()
            if self._closed:
                raise StoppedError
            deaths[page] += 1
            if (
                page not in failed
                and page >= 0
                and (result is FetchError.WORKER_TIMEOUT or deaths[page] >= MOST_DEATHS)
            ):
                failed[page] = result
            elif deaths[page] >= MOST_DEATHS:
                problem = f"{unit.name}: the process that reads it died {MOST_DEATHS} times"
                return Result(unit.name, problem=problem, fatal=step == "index")  # others need its site files

    def close(self) -> None:
        """Stop at once."""
        self._closed = True
        self._stop()

    def _try(self, step: str, unit: Unit, failed: dict[int, FetchError]) -> Result | FetchError:
        self.board.clear()
        try:
            pipe = self._running()
            pipe.send((step, unit, failed))
            while not pipe.poll(LOOK_S):
                if self.board.seconds > self._plan.working.timeout_s:
                    return FetchError.WORKER_TIMEOUT
            return cast(Result, pipe.recv())
        except (EOFError, OSError):
            return FetchError.WORKER_DIED

    def _running(self) -> Connection:
        if self._pipe is None or self._process is None or not self._process.is_alive():
            self._stop()
            if self._closed:
                raise EOFError
            ours, theirs = _context.Pipe()
            self._process = _context.Process(target=serve, args=(theirs, self._cells, self._plan), daemon=True)
            self._process.start()
            theirs.close()  # so that its end is seen
            self._pipe = ours
        return self._pipe

    def _stop(self) -> None:
        process = self._process
        if process is not None and process.is_alive():
            process.kill()
            process.join()


def serve(pipe: Connection, cells: MutableSequence[float], plan: Plan) -> None:
    """The process itself: units come in, results go out, until nobody sends any more."""
    from crawler.engines.unit import Bench

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who watches says when to stop
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    bench = Bench(plan, Board(cells))
    steps = {"index": bench.index, "judge": bench.judge}
    try:
        while True:
            step, unit, failed = pipe.recv()
            pipe.send(steps[step](unit, failed))
    except EOFError:
        return


def _end_with_parent() -> None:
    """Nobody would hear of the outcome, and another run must be able to go on."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


_kept: dict[str, Watched] = {}


def do_here(plan: Plan, step: str, unit: Unit) -> Result:
    """One step, by a process that stays for the next one: for engines whose own processes come and go."""
    key = f"{plan.id} {plan.digest}"
    if key not in _kept:
        for other in _kept.values():
            other.close()
        _kept.clear()
        _kept[key] = Watched(plan)
    return _kept[key].do(step, unit)
