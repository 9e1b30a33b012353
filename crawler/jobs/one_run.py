"""`scrapy jobs run NAME`: one run now, in the foreground, with the lock, the book, the limits and the notifications."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import sleep
from types import FrameType

from crawler.jobs.book import ENDED, Run, Status
from crawler.jobs.command_line import KNOWN
from crawler.jobs.house import BY_HAND, JUDGED_AGAIN, House
from crawler.jobs.model import Job
from crawler.jobs.running import End, Running
from crawler.jobs.schedule import last_due, next_due
from crawler.jobs.serve import LATE_S, may_be_late

SKIPPED = 75  # EX_TEMPFAIL: the last run is still under way
ASKED = "asked to end"
STEP_S = 0.2
WAIT_S = 1.0  # between two tries while the last run is under way
_LONGEST_AGO = timedelta(days=400)


class OneRun:
    """One run of a job.

    Args:
        house: The jobs.
        job: Which.
    """

    def __init__(self, house: House, job: Job) -> None:
        self._house, self._job = house, job
        self._running: Running | None = None
        self._ends = False

    def now(self) -> int:
        """Run it, whatever its schedule says; the exit code of the crawl."""
        entered = self._house.enter(self._job, None, BY_HAND)
        assert entered is not None
        return self._through(entered)

    def rejudge(self) -> int:
        """Judge what is stored of the job's known pages by its policies as they are now; the exit code of that."""
        if not (self._house.folder / self._job.name / KNOWN).exists():
            self._house.say(self._job.name, "has no known pages: give it `incremental: true`, and run it once")
            return 1
        entered = self._house.enter(self._job, None, JUDGED_AGAIN)
        assert entered is not None
        return self._through(entered)

    def if_due(self) -> int:
        """Run it for the due time that passed last, unless that was seen to; for schedulers that know no lock."""
        job, moment = self._job, datetime.now(UTC)
        due = last_due(job.schedule, moment - _LONGEST_AGO, moment) if job.schedule else None
        if due is None:
            self._house.say(job.name, "is not due" if job.schedule else "has no schedule; leave out --due")
            return 0 if job.schedule else 1
        late = (moment - due).total_seconds()
        self._tell_schedule(moment)
        entered = self._house.enter(job, due, f"due {due:%Y-%m-%d %H:%M:%S %Z}")
        if entered is None:
            return self._left(due)
        if late >= LATE_S and not may_be_late(job, late):
            self._house.skip(entered, f"missed: {late:.0f} s late")
            return 0
        return self._through(entered)

    def _tell_schedule(self, moment: datetime) -> None:
        """For those who read the book where no `serve` does so."""
        if self._job.schedule:
            self._house.book.note_job(self._job.name, str(self._job.schedule))
            self._house.book.note_next(self._job.name, next_due(self._job.schedule, moment).isoformat())

    def _left(self, due: datetime) -> int:
        """Its time was seen to; what is left of it, where whoever saw to it died or had to end, is gone on with."""
        last = next(iter(self._house.book.runs(self._job.name, *ENDED, Status.RUNNING, most=1)), None)
        if (
            last
            and self._was_due(last)
            and last.status in (Status.STOPPED, Status.KILLED)
            and (last.reason.startswith(ASKED))
        ):
            again = self._house.enter(self._job, None, f"goes on with what was due {due:%Y-%m-%d %H:%M:%S %Z}")
            assert again is not None
            return self._through(again)
        with self._signals():
            running = self._house.begin(self._job)
            if running is None:
                self._house.say(self._job.name, f"was seen to already: due {due:%Y-%m-%d %H:%M:%S %Z}")
                return 0
            return _code(self._watch(running))

    def _was_due(self, last: Run) -> bool:
        """Whether a run was begun for a due time, and perhaps gone on with since."""
        return any(run.due for run in self._house.book.runs(self._job.name, most=100) if run.run == last.run)

    def _through(self, entered: Run) -> int:
        with self._signals():
            is_first = True
            while (run := self._house.book.run(entered.id)).status in (Status.QUEUED, Status.RUNNING):
                self._running = None if self._ends else self._house.begin(self._job)
                if self._running:
                    self._watch(self._running)
                elif self._ends and run.status == Status.RUNNING:
                    self._house.say(run.job, f"asked to end; {run.run} goes on on {run.host}, begun by another process")
                    return SKIPPED
                elif self._ends:
                    self._house.skip(run, "asked to end before it began")
                elif self._job.overlap == "skip" and run.status == Status.QUEUED:
                    self._house.skip(run, "the last run is still under way")
                else:
                    self._wait(run, is_first)
                is_first = False
        if run.status == Status.SKIPPED:
            return SKIPPED
        return _code(run)

    def _wait(self, run: Run, is_first: bool) -> None:
        if is_first:
            self._house.say(run.job, "waits until the last run is over")
            if self._job.overlap == "stop":
                self._house.stop_for(run)
        sleep(WAIT_S)

    def _watch(self, running: Running) -> Run:
        """Until it is over; its console is ours meanwhile."""
        with running.log.open("rb") as console:
            console.seek(running.log_from)
            while not running.has_ended():
                _show(console.read())
                if self._ends:
                    running.ask_to_end(End(ASKED, goes_on=True))
                sleep(STEP_S)
            _show(console.read())
        return self._house.record(running)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        def end(_number: int, _frame: FrameType | None) -> None:
            self._ends = True

        before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _code(run: Run) -> int:
    """The exit code of a run, as shells tell of a signal."""
    return run.exit if run.exit is not None and run.exit >= 0 else 128 - (run.exit or -1)


def _show(said: bytes) -> None:
    if said:
        sys.stdout.write(said.decode("utf-8", "replace"))
        sys.stdout.flush()
