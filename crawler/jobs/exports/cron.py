"""A crontab, for a cron that knows CRON_TZ (cronie; Debian's does not)."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from crawler.jobs.exports import Caller, fields_of
from crawler.jobs.model import Job

NAME = "usufruct.crontab"
_HEAD = (
    "# By `scrapy jobs export cron`. Times are those of CRON_TZ, which cronie knows; Debian's cron does not: there use",
    "# `scrapy jobs export systemd`. What was missed while the machine was down is not made up for by cron.",
)


def check(job: Job) -> None:
    """Raise ExportError for what cron cannot say."""
    assert job.schedule
    fields_of(job.schedule)


def export(jobs: Sequence[Job], caller: Caller) -> dict[str, str]:
    """One file."""
    return {NAME: "\n".join(_lines(jobs, caller)) + "\n"}


def _lines(jobs: Sequence[Job], caller: Caller) -> Iterator[str]:
    yield from _HEAD
    yield "SHELL=/bin/sh"
    for job in jobs:
        assert job.schedule
        fields, zone = fields_of(job.schedule)
        command = f"cd {shlex.quote(str(caller.project))} && {shlex.join(caller.command(job))}"
        yield f"CRON_TZ={zone}"
        yield f"{' '.join(fields)} {command.replace('%', chr(92) + '%')}"
