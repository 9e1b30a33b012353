"""APScheduler, embedded: it sleeps until a job is due and says so. It runs nothing, and keeps nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from crawler.jobs.model import Job, Schedule
from crawler.jobs.schedule import next_due

OnDue = Callable[[str, datetime], None]  # job, due time


class Calendar:
    """Calls `on_due`, in a thread of its own, with the last due time where several have passed at once."""

    def __init__(self, on_due: OnDue) -> None:
        # A machine that slept, or whose clock was put forward, is told of the last time only (coalesce), however late.
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": _Teller(on_due)},
            job_defaults={"coalesce": True, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Begin to watch the clock."""
        self._scheduler.start()

    def stop(self) -> None:
        """Watch it no more."""
        self._scheduler.shutdown(wait=False)

    def plan(self, jobs: Iterable[Job]) -> None:
        """Take over what the jobs say; what they do not say any more is forgotten."""
        wanted = {job.name: job.schedule for job in jobs if job.schedule}
        for known in self._scheduler.get_jobs():
            if known.id not in wanted:
                known.remove()
        for name, schedule in wanted.items():
            known = self._scheduler.get_job(name)
            if known is None or known.trigger.schedule != schedule:
                self._scheduler.add_job(_nothing, _Trigger(schedule), id=name, replace_existing=True)


class _Trigger(BaseTrigger):  # type: ignore[misc]  # publishes no types
    """When a schedule is due, by our own reckoning: see crawler.jobs.cron for why."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return next_due(self.schedule, previous_fire_time or now)

    def __str__(self) -> str:
        return str(self.schedule)


class _Teller(BaseExecutor):  # type: ignore[misc]  # publishes no types
    """Where APScheduler would run a job, it says that the job is due."""

    def __init__(self, on_due: OnDue) -> None:
        super().__init__()
        self._on_due = on_due

    def submit_job(self, job: Any, run_times: list[datetime]) -> None:
        """Nothing runs here, so there is nothing to count."""
        self._do_submit_job(job, run_times)

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        self._on_due(job.id, run_times[-1])


def _nothing() -> None:
    """What APScheduler believes that it runs."""
