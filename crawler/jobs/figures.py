"""What `serve` tells Prometheus: of every job its last run, of runs under way what their crawls tell."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from time import monotonic

from crawler.jobs.book import ENDED, Book, Run, Status
from crawler.jobs.command_line import METRICS
from crawler.jobs.model import Job
from crawler.jobs.serve import Server
from crawler.metrics.endpoint import Health
from crawler.metrics.metric import Metric, Sample, gauge
from crawler.metrics.read_text import read_text

STALE_S = 60.0  # a loop that has taken no step for so long hangs


def collect(server: Server) -> Iterator[Metric]:
    """All figures as they are now."""
    house = server.house
    jobs, book = house.jobs.values(), house.book
    runs = {job.name: _last(book, job, *ENDED) for job in jobs}
    ended = {name: run for name, run in runs.items() if run}
    well = {job.name: run for job in jobs if (run := _last(book, job, Status.FINISHED))}
    yield gauge("usufruct_jobs", "Jobs in the file.", len(house.jobs))
    yield gauge(
        "usufruct_job_running", "Whether a run of the job is under way here.",
        [({"job": job.name}, float(job.name in server.running)) for job in jobs],
    )  # fmt: skip
    yield _of_runs("usufruct_job_last_success_timestamp_seconds", "When a run last finished.", well, _ended)
    yield _of_runs("usufruct_job_last_end_timestamp_seconds", "When the last run ended, however.", ended, _ended)
    yield _of_runs("usufruct_job_last_duration_seconds", "How long the last run took.", ended, lambda run: run.seconds)
    yield _of_runs("usufruct_job_last_exit_code", "Exit code of the last run.", ended, lambda run: float(run.exit or 0))
    yield gauge("usufruct_job_last_pages", "Pages of the last run by policy and result.", _pages(ended))
    yield gauge("usufruct_job_runs", "Runs in the book by status.", _by_status(book))
    files = {running.out / METRICS: {"job": name} for name, running in list(server.running.items())}
    yield from read_text(files)


def health(server: Server) -> Health:
    """Whether the loop goes on and the book can be read."""
    problems = []
    if (silent := monotonic() - server.stepped_at) > STALE_S:
        problems.append(f"no step for {silent:.0f} s")
    try:
        server.house.book.known()
    except (OSError, sqlite3.Error) as error:
        problems.append(f"the book cannot be read: {type(error).__name__}")
    return Health(not problems, tuple(problems), {"jobs": len(server.house.jobs), "running": len(server.running)})


def _last(book: Book, job: Job, *statuses: Status) -> Run | None:
    return next(iter(book.runs(job.name, *statuses, most=1)), None)


def _ended(run: Run) -> float:
    return datetime.fromisoformat(run.ended).timestamp() if run.ended else 0.0


def _of_runs(name: str, says: str, runs: dict[str, Run], value: Callable[[Run], float]) -> Metric:
    return gauge(name, says, [({"job": job}, value(run)) for job, run in runs.items()])


def _pages(runs: dict[str, Run]) -> Iterator[Sample]:
    for job, run in runs.items():
        for policy, counts in run.counts.items():
            for result, number in counts.items():
                if result != "seen":
                    yield {"job": job, "policy": policy, "result": result}, float(number)


def _by_status(book: Book) -> Iterator[Sample]:
    for (job, status), number in book.by_status().items():
        yield {"job": job, "status": status}, float(number)
