"""Which parts of a text can hold an identifier at all, cut out and put side by side.

A window is a place where some gate matched, with the characters around it that context words may stand in. Windows
that touch are one, so a number is never cut; one long line costs no more than many short ones.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

BEFORE, AFTER = 90, 80  # characters; more than any pattern or context word reaches
SEPARATOR = "\n\x1e\n"  # no pattern crosses a line end, no context word is looked for beyond \x1e
_END_OF_TOKEN = re.compile(r"[^0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Windows:
    """Parts of a text as one string, and where each came from: places[i] in `text` was sources[i]."""

    text: str
    places: tuple[int, ...]
    sources: tuple[int, ...]

    def source(self, place: int) -> int:
        """The offset in the whole text of an offset in the joined one."""
        window = bisect_right(self.places, place) - 1
        return self.sources[window] + place - self.places[window]


def cut(text: str, hits: Iterable[tuple[int, int]]) -> Windows:
    """The windows around some hits, given as (start, end) in any order."""
    return joined(text, _merged(text, sorted(hits)))


def joined(text: str, cuts: Iterable[tuple[int, int]]) -> Windows:
    """Some parts (start, end) as they are, in this order."""
    parts, places, sources, length = [], [], [], 0
    for start, end in cuts:
        part = text[start:end]
        parts.append(part)
        places.append(length)
        sources.append(start)
        length += len(part) + len(SEPARATOR)
    return Windows(SEPARATOR.join(parts), tuple(places), tuple(sources))


def _merged(text: str, hits: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Hits with their surroundings, merged where they touch, without the halves of tokens at both ends."""
    if not hits:
        return
    first, last = hits[0]
    start, end = first - BEFORE, last
    for hit_start, hit_end in hits[1:]:
        if hit_start - BEFORE <= end + AFTER:
            end = max(end, hit_end)
            continue
        yield _on_tokens(text, start, first, end)
        first, start, end = hit_start, hit_start - BEFORE, hit_end
    yield _on_tokens(text, start, first, end)


def _on_tokens(text: str, start: int, first: int, end: int) -> tuple[int, int]:
    if start > 0:
        found = _END_OF_TOKEN.search(text, start - 1, first)
        start = found.end() if found else start
    stop = end + AFTER
    if stop < len(text):
        found = _END_OF_TOKEN.search(text, stop)
        stop = min(found.start() if found else len(text), stop + AFTER)
    return max(start, 0), stop
