"""When a known page is visited again: the longer it stays as it is, the later.

A page that was seen once says nothing of how often it changes: it is visited again in the next run. After that the
interval is twice the time in which nothing has changed, and half of that in which something has, within bounds. Rules
of this kind are old: Apache Nutch's AdaptiveFetchSchedule does the same with other factors. Ours favors simple numbers
that an operator can follow by hand; a frequency estimated from so few visits would be biased (Cho and Garcia-Molina,
"Estimating frequency of change", ACM TOIT 3(3), 2003). `Cache-Control: max-age` (RFC 9111, 5.2.2.1) is the server's own
word for how long its answer holds: it is not visited sooner, unless that is longer than the longest interval.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

GROWS, SHRINKS = 2.0, 0.5
SLACK = 0.1  # of the interval: a run that begins a little earlier than the last one still finds its pages due
_MAX_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,10})', re.IGNORECASE)
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Intervals:
    """The bounds, in seconds.

    Attributes:
        first: Of a page that was seen once.
        least: However often it changes.
        most: However long it stays as it is: for so long at most an opt-out inside a page is unseen.
        ends: Whether every interval is over: all known pages are due.
    """

    first: float = 0.0
    least: float = 0.0
    most: float = 30 * _DAY
    ends: bool = False

    def after(self, before: float | None, *, passed: float, changed: bool | None) -> float:
        """The next interval.

        Args:
            before: The one before; None for a page that was never seen before.
            passed: Since the last visit.
            changed: Whether the page has; None where that was not found out.

        >>> Intervals(most=300).after(100, passed=120, changed=False)
        240.0
        """
        if before is None:
            return min(self.first, self.most)
        if changed is None:
            return before
        within = min(before or passed, passed)  # a run that comes late says nothing of when it changed
        interval = SHRINKS * within if changed else max(before, GROWS * passed)
        return min(max(interval, self.least), self.most)

    def due(self, visited: float, interval: float, cache_control: Iterable[str] = ()) -> float:
        """When the page is due, as seconds since 1970.

        Args:
            visited: When the crawl that visited it was begun.
            interval: Until the next visit.
            cache_control: The values of that header.
        """
        ages = [int(found[1]) for value in cache_control if (found := _MAX_AGE.search(value))]
        return visited + (1 - SLACK) * max(interval, min(max(ages, default=0), self.most))
