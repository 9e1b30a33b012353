"""Jobs as another scheduler has them. Each line, unit or object calls `scrapy jobs run NAME --due`, which has the lock,
the book, the limits and the notifications, and runs no due time twice, whoever calls it how often."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from crawler.jobs.cron import SHORTHANDS
from crawler.jobs.model import Job, Schedule

FORMS = ("cron", "systemd", "kubernetes")
# Seconds of an interval -> cron's line for it in UTC: those that 1970-01-01, a Thursday, counted from, divide alike.
_OF_MINUTES = {60 * n: f"*/{n} * * * *" if n > 1 else "* * * * *" for n in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)}
_OF_HOURS = {3_600 * n: f"0 */{n} * * *" if n > 1 else "0 * * * *" for n in (1, 2, 3, 4, 6, 8, 12)}
INTERVALS: Mapping[int, str] = {**_OF_MINUTES, **_OF_HOURS, 86_400: "0 0 * * *", 604_800: "0 0 * * 4"}


class ExportError(Exception):
    """A job that the other scheduler cannot have; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Caller:
    """How a job is called from outside.

    Attributes:
        python: The interpreter.
        project: The folder to call it from.
        file: jobs.yaml, absolute.
        folder: Where the jobs write, as the file has it.
        grace_s: How long a crawl may take to end.
    """

    python: str
    project: Path
    file: Path
    folder: Path
    grace_s: int

    def command(self, job: Job) -> list[str]:
        """Words of the command."""
        return [*(self.python, "-m", "scrapy", "jobs", "run", job.name, "--due"), "--file", str(self.file)]


def export(form: str, jobs: Iterable[Job], caller: Caller) -> dict[str, str]:
    """Name of a file -> its text. Raises ExportError, which tells of all jobs that cannot be had."""
    planned, problems = [job for job in jobs if job.schedule], []
    if not planned:
        raise ExportError("no job has a schedule: there is nothing to export")
    for job in planned:
        try:
            _form(form).check(job)
        except ExportError as error:
            problems.append(f"{job.name}: {error}")
    if problems:
        raise ExportError("\n".join(problems))
    found: dict[str, str] = _form(form).export(planned, caller)
    return found


def _form(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")


def fields_of(schedule: Schedule) -> tuple[tuple[str, ...], str]:
    """Five fields in numbers, with Sunday as 0, as every cron reads them, and the zone. Raises ExportError."""
    if schedule.every:
        if schedule.seconds not in INTERVALS:
            raise ExportError(
                f"every {schedule.every}: cron counts the minutes, hours and days of a calendar, and has no such "
                "interval; use one that divides an hour or a day, or `scrapy jobs serve`"
            )
        return tuple(INTERVALS[schedule.seconds].split()), "UTC"
    told = " ".join(schedule.cron.lower().split())
    line = schedule.line
    values = (line.minutes, line.hours, line.days, line.months, line.weekdays)
    written = SHORTHANDS.get(told, told).split()
    fields = (text if starred else spans(of) for text, starred, of in zip(written, line.starred, values, strict=True))
    return tuple(fields), schedule.timezone


def spans(values: Iterable[int], to: str = "-", digits: int = 1) -> str:
    """Numbers as a list of ranges.

    >>> spans([1, 2, 3, 5]), spans([0, 6]), spans([1, 2, 3], "..", 2)
    ('1-3,5', '0,6', '01..03')
    """
    told: list[list[int]] = []
    for value in sorted(values):
        if told and told[-1][-1] == value - 1:
            told[-1].append(value)
        else:
            told.append([value])
    parts = ((f"{span[0]:0{digits}}{to}{span[-1]:0{digits}}",) if len(span) > 2 else (f"{n:0{digits}}" for n in span)
             for span in told)  # fmt: skip
    return ",".join(part for each in parts for part in each)
