"""A service and a timer for each job, as systemd.service(5), systemd.timer(5) and systemd.time(7) have them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from crawler.jobs.exports import INTERVALS, Caller, spans
from crawler.jobs.model import Job, Schedule

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SKIPPED = 75  # exit code of `jobs run` where the last run is still under way


def check(job: Job) -> None:
    """Timers can say all that jobs can."""


def export(jobs: Sequence[Job], caller: Caller) -> dict[str, str]:
    """Two files a job."""
    files = {}
    for job in jobs:
        files[f"{unit(job.name)}.service"] = "\n".join(_service(job, caller)) + "\n"
        files[f"{unit(job.name)}.timer"] = "\n".join(_timer(job)) + "\n"
    return files


def unit(name: str) -> str:
    """Name of a job's units."""
    return f"usufruct-{name}"


def _service(job: Job, caller: Caller) -> Iterator[str]:
    yield "[Unit]"
    yield f"Description=Usufruct: a run of the job {job.name}"
    yield "After=network-online.target"
    yield "Wants=network-online.target"
    yield "[Service]"
    yield "Type=oneshot"
    yield f"WorkingDirectory={_escaped(str(caller.project))}"
    yield f"ExecStart={' '.join(map(_word, caller.command(job)))}"
    yield f"SuccessExitStatus={SKIPPED}"
    yield "TimeoutStartSec=infinity"
    yield "# Ends the crawl gracefully; only what is left of it then is killed, and gone on with."
    yield "KillMode=mixed"
    yield f"TimeoutStopSec={caller.grace_s + 60}"


def _timer(job: Job) -> Iterator[str]:
    assert job.schedule
    yield "[Unit]"
    yield f"Description=Usufruct: when the job {job.name} is due ({_escaped(str(job.schedule))})"
    yield "[Timer]"
    yield from (f"OnCalendar={when}" for when in calendar(job.schedule))
    if not (job.schedule.cron or job.schedule.seconds in INTERVALS):
        yield "# No calendar has this interval: it is counted from when the timer was started."
        yield f"OnActiveSec={job.schedule.seconds}"
        yield f"OnUnitActiveSec={job.schedule.seconds}"
    yield f"Persistent={'true' if job.missed == 'run' else 'false'}"
    yield "AccuracySec=1s"
    yield "[Install]"
    yield "WantedBy=timers.target"


def calendar(schedule: Schedule) -> list[str]:
    """The values of OnCalendar; two where cron takes either day."""
    if schedule.every:
        if schedule.seconds not in INTERVALS:
            return []
        schedule = Schedule(cron=INTERVALS[schedule.seconds])
    line = schedule.line
    clock = f"{_or_all(line.hours, 24)}:{_or_all(line.minutes, 60)}:00 {schedule.timezone}"
    months, days = _or_all(line.months, 12), _or_all(line.days, 31)
    week = f"{_weekdays(line.weekdays)} " if len(line.weekdays) < 7 else ""
    if line.either_day:
        return [f"*-{months}-{days} {clock}", f"{week}*-{months}-* {clock}"]
    return [f"{week}*-{months}-{days} {clock}"]


def _or_all(values: Sequence[int], number: int) -> str:
    return "*" if len(values) == number else spans(values, "..", 2)


def _weekdays(days: Sequence[int]) -> str:
    """Days from Monday on, three or more in a row as a range.

    >>> _weekdays((0, 1, 2, 6)), _weekdays((1, 2, 3, 4, 5))
    ('Mon,Tue,Sat,Sun', 'Mon..Fri')
    """
    places = sorted((day - 1) % 7 for day in days)
    told = []
    for _, run in groupby(enumerate(places), lambda pair: pair[1] - pair[0]):
        names = [WEEKDAYS[place] for _, place in run]
        told += [f"{names[0]}..{names[-1]}"] if len(names) > 2 else names
    return ",".join(told)


def _escaped(text: str) -> str:
    """What systemd would take for a specifier, doubled."""
    return text.replace("%", "%%")


def _word(text: str) -> str:
    escaped = _escaped(text).replace("$", "$$")
    if re.fullmatch(r"[\w@%+=:,./-]+", escaped, re.ASCII):
        return escaped
    return '"' + escaped.replace("\\", "\\\\").replace('"', '\\"') + '"'
