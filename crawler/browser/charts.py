"""Numbers -> rectangles, for the drawings in the pages; beside each stand its numbers, in words or in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crawler.audit.summary import EVERY_RESULT
from crawler.browser.render import moment

WIDTH, HEIGHT = 480, 96  # of a chart over time, in units of its own


class Rectangle(NamedTuple):
    """A part of a drawing; `result` gives its color."""

    x: float
    y: float
    width: float
    height: float
    result: str


def stacked(counts: Mapping[str, int], whole: int, width: float = 100) -> list[Rectangle]:
    """One bar: each result takes its share of `whole`, from left to right."""
    found, x = [], 0.0
    for result in EVERY_RESULT:
        part = width * counts.get(result, 0) / whole if whole else 0
        if part:
            found.append(Rectangle(round(x, 3), 0, round(part, 3), 1, result))
        x += part
    return found


def columns(bars: Sequence[Mapping[str, int]], highest: int) -> list[Rectangle]:
    """A column for each bar, results from the bottom up; `highest` fills the height."""
    found = []
    step = min(WIDTH / max(len(bars), 1), WIDTH / 12)
    for place, counts in enumerate(bars):
        y = float(HEIGHT)
        for result in EVERY_RESULT:
            height = HEIGHT * counts.get(result, 0) / highest if highest else 0
            y -= height
            if height:
                found.append(
                    Rectangle(round(place * step, 2), round(y, 2), round(step * 0.86, 2), round(height, 2), result)
                )
    return found


def in_words(counts: Mapping[str, int]) -> str:
    """The numbers of one bar.

    >>> in_words({"kept": 3, "held": 0, "dropped": 1})
    'kept 3, dropped 1'
    """
    return ", ".join(f"{result} {counts[result]:,}" for result in EVERY_RESULT if counts.get(result)) or "nothing"


def span(begin: int, width: int) -> str:
    """The stretch of time of one bar."""
    long = {60: "minute", 3_600: "hour", 86_400: "day"}.get(width)
    return moment(begin) if width == 1 else f"{moment(begin)}, one {long}" if long else f"{moment(begin)}, {width} s"
