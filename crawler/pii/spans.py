"""Which find stands where several overlap: what patterns prove goes before what a model thinks, the longer first.

Of finds of the same length the one with the better score stands: a word right before a number says whose it is, and
counts for more than check digits that fit, which several countries share (`matching.finds`).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from crawler.document import Span

_RANK = {"checked": 0, "format": 1, "model": 2}


def without_overlaps(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans that share no character, sorted by start; by pattern the longest, then the score, then the tier wins."""
    taken = Taken()
    kept = []
    for span in sorted(spans, key=_precedence):
        if taken.is_free(span.start, span.end):
            taken.add(span.start, span.end)
            kept.append(span)
    return tuple(sorted(kept, key=lambda span: span.start))


def _precedence(span: Span) -> tuple[bool, int, float, int, int, str]:
    return span.tier == "model", span.start - span.end, -span.score, _RANK[span.tier], span.start, span.entity


class Taken:
    """Intervals that share nothing; each question costs the logarithm of their number."""

    def __init__(self, intervals: Iterable[tuple[int, int]] = ()) -> None:
        self._intervals: list[tuple[int, int]] = sorted(intervals)

    def add(self, start: int, end: int) -> None:
        insort(self._intervals, (start, end))

    def is_free(self, start: int, end: int) -> bool:
        """Whether no interval has a character of this one."""
        return next(self._overlapping(start, end), None) is None

    def rest(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """What the intervals leave of this one, in order."""
        for taken_start, taken_end in list(self._overlapping(start, end)):
            if taken_start > start:
                yield start, taken_start
            start = max(start, taken_end)
        if start < end:
            yield start, end

    def _overlapping(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        place = max(bisect_left(self._intervals, (start, start)) - 1, 0)
        while place < len(self._intervals) and self._intervals[place][0] < end:
            if self._intervals[place][1] > start:
                yield self._intervals[place]
            place += 1
