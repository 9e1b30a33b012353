"""Jobs and their runs, as people read them and as plain values."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from crawler.audit.line import printable
from crawler.jobs.book import ENDED, FILE, HOST, Book, Run, Status
from crawler.jobs.locks import lives
from crawler.jobs.model import Job
from crawler.jobs.quantities import in_words, size_in_words
from crawler.jobs.read import Source
from crawler.jobs.schedule import coming

NO_SCHEDULE = "no schedule: `scrapy jobs run` only"
NEXT = 3  # due times that `check` shows
MOST_RUNS = 50


def checked_lines(source: Source, now: datetime) -> Iterator[str]:
    """Every job with its next times in its zone."""
    for job in source.content.jobs:
        yield f"{job.name}  {job.schedule or NO_SCHEDULE}"
        for due in next_of(job, now, NEXT):
            yield f"    {due:%a %Y-%m-%d %H:%M:%S %Z}"


def next_of(job: Job, now: datetime, number: int = 1) -> list[datetime]:
    """The next due times; none without a schedule."""
    return list(islice(coming(job.schedule, now), number)) if job.schedule else []


def job_lines(source: Source, book: Book | None) -> Iterator[str]:
    """Every job: when it is due, and what came of its last run."""
    now = datetime.now(UTC)
    for job in source.content.jobs:
        due = next_of(job, now)
        told = f"; next {due[0]:%a %Y-%m-%d %H:%M:%S %Z}" if due else ""
        yield f"{job.name}  {job.schedule or NO_SCHEDULE}{told}"
        last = last_run(book, job.name)
        yield from (f"    {line}" for line in (run_lines(last) if last else ("no run yet",)))
        skipped = _skipped_since(book, job.name, last)
        if skipped:
            yield f"    {len(skipped)} skipped since: {printable(skipped[0].reason)}"
        if book and (waiting := book.runs(job.name, Status.QUEUED)):
            yield f"    {len(waiting)} waiting"


def runs_of_lines(book: Book | None, job: str) -> Iterator[str]:
    """The runs of a job, newest first."""
    runs = book.runs(job, most=MOST_RUNS + 1) if book else []
    for run in runs[:MOST_RUNS]:
        yield from run_lines(run)
        if run.started:
            yield f"    {run.path(book.folder) if book else ''}"
    if not runs:
        yield "no run yet"
    if len(runs) > MOST_RUNS:
        yield f"and more: --json shows the last {10_000:,}"


def run_lines(run: Run) -> Iterator[str]:
    """What came of a run."""
    took = f" after {in_words(run.seconds)}" if run.ended and run.started else ""
    where = f" on {run.host}" if run.host and run.started else ""
    reason = f": {run.reason}" if run.reason else ""
    exit_code = f", exit {run.exit}" if run.exit is not None else ""
    room = f", {size_in_words(run.bytes)}" if run.bytes else ""
    if run.status == Status.RUNNING and run.host == HOST and not lives(run.pid):
        reason = ": nobody watches it; the next start goes on with it"
    tries = f", started {run.attempts} times" if run.attempts > 1 else ""
    yield printable(f"{run.run} {run.status}{reason}{took}{where}{exit_code}{room}{tries} ({run.why})")
    yield from (f"    {policy}: {counts_in_words(counts)}" for policy, counts in run.counts.items())
    if run.changes:
        yield "    " + printable(changes_in_words(run.changes))


def counts_in_words(counts: Mapping[str, int]) -> str:
    """For example "seen 92, kept 50, dropped 42"; what there is none of is left out, but what was seen and kept."""
    return ", ".join(f"{name} {number}" for name, number in counts.items() if number or name in ("seen", "kept"))


def changes_in_words(changes: Mapping[str, Any]) -> str:
    """For example "new 3, changed 1, drift 0"."""
    return ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in changes.items())


def last_run(book: Book | None, job: str) -> Run | None:
    """The last run of a job that is or was under way; None where there is none."""
    found = book.runs(job, Status.RUNNING, *ENDED, most=1) if book else []
    return found[0] if found else None


def _skipped_since(book: Book | None, job: str, last: Run | None) -> list[Run]:
    """Runs that were skipped after it, newest first."""
    found = book.runs(job, Status.SKIPPED) if book else []
    return [run for run in found if last is None or run.id > last.id]


def as_json(source: Source, book: Book | None, job: str = "") -> dict[str, Any]:
    """Plain values, ready for json.dumps: all jobs with their last runs, or one with all of them."""
    now = datetime.now(UTC)
    jobs = []
    for each in source.content.jobs:
        if job and each.name != job:
            continue
        last = last_run(book, each.name)
        told: dict[str, Any] = {
            "name": each.name,
            "spider": each.spider,
            "policy": each.policy,
            "schedule": each.schedule.model_dump(exclude_defaults=True) if each.schedule else None,
            "next": [due.isoformat() for due in next_of(each, now)],
            "last": last.as_json(source.folder) if last else None,
        }
        if job:
            told["runs"] = [run.as_json(source.folder) for run in book.runs(job)] if book else []
        jobs.append(told)
    return {"folder": str(source.folder), "jobs": jobs}


def book_of(folder: Path) -> Book | None:
    """The book of a folder; None where nothing was run yet. Nothing is made."""
    if not (folder / FILE).exists():
        return None
    book = Book(folder, read_only=True)
    try:
        book.known()
    except sqlite3.OperationalError:  # a transaction that the machine cut short is to be undone first
        return Book(folder)
    return book
