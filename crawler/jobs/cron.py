"""Five fields of cron, as cron means them: when they are due, in a zone.

Source: POSIX.1-2024, crontab; crontab(5) and cron(8) of Vixie cron. 0 and 7 are Sunday. Where both the day of the month
and the day of the week are restricted, either will do; as in Vixie cron's code a field that begins with `*` does not
restrict in this sense, so that `*/2` and a weekday must both fit.

When clocks change: a time that does not exist on a day is due at once after the gap, and a time that comes twice is due
the first time only. Where the minute or the hour begins with `*` the entry is taken for an interval: it follows the
clock, so nothing is due in the gap, and what comes twice is due twice.

APScheduler's own CronTrigger is not used: its weekdays begin with Monday, it asks for both days, and it has a daily run
twice, an hour late or not at all when clocks change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import lru_cache
from itertools import product
from zoneinfo import ZoneInfo

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
SHORTHANDS = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip
FIELDS = ("minute", "hour", "day of the month", "month", "day of the week")
BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_LONGEST_MONTH = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FARTHEST = timedelta(days=366 * 41)  # between two Sundays that are a 29th of February, around 2100
_ITEM = re.compile(r"(\*|[0-9a-z]+(?:-[0-9a-z]+)?)(?:/([0-9]+))?", re.ASCII)


class CronError(ValueError):
    """No line of cron's; the message says which field, what was found, what is allowed."""


@dataclass(frozen=True, slots=True)
class Cron:
    """When something is due. Weekdays are 0 (Sunday) to 6.

    Attributes:
        text: As it was written.
        starred: Whether each field begins with `*`.
    """

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    starred: tuple[bool, ...]

    @property
    def either_day(self) -> bool:
        """Whether the day of the month or that of the week will do."""
        return not (self.starred[2] or self.starred[4])

    @property
    def follows_the_clock(self) -> bool:
        """Whether it is an interval rather than a time of the day, for when clocks change."""
        return self.starred[0] or self.starred[1]

    def on(self, day: date) -> bool:
        """Whether it is due on that day."""
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and (in_month or in_week if self.either_day else in_month and in_week)

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first time after a moment, in the zone.

        >>> str(parse("0 3 * * sun").after(datetime(2026, 11, 23, tzinfo=UTC), ZoneInfo("Asia/Tokyo")))
        '2026-11-29 03:00:00+09:00'
        """
        day = moment.astimezone(zone).date() - timedelta(days=1)
        last = day + _FARTHEST
        while day <= last:
            # Where clocks change at midnight the times of two days are mixed.
            found = [due for each in (day, day + timedelta(days=1)) for due in _times(self, each, zone) if due > moment]
            if found:
                return min(found).astimezone(zone)
            day += timedelta(days=1)
        raise AssertionError(f"{self.text}: parse() lets nothing pass that is never due")


def parse(text: str) -> Cron:
    """Read five fields, or one of `SHORTHANDS`.

    Raises:
        CronError: They are none, or name a day that no month has.
    """
    told = " ".join(text.lower().split())
    if told.startswith("@"):
        told = _shorthand(told)
    fields = told.split(" ")
    if len(fields) != len(FIELDS):
        raise CronError(f"{len(fields)} fields; allowed are five: minute hour day-of-month month day-of-week")
    minutes, hours, days, months, weekdays = (_field(number, field) for number, field in enumerate(fields))
    weekdays = tuple(sorted({day % 7 for day in weekdays}))
    cron = Cron(text, minutes, hours, days, months, weekdays, tuple(field.startswith("*") for field in fields))
    if not cron.either_day and min(days) > max(_LONGEST_MONTH[month] for month in months):
        raise CronError(f"never due: no such month has a day {min(days)}")
    return cron


def _shorthand(told: str) -> str:
    if told == "@reboot":
        raise CronError("@reboot is no time; give one, or `every: 1d`")
    if told not in SHORTHANDS:
        near = get_close_matches(told, SHORTHANDS, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise CronError(f"unknown {told}; allowed are {', '.join(SHORTHANDS)}{hint}")
    return SHORTHANDS[told]


def _field(number: int, field: str) -> tuple[int, ...]:
    """The values of one field."""
    return tuple(sorted({value for item in field.split(",") for value in _item(number, item)}))


def _item(number: int, item: str) -> range:
    name, (least, most) = FIELDS[number], BOUNDS[number]
    match = _ITEM.fullmatch(item)
    if not match:
        raise CronError(
            f"{name} {item!r} cannot be read; allowed are numbers, names, *, lists (1,2), ranges (1-5) and steps (*/2)"
        )
    span, step = match[1], int(match[2] or 1)
    if not step:
        raise CronError(f"{name} {item!r}: a step of 0 goes nowhere; allowed are steps from 1")
    if span == "*":
        return range(least, 7 if number == 4 else most + 1, step)
    first, dash, last = span.partition("-")
    if match[2] and not dash:
        raise CronError(f"{name} {item!r}: a step needs a range or *; write {first}-{most}/{step}")
    begin = _value(number, first)
    end = _value(number, last) if dash else begin
    if number == 4 and last in ("sun", "0") and begin > 0:
        end = 7  # sat-sun
    if end < begin:
        raise CronError(f"{name} {item!r} runs backwards; write {first}-{most},{least}-{last}")
    return range(begin, end + 1, step)


def _value(number: int, word: str) -> int:
    name, (least, most) = FIELDS[number], BOUNDS[number]
    names = {3: MONTHS, 4: WEEKDAYS}.get(number, ())
    if word in names:
        return names.index(word) + least
    if not word.isdecimal():
        near = get_close_matches(word, names, 1, 0.4)
        hint = f"; did you mean {near[0]}?" if near else ""
        told = f" or {', '.join(names)}" if names else ""
        raise CronError(f"{name} {word!r} is unknown; allowed are {least}-{most}{told}{hint}")
    if not least <= int(word) <= most:
        raise CronError(f"{name} {word}; allowed are {least}-{most}")
    return int(word)


@lru_cache(maxsize=256)
def _times(cron: Cron, day: date, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The times of a day, in UTC."""
    return tuple(_of(cron, day, zone)) if cron.on(day) else ()


def _of(cron: Cron, day: date, zone: ZoneInfo) -> Iterator[datetime]:
    for hour, minute in product(cron.hours, cron.minutes):
        local = datetime.combine(day, time(hour, minute), zone)
        if not _exists(local):
            if not cron.follows_the_clock:
                yield _end_of_gap(local)
            continue
        yield local.astimezone(UTC)
        if cron.follows_the_clock and (again := local.replace(fold=1)).utcoffset() != local.utcoffset():
            yield again.astimezone(UTC)


def _exists(local: datetime) -> bool:
    """Whether clocks in its zone ever show it (PEP 495)."""
    return local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)


def _end_of_gap(local: datetime) -> datetime:
    """The moment at which clocks were put forward over a time that does not exist, in UTC."""
    before, after = (int(local.replace(fold=fold).astimezone(UTC).timestamp()) for fold in (1, 0))
    old = _offset(before, local)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(middle, local) == old else (before, middle)
    return datetime.fromtimestamp(after, UTC)


def _offset(moment: int, local: datetime) -> timedelta | None:
    return datetime.fromtimestamp(moment, local.tzinfo).utcoffset()
