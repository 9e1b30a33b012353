"""`scrapy jobs serve`: starts what is due, watches what runs, records what came of it, until it is asked to end.

One thread does all of that, a step after the other; only the clock (APScheduler) and the wrapping up of a run (counting
a ledger takes its time, a webhook may hang) have threads of their own. All that must survive is in the book and in the
crawls' folders, so that `kill -9` costs nothing but the time until the next start.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import FrameType

from crawler.jobs.book import Known, Run, Status
from crawler.jobs.calendar import Calendar
from crawler.jobs.house import SERVE_ENDED, House
from crawler.jobs.model import Job
from crawler.jobs.read import JobsError, Source
from crawler.jobs.running import End, Running
from crawler.jobs.schedule import last_due, next_due

STEP_S = 0.2  # between two steps when nothing happens
FILE_S = 1.0  # between two looks at jobs.yaml
ROUND_S = 10.0  # between two rounds for work that others left
LATE_S = 60.0  # a due time that is seen to later was missed
RECORDERS = 4
EVERYONE = ""  # who says something that is about no job

Reread = Callable[[Path], Source]  # raises JobsError


class Server:
    """The loop.

    Args:
        house: The jobs.
        reread: Reads the file again, with all checks.

    Attributes:
        running: The runs under way here, by job.
        stepped_at: When the loop took its last step, by the monotonic clock.
    """

    def __init__(self, house: House, reread: Reread) -> None:
        self.house, self._reread = house, reread
        self.running: dict[str, Running] = {}
        self._recording: dict[str, Future[Run]] = {}
        self._due: queue.SimpleQueue[tuple[str, datetime]] = queue.SimpleQueue()
        self._again: dict[str, datetime] = {}  # due times that could not be entered
        self._calendar = Calendar(lambda job, due: self._due.put((job, due)))
        self._recorders = ThreadPoolExecutor(RECORDERS, thread_name_prefix="record")
        self._ends, self._reads = False, False
        self._stamp = _stamp(house.source.path)
        self._look_at = self._round_at = 0.0
        self.stepped_at = monotonic()

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; runs under way are asked to end and recorded first."""
        with self._signals():
            self._begin()
            while not self._ends:
                self._step()
            self._end()

    def _begin(self) -> None:
        self.house.take_leave()
        self._plan()
        self._calendar.start()  # before it is asked what was missed: what both find is seen to once
        self._make_up_for_missed()
        self._resume_own()
        self.house.say(EVERYONE, f"{len(self.house.jobs)} job(s) of {self.house.source.path}")

    def _step(self) -> None:
        self.stepped_at = monotonic()
        with contextlib.suppress(queue.Empty):
            job, due = self._due.get(timeout=STEP_S)
            self._on_due(job, due)
        self._look_after_runs()
        if self._reads or monotonic() >= self._look_at:
            self._look_at = monotonic() + FILE_S
            self._look_at_file()
        if monotonic() >= self._round_at:
            self._round_at = monotonic() + ROUND_S
            self._go_round()

    def _on_due(self, name: str, due: datetime) -> None:
        """A job is due: enter it, then begin it or do what it says where its last run is under way."""
        job = self.house.jobs.get(name)
        if job is None or job.schedule is None:
            return
        try:
            late = (datetime.now(UTC) - due).total_seconds()
            run = self.house.enter(job, due, "on time" if late < LATE_S else f"{late:.0f} s late")
            self.house.book.note_next(name, next_due(job.schedule, max(due, datetime.now(UTC))).isoformat())
            if run is None:
                return  # another host has seen to it
            if late >= LATE_S and not may_be_late(job, late):
                self.house.skip(run, f"missed: {late:.0f} s late")
                return
            self._begin_or_overlap(job, run)
        except (OSError, sqlite3.Error) as error:
            self._again[name] = due  # its lock, its disk or its book may answer in the next round
            self.house.say(name, f"cannot be begun: {error}")

    def _begin_or_overlap(self, job: Job, run: Run) -> None:
        if job.name not in self._recording and self._try(job):
            return
        if job.overlap == "skip":
            self.house.skip(run, "the last run is still under way")
            return
        for waiting in self.house.book.runs(job.name, Status.QUEUED):
            if waiting.id != run.id and waiting.id < run.id:
                self.house.skip(run, "the last run is still under way, and another one waits")
                return
        if job.overlap == "stop":
            self.house.stop_for(run)
        self.house.say(job.name, "waits until the last run is over")

    def _try(self, job: Job) -> bool:
        """Begin what is to be done for a job, if anything is and nobody else is at it."""
        if job.name in self.running or job.name in self._recording:
            return False
        running = self.house.begin(job)
        if running:
            self.running[job.name] = running
        return running is not None

    def _look_after_runs(self) -> None:
        for name, running in list(self.running.items()):
            if running.has_ended():
                del self.running[name]
                self._recording[name] = self._recorders.submit(self.house.record, running)
        for name, recorded in list(self._recording.items()):
            if recorded.done():
                del self._recording[name]
                if error := recorded.exception():
                    self.house.say(name, f"cannot be recorded: {type(error).__name__}: {error}")
                self._round(name)

    def _go_round(self) -> None:
        """Whatever waits: runs that were queued, or whose watcher died here or on another host."""
        again, self._again = self._again, {}
        for job, due in again.items():
            self._due.put((job, due))
        for name in self.house.jobs:
            self._round(name)

    def _round(self, name: str) -> None:
        job = self.house.jobs.get(name)
        if job and not self._ends:
            try:
                self._try(job)
            except (OSError, sqlite3.Error) as error:
                self.house.say(name, f"cannot be begun: {error}")

    def _look_at_file(self) -> None:
        """Read the file again when it was changed, or when asked to; what is wrong in it changes nothing."""
        stamp = _stamp(self.house.source.path)
        if stamp == self._stamp and not self._reads:
            return
        self._reads, self._stamp = False, stamp
        try:
            source = self._reread(self.house.source.path)
        except JobsError as error:
            self.house.say(EVERYONE, f"the file was changed and cannot be used; the jobs of before go on:\n{error}")
            return
        if (source.folder, source.content.lock) != (self.house.folder, self.house.source.content.lock):
            self.house.say(EVERYONE, "folder or lock was changed: start again; the jobs of before go on")
            return
        self.house.source = source
        self._plan()
        self.house.say(EVERYONE, f"read again: {len(self.house.jobs)} job(s)")

    def _plan(self) -> None:
        for job in self.house.jobs.values():
            if job.schedule:
                self.house.book.note_job(job.name, str(job.schedule))
                self.house.book.note_next(job.name, next_due(job.schedule, datetime.now(UTC)).isoformat())
        self._calendar.plan(self.house.jobs.values())

    def _make_up_for_missed(self) -> None:
        """What was due while nothing ran: the last time of each job, once, as the job says."""
        now = datetime.now(UTC)
        for job in self.house.jobs.values():
            if not job.schedule:
                continue
            if due := last_due(job.schedule, _since(self.house.book.note_job(job.name, str(job.schedule))), now):
                self._make_up(job, due, (now - due).total_seconds())

    def _make_up(self, job: Job, due: datetime, late: float) -> None:
        try:
            run = self.house.enter(job, due, f"missed: was due {due:%Y-%m-%d %H:%M:%S %Z}")
        except OSError as error:
            self._again[job.name] = due
            self.house.say(job.name, f"cannot be entered: {error}")
            return
        if run and late >= LATE_S and not may_be_late(job, late):
            self.house.skip(run, "missed: nothing ran at that time")

    def _resume_own(self) -> None:
        """Runs that ended because a serve before this one was asked to end: nothing new comes before them."""
        for job in self.house.jobs.values():
            last = next((run for run in self.house.book.runs(job.name, most=100) if run.started), None)
            ended = last and last.status in (Status.STOPPED, Status.KILLED) and last.reason.startswith(SERVE_ENDED)
            if ended and not self.house.book.runs(job.name, Status.QUEUED):
                self.house.enter(job, None, "serve began again")

    def _end(self) -> None:
        self._calendar.stop()
        for running in self.running.values():
            running.ask_to_end(End(SERVE_ENDED, goes_on=True))
        if self.running:
            self.house.say(EVERYONE, f"asked to end; {len(self.running)} run(s) are ending")
        while self.running or self._recording:
            self._look_after_runs()
            with contextlib.suppress(queue.Empty):
                self._due.get(timeout=STEP_S)
        self._recorders.shutdown()
        self.house.say(EVERYONE, "ended")

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT end it, SIGHUP has the file read again."""

        def end(_number: int, _frame: FrameType | None) -> None:
            self._ends = True

        def read(_number: int, _frame: FrameType | None) -> None:
            self._reads = True

        handlers = {signal.SIGTERM: end, signal.SIGINT: end, signal.SIGHUP: read}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def may_be_late(job: Job, seconds: float) -> bool:
    """Whether a run may begin so long after its time."""
    return job.missed == "run" and (job.within_s is None or seconds <= job.within_s)


def _since(known: Known) -> datetime:
    """After when a due time can have been missed."""
    since = datetime.fromisoformat(known.since)
    if not known.last_due:
        return since
    return max(since, datetime.strptime(known.last_due, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC))


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes when a file does; () while there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino
