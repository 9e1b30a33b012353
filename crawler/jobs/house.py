"""The jobs of one file with their book and locks: runs are entered, begun or gone on with, and recorded.

    due -> enter (claimed, in the book as queued) -> begin (under the job's lock) -> watch -> record

Under the lock the first of these is done: what was under way when its watcher died is gone on with; what was entered is
begun, in the folder of the run before where that was stopped and may go on, else in one of its own.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from crawler.cluster.lock import RedisLocks
from crawler.durable import LOCK, InUseError, locked
from crawler.jobs import command_line, wrap_up
from crawler.jobs.book import ENDED, HOST, Book, Run, Status, now
from crawler.jobs.locks import FolderLocks, Locks, ask_to_stop, forget_stop, is_orphaned, lives
from crawler.jobs.model import FOLDER_LOCK, Job
from crawler.jobs.notices import tell
from crawler.jobs.read import Source
from crawler.jobs.running import GRACE_S, LOGS, Running, size_of, spawn
from crawler.jobs.schedule import key_of
from crawler.resuming import begun, is_complete

MOST_ATTEMPTS = 5  # a run that dies so often is the reason itself
BY_HAND = "by hand"
JUDGED_AGAIN = "known pages are judged again"
SERVE_ENDED = "serve was asked to end"
STRANGERS_S = 60.0
_FREE = ("limit", "contact", "known")  # arguments that may differ where a run goes on

Say = Callable[[str, str], None]  # job, what there is to say


@dataclass(slots=True)
class House:
    """The jobs of one file.

    Attributes:
        source: The file, replaced when it is read again.
        book: What is recorded.
        locks: Who may run what.
        say: Tells whoever watches.
        ledger_key: The setting of that name.
        grace_s: How long a crawl may take to end.
        claimed: Due times that are claimed here and not in the book yet: it refused, and is asked again.
    """

    source: Source
    book: Book
    locks: Locks
    say: Say
    ledger_key: str = ""
    grace_s: float = GRACE_S
    claimed: set[tuple[str, str]] = field(default_factory=set)

    @property
    def folder(self) -> Path:
        """Where the jobs write."""
        return self.source.folder

    @property
    def jobs(self) -> Mapping[str, Job]:
        """The jobs by name."""
        return {job.name: job for job in self.source.content.jobs}

    def enter(self, job: Job, due: datetime | None, why: str) -> Run | None:
        """Enter a run; None where somebody has seen to the due time."""
        key = key_of(due) if due else None
        if key and (job.name, key) not in self.claimed:
            if not self._claim(job, key):
                return None
            self.claimed.add((job.name, key))
        run = self.book.enter(job.name, key_of(datetime.now(UTC)), key, why)
        if key:
            self.claimed.discard((job.name, key))
            self.book.note_due(job.name, key)
        return run

    def _claim(self, job: Job, due: str) -> bool:
        if self.locks.claim(job.name, due):
            return True
        if self.book.has_due(job.name, due) or not is_orphaned(self.locks.owner(job.name, due)):
            return False
        self.locks.unclaim(job.name, due)  # whoever claimed it died before it was in the book
        return self.locks.claim(job.name, due)

    def skip(self, run: Run, reason: str) -> None:
        """Record that a run is not to be."""
        if self.book.change(run, only=Status.QUEUED, status=Status.SKIPPED, reason=reason, ended=now()):
            self.say(run.job, f"skipped: {reason}")

    def begin(self, job: Job) -> Running | None:
        """Start what is to be done next for a job; None where nothing is, or somebody else is at it.

        Raises:
            OSError: The folder cannot be written.
        """
        if not self._has_work(job):
            return None
        with ExitStack() as stack:
            try:
                hold = stack.enter_context(self.locks.hold(job.name))
                chosen = self._choose(job)
            except InUseError:
                return None
            if chosen is None:
                return None
            run, resumes = chosen
            out = run.path(self.folder)
            command = _maker(run, resumes)(job, self.source, out)
            forget_stop(self.folder, job.name)
            log = self.folder / job.name / LOGS / f"{run.run}.log"
            said = log.stat().st_size if log.exists() else 0
            process = spawn(command, log)
            running = Running(run, job, self.folder, process, log, hold, stack.pop_all(), self.grace_s, log_from=said)
        self.say(job.name, f"{'goes on with' if resumes else 'begun'} {run.run} ({run.why})")
        return running

    def _has_work(self, job: Job) -> bool:
        return any(self._is_mine(run) for run in self.book.runs(job.name, Status.QUEUED, Status.RUNNING))

    def _is_mine(self, run: Run) -> bool:
        """Whether this process may see to it; what another one has entered is left to it for a while."""
        if run.status == Status.RUNNING or (run.host == HOST and (run.pid == os.getpid() or not lives(run.pid))):
            return True
        return (datetime.now(UTC) - datetime.fromisoformat(run.entered)).total_seconds() > STRANGERS_S

    def _choose(self, job: Job) -> tuple[Run, bool] | None:
        """The run to start, and whether it goes on with something. The caller has the lock."""
        for run in reversed(self.book.runs(job.name, Status.RUNNING)):
            out = run.path(self.folder)
            if (out / LOCK).exists():
                with locked(out):  # a crawl that outlived its watcher; raises InUseError
                    pass
            if run.attempts < MOST_ATTEMPTS and run.why != JUDGED_AGAIN:
                again = self.book.change(run, host=HOST, pid=os.getpid(), attempts=run.attempts + 1, ended="")
                return (again, True) if again else None
            reason = f"died {run.attempts} time(s)"
            self._record(job, run, wrap_up.Ended(Status.FAILED, reason, goes_on=False), None)
        queued = [run for run in reversed(self.book.runs(job.name, Status.QUEUED)) if self._is_mine(run)]
        for late in queued[1:]:
            self.skip(late, "another run waits already")
        return self._first(job, queued[0]) if queued else None

    def _first(self, job: Job, queued: Run) -> tuple[Run, bool] | None:
        arguments = command_line.arguments_of(job, self.source)
        values = {
            "status": Status.RUNNING, "host": HOST, "pid": os.getpid(), "started": now(), "attempts": 1,
            "arguments": arguments,
        }  # fmt: skip
        former = next((run for run in self.book.runs(job.name, *ENDED, most=100) if run.why != JUDGED_AGAIN), None)
        if (
            former
            and queued.why != JUDGED_AGAIN
            and former.goes_on
            and _same(former.arguments, arguments)
            and _is_open(former.path(self.folder))
        ):
            run = self.book.change(queued, only=Status.QUEUED, **values, run=former.run)
            return (run, True) if run else None
        run = self.book.change(queued, only=Status.QUEUED, **values)
        return (run, False) if run else None

    def stop_for(self, run: Run) -> None:
        """Ask whoever runs the job to end, since another run is due."""
        ask_to_stop(self.folder, run.job, f"the run of {run.due or run.entered} is to begin")

    def record(self, running: Running) -> Run:
        """Write down what came of a run that is over, tell who is to be told, and let the job go."""
        with running.held:
            return self._record(running.job, running.run, wrap_up.ended(running), running.process.returncode)

    def _record(self, job: Job, run: Run, ended: wrap_up.Ended, code: int | None) -> Run:
        out = run.path(self.folder)
        before = next(iter(self.book.runs(job.name, Status.FINISHED, most=1)), None)
        recorded = self.book.change(
            run, status=ended.status, reason=ended.reason, goes_on=ended.goes_on, exit=code, ended=now(),
            counts=wrap_up.counts_of(out), changes=wrap_up.changes_of(out), bytes=size_of(out),
        )  # fmt: skip
        assert recorded is not None
        self.say(job.name, f"{recorded.run} {recorded.status}" + (f": {recorded.reason}" if recorded.reason else ""))
        self._tidy(job, recorded, before)
        return recorded

    def _tidy(self, job: Job, run: Run, before: Run | None) -> None:
        for problem in wrap_up.expire_runs(self.book, job.name, job.retention, self._key(job)):
            self.say(job.name, problem)
        for problem in tell(self.source.content.notify, wrap_up.events_of(run, before)):
            self.say(job.name, f"notification: {problem}")

    def _key(self, job: Job) -> str:
        return command_line.settings_of(job, self.source).get("LEDGER_KEY", self.ledger_key)

    def take_leave(self) -> None:
        """Close what is left of jobs that are in the book as running but no more in the file."""
        for run in self.book.runs("", Status.RUNNING):
            if run.job not in self.jobs:
                with contextlib.suppress(InUseError), self.locks.hold(run.job):
                    reason = f"died, and {self.source.path.name} has no such job any more"
                    self.book.change(run, status=Status.KILLED, reason=reason, ended=now())


def open_house(source: Source, say: Say, *, ledger_key: str = "", grace_s: float = GRACE_S) -> House:
    """The house of a file. Raises OSError, sqlite3.Error, MissingExtraError."""
    lock = source.content.lock
    locks: Locks = FolderLocks(source.folder) if lock == FOLDER_LOCK else RedisLocks(lock)
    return House(source, Book(source.folder), locks, say, ledger_key, grace_s)


def _maker(run: Run, resumes: bool) -> Callable[[Job, Source, Path], list[str]]:
    """What makes the command of a run."""
    if run.why == JUDGED_AGAIN:
        return command_line.rejudge
    if resumes:
        return command_line.go_on
    return command_line.begin_by_hand if run.why == BY_HAND else command_line.begin


def _is_open(out: Path) -> bool:
    """Whether a crawl was begun there and is not complete."""
    return begun(out) is not None and not is_complete(out)


def _same(first: Mapping[str, str], second: Mapping[str, str]) -> bool:
    """Whether a run with these arguments may go on with one that had those."""
    kept = [{name: value for name, value in each.items() if name not in _FREE} for each in (first, second)]
    return kept[0] == kept[1]
