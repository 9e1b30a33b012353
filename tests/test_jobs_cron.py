"""When jobs are due: cron's five fields as cron means them, held against a clock that is walked minute by minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from crawler.jobs.cron import CronError, parse

Due = Callable[[datetime], bool]
MINUTE = timedelta(minutes=1)
# Cron's line, and the same by hand: whether the clock on the wall says that it is due.
LINES: list[tuple[str, Due]] = [
    ("0 3 * * mon-fri", lambda t: (t.hour, t.minute) == (3, 0) and t.isoweekday() <= 5),
    ("0 3 * * 1-5", lambda t: (t.hour, t.minute) == (3, 0) and t.isoweekday() <= 5),
    ("30 2 * * *", lambda t: (t.hour, t.minute) == (2, 30)),
    ("30 2 * * 0", lambda t: (t.hour, t.minute) == (2, 30) and t.isoweekday() == 7),
    ("30 2 * * 7", lambda t: (t.hour, t.minute) == (2, 30) and t.isoweekday() == 7),
    ("30 2 * * sun", lambda t: (t.hour, t.minute) == (2, 30) and t.isoweekday() == 7),
    ("15 1 * * 5-7", lambda t: (t.hour, t.minute) == (1, 15) and t.isoweekday() >= 5),
    ("15 1 * * sat-sun", lambda t: (t.hour, t.minute) == (1, 15) and t.isoweekday() >= 6),
    ("15 1 * * SUN-Tue", lambda t: (t.hour, t.minute) == (1, 15) and t.isoweekday() in (7, 1, 2)),
    ("15 1 * * */2", lambda t: (t.hour, t.minute) == (1, 15) and t.isoweekday() in (7, 2, 4, 6)),
    ("0 0 13 * 5", lambda t: (t.hour, t.minute) == (0, 0) and (t.day == 13 or t.isoweekday() == 5)),
    ("0 0 1,15 * 3", lambda t: (t.hour, t.minute) == (0, 0) and (t.day in (1, 15) or t.isoweekday() == 3)),
    ("0 0 */2 * 1", lambda t: (t.hour, t.minute) == (0, 0) and t.day % 2 == 1 and t.isoweekday() == 1),
    ("0 0 31 * *", lambda t: (t.hour, t.minute) == (0, 0) and t.day == 31),
    ("0 0 30 2 mon", lambda t: (t.hour, t.minute) == (0, 0) and t.month == 2 and t.isoweekday() == 1),
    ("*/15 * * * *", lambda t: t.minute % 15 == 0),
    ("5-59/20 1-3 * mar,oct *", lambda t: t.minute in (5, 25, 45) and t.hour in (1, 2, 3) and t.month in (3, 10)),
    ("*/20 2 * * *", lambda t: t.minute in (0, 20, 40) and t.hour == 2),
    ("10 */6 * * *", lambda t: t.minute == 10 and t.hour % 6 == 0),
    ("@hourly", lambda t: t.minute == 0),
    ("@daily", lambda t: (t.hour, t.minute) == (0, 0)),
    ("@midnight", lambda t: (t.hour, t.minute) == (0, 0)),
    ("@weekly", lambda t: (t.hour, t.minute) == (0, 0) and t.isoweekday() == 7),
    ("@monthly", lambda t: (t.hour, t.minute, t.day) == (0, 0, 1)),
    ("@yearly", lambda t: (t.hour, t.minute, t.day, t.month) == (0, 0, 1, 1)),
]
# Days around changes of clocks: at 2 and 3, at midnight, by half an hour, a whole day left out, and none.
CHANGES = {
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "America/Havana": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Pacific/Apia": (date(2011, 12, 30),),
    "Asia/Tokyo": (date(2026, 2, 28), date(2026, 12, 31)),
}


@cache
def _walls(zone: str, day: date) -> list[tuple[datetime, datetime, list[datetime]]]:
    """The minutes around a change of clocks: the moment, what the wall clock shows, and what it has left out."""
    there, walls = ZoneInfo(zone), []
    moment = datetime(day.year, day.month, day.day, tzinfo=there).astimezone(UTC) - timedelta(hours=4)
    before = moment.astimezone(there).replace(tzinfo=None) - MINUTE
    for _ in range(36 * 60):
        wall = moment.astimezone(there).replace(tzinfo=None)
        walls.append((moment, wall, [before + MINUTE * n for n in range(1, round((wall - before) / MINUTE))]))
        before, moment = wall, moment + MINUTE
    return walls


def _watched(due: Due, intervals: bool, zone: str, day: date) -> Iterator[datetime]:
    """What a watcher of the wall clock sees: each skipped minute that was due counts once, a second time does not."""
    seen: set[datetime] = set()
    for moment, wall, skipped in _walls(zone, day):
        is_due = due(wall)
        if not intervals:
            is_due = (is_due and wall not in seen) or any(map(due, skipped))
            seen.add(wall)
        if is_due:
            yield moment


@pytest.mark.parametrize("zone", CHANGES)
@pytest.mark.parametrize(("line", "due"), LINES, ids=[line for line, _ in LINES])
def test_every_minute_around_changes_of_clocks(line: str, due: Due, zone: str) -> None:
    """Nothing is missed, nothing is due twice, when clocks go forward and back."""
    cron, there = parse(line), ZoneInfo(zone)
    for day in CHANGES[zone]:
        expected = list(_watched(due, cron.follows_the_clock, zone, day))
        begin, end = (_walls(zone, day)[place][0] for place in (0, -1))
        found, moment = [], begin - timedelta(seconds=1)
        while (moment := cron.after(moment, there)) <= end:
            found.append(moment.astimezone(UTC))
        assert found == expected, (zone, day)


@pytest.mark.parametrize(("line", "due"), LINES, ids=[line for line, _ in LINES])
def test_every_day_of_five_years(line: str, due: Due) -> None:
    """Weekdays, days of months, and both."""
    cron = parse(line)
    for number in range(1_827):
        day = date(2023, 1, 1) + timedelta(days=number)
        times = (datetime(day.year, day.month, day.day, hour, minute) for hour in cron.hours for minute in cron.minutes)
        assert cron.on(day) == any(map(due, times)), day


RARE = [
    ("0 0 29 2 *", "2028-02-29", "2032-02-29"),
    ("0 0 29 2 */7", "2032-02-29", "2060-02-29"),  # */7 is Sunday, and a star does not restrict: both must fit
]


@pytest.mark.parametrize(("line", "first", "second"), RARE)
def test_what_is_due_rarely_is_found(line: str, first: str, second: str) -> None:
    """A day that comes every four years, or every 28."""
    moment = parse(line).after(datetime(2026, 11, 23, tzinfo=UTC), ZoneInfo("UTC"))
    assert [str(moment.date()), str(parse(line).after(moment, ZoneInfo("UTC")).date())] == [first, second]


WRONG = [
    ("0 25 * * *", "hour 25; allowed are 0-23"),
    ("60 * * * *", "minute 60; allowed are 0-59"),
    ("0 0 0 * *", "day of the month 0; allowed are 1-31"),
    ("0 0 * 13 *", "month 13; allowed are 1-12"),
    ("0 0 * * 8", "day of the week 8; allowed are 0-7"),
    ("0 0 * * fryday", "did you mean fri?"),
    ("0 0 * fev *", "did you mean feb?"),
    ("0 0 31 2 *", "never due: no such month has a day 31"),
    ("0 0 31 4,6,9,11 *", "never due"),
    ("* * * *", "4 fields; allowed are five"),
    ("0 0 0 * * *", "6 fields; allowed are five"),
    ("5/15 * * * *", "write 5-59/15"),
    ("0 0 * * 5-1", "runs backwards"),
    ("*/0 * * * *", "a step of 0"),
    ("0 0 L * *", "'l' is unknown"),
    ("0 0 * * 5#2", "cannot be read"),
    ("0 0 ? * 1", "cannot be read"),
    ("1,,2 * * * *", "minute '' cannot be read"),
    ("-1 * * * *", "cannot be read"),
    ("٣ 0 * * *", "cannot be read"),
    ("@dayly", "did you mean @daily?"),
    ("@reboot", "@reboot is no time"),
    ("", "1 fields"),
]


@pytest.mark.parametrize(("line", "says"), WRONG)
def test_what_is_no_line_of_cron_is_refused(line: str, says: str) -> None:
    """With the field, what was found, and what is allowed."""
    with pytest.raises(CronError) as refused:
        parse(line)
    assert says in str(refused.value)
