"""When a known page is visited again (docs/incremental.md, "When a page is due")."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.known.intervals import Intervals

DAY = 86_400
BOUNDS = Intervals(most=30 * DAY)


@pytest.mark.parametrize(
    ("before", "passed", "changed", "next_interval"),
    [
        (None, 0, True, 0),  # seen once: due in the next run
        (0, DAY, False, 2 * DAY),
        (2 * DAY, 2 * DAY, False, 4 * DAY),
        (2 * DAY, 5 * DAY, False, 10 * DAY),  # a run that came late: it stayed as it was for longer
        (20 * DAY, 20 * DAY, False, 30 * DAY),
        (4 * DAY, 60, False, 4 * DAY),  # asked for by hand before it was due: that says little
        (0, DAY, True, DAY / 2),
        (4 * DAY, 4 * DAY, True, 2 * DAY),
        (4 * DAY, 60, True, 30),  # it changed within a minute
        (3_600, 60 * DAY, True, 1_800),  # nothing ran for two months: no reason to visit it more rarely
        (4 * DAY, 4 * DAY, None, 4 * DAY),  # refused: whether it changed was not seen
    ],
)
def test_the_next_interval(before: float | None, passed: float, changed: bool | None, next_interval: float) -> None:
    """Twice the time in which nothing has changed, half of that in which something has."""
    assert BOUNDS.after(before, passed=passed, changed=changed) == next_interval


@pytest.mark.parametrize(("run_every", "days"), [(1, [1, 3, 7, 15, 30]), (7, [7, 21, 49, 77])])
def test_a_page_that_stays_as_it_is_is_visited_ever_more_rarely(run_every: int, days: list[int]) -> None:
    """The days that docs/incremental.md names, and never later than the longest interval and a run."""
    visited, interval, found = 0, BOUNDS.after(None, passed=0, changed=True), []
    for day in range(run_every, days[-1] + 1, run_every):
        if day * DAY >= BOUNDS.due(visited * DAY, interval):
            interval = BOUNDS.after(interval, passed=(day - visited) * DAY, changed=False)
            visited = day
            found.append(day)
    assert found == days


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.booleans(), st.floats(0, 1e6), st.floats(0, 1e6))
def test_it_stays_within_its_bounds(before: float, passed: float, changed: bool, least: float, more: float) -> None:
    """Whatever has passed."""
    bounds = Intervals(least=least, most=least + more)
    assert least <= bounds.after(before, passed=passed, changed=changed) <= least + more


def test_max_age_makes_it_later_never_sooner() -> None:
    """RFC 9111, 5.2.2.1; bounded, too."""
    assert BOUNDS.due(0, DAY, ["public, max-age=172800"]) == 0.9 * 2 * DAY
    assert BOUNDS.due(0, 4 * DAY, ["max-age=60"]) == 0.9 * 4 * DAY
    assert BOUNDS.due(0, 0, ["max-age=9999999999"]) == 0.9 * 30 * DAY
