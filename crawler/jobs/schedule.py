"""Due times of a schedule: the next ones, and the last that passed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from crawler.jobs.model import Schedule

_BACK = (timedelta(hours=2), timedelta(days=2), timedelta(days=35), timedelta(days=370))


def next_due(schedule: Schedule, after: datetime) -> datetime:
    """The first time after a moment, in the zone of the schedule.

    An interval is counted from 1970 in UTC, so that every host counts alike, whenever it was started.
    """
    if schedule.cron:
        return schedule.line.after(after, schedule.zone)
    step = schedule.seconds
    return datetime.fromtimestamp((int(after.timestamp()) // step + 1) * step, UTC)


def coming(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """All times after a moment, the first first."""
    while True:
        after = next_due(schedule, after)
        yield after


def last_due(schedule: Schedule, since: datetime, now: datetime) -> datetime | None:
    """The last time after `since` that is not after `now`; None where there is none."""
    if not schedule.cron:
        last = datetime.fromtimestamp(int(now.timestamp()) // schedule.seconds * schedule.seconds, UTC)
        return last if last > since else None
    for back in _BACK:
        begin = max(since, now - back)
        found = None
        for due in coming(schedule, begin):
            if due > now:
                break
            found = due
        if found is not None or begin == since:
            return found
    due = next_due(schedule, since)
    return due if due <= now else None  # rarer than once a year: the first is near enough to the last


def key_of(due: datetime) -> str:
    """A due time as a name that sorts by time: 20261123T030000Z."""
    return f"{due.astimezone(UTC):%Y%m%dT%H%M%SZ}"
