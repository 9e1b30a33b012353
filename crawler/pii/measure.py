"""Precision, recall, F and speed of finders against gold files; lines of JSON as in the gold sets: text, spans, lang.

Nothing that is found is kept but where it stands, and nothing is written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby, islice
from multiprocessing import get_context
from pathlib import Path
from time import process_time
from typing import Any

from crawler.document import Span
from crawler.pii import labels as gold_labels
from crawler.pii.presidio import Finder, FindPii, build_finder

_TOGETHER = 500  # texts
KB = 1_000  # bytes of UTF-8
NO_LANGUAGE = "xx"  # of a gold row whose text is in none
# Loads every engine and table that the first texts would; none of its lines stands in a gold text.
_WARM_UP = """
John Smith of Smallville called +1 212 555 0147 or 03-1234-5678, card 4111 1111 1111 1111, warm@example.com, 192.0.2.7.
Born 12 March 1984; IBAN DE89 3704 0044 0532 0130 00; 12 Sample Street, Springfield, CA 90210; SSN 219-09-9999.
Herr Thomas Müller, Frau Anna Schmidt; Jean Dupont et Marie Durand; Juan García López.
山田太郎さんと鈴木花子さん、東京都千代田区1-2-3。王小明先生和李丽女士。김민수 씨와 이영희 씨.
"""
Labeled = tuple[int, int, str]  # start, end (characters, end exclusive), label


class GoldError(Exception):
    """A gold file cannot be read; the message says which line."""


@dataclass(frozen=True, slots=True)
class Gold:
    """One text with what is in it."""

    text: str
    spans: tuple[Labeled, ...]
    language: str = ""


@dataclass(slots=True)
class Counts:
    """How often finds were right; a gold span counts once, and so does a find."""

    gold: int = 0
    found: int = 0
    gold_hit: int = 0
    found_hit: int = 0

    def scores(self) -> dict[str, float]:
        """p, r, f1 and f2; 0 where nothing was there to be right about."""
        precision = self.found_hit / self.found if self.found else 0.0
        recall = self.gold_hit / self.gold if self.gold else 0.0
        return {"p": precision, "r": recall, "f1": f_beta(precision, recall, 1), "f2": f_beta(precision, recall, 2)}


@dataclass(slots=True)
class Score:
    """One label: strict asks for the same start and end, overlap for one character in common."""

    strict: Counts = field(default_factory=Counts)
    overlap: Counts = field(default_factory=Counts)


def f_beta(precision: float, recall: float, beta: float) -> float:
    """The weighted harmonic mean; beta 2 weighs recall higher."""
    below = beta * beta * precision + recall
    return (1 + beta * beta) * precision * recall / below if below else 0.0


def read(path: Path) -> Iterator[Gold]:
    """The texts of a gold file; raises GoldError for a line that is none."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _gold(f"{path}: line {number}", line)


def _gold(where: str, line: str) -> Gold:
    try:
        row: Mapping[str, Any] = json.loads(line)
        text = row["text"]
        spans = tuple((int(one["start"]), int(one["end"]), str(one["label"])) for one in row["spans"])
    except (ValueError, KeyError, TypeError) as error:
        raise GoldError(f"{where}: {type(error).__name__}: {error}; text and spans are needed") from error
    if not isinstance(text, str):
        raise GoldError(f"{where}: text is no string; text and spans are needed")
    if any(not 0 <= start < end <= len(text) for start, end, _ in spans):
        raise GoldError(f"{where}: a span does not lie in its text")
    if row.get("valid") is False:  # an identifier whose check digit is wrong: nothing must be found
        spans = ()
    language = str(row.get("lang") or "")
    return Gold(text, spans, "" if language == NO_LANGUAGE else language)


def score(
    pairs: Iterable[tuple[Sequence[Labeled], Sequence[Labeled]]],
    labels: Iterable[str],
    entities: Mapping[str, Collection[str]] | None = None,
) -> dict[str, Score]:
    """Scores of each label over (gold spans, found spans) of many texts.

    Args:
        pairs: Gold spans have labels, found ones entities.
        labels: What to score.
        entities: Which entities count as finds of a label; left out, the one of the same name. A find that hits another
            label of its own entity is no find of this one: ADDRESS in gold beside STREET_ADDRESS is not wrong.
    """
    accepted = {label: frozenset((entities or {}).get(label, (label,))) for label in labels}
    scores = {label: Score() for label in accepted}
    for gold, found in pairs:
        for label, one in scores.items():
            theirs = [(start, end) for start, end, name in gold if name == label]
            others = [
                (start, end)
                for start, end, name in gold
                if name != label and not accepted[label].isdisjoint(accepted.get(name, ()))
            ]
            ours = [
                (start, end)
                for start, end, name in found
                if name in accepted[label]
                and not (_any_overlaps((start, end), others) and not _any_overlaps((start, end), theirs))
            ]
            _count(one.strict, theirs, ours, lambda a, b: a == b)
            _count(one.overlap, theirs, ours, _overlaps)
    return scores


def _overlaps(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _any_overlaps(one: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    return any(_overlaps(one, other) for other in others)


def _count(
    counts: Counts,
    gold: Sequence[tuple[int, int]],
    found: Sequence[tuple[int, int]],
    alike: Callable[[tuple[int, int], tuple[int, int]], bool],
) -> None:
    counts.gold += len(gold)
    counts.found += len(found)
    counts.gold_hit += sum(any(alike(one, other) for other in found) for one in gold)
    counts.found_hit += sum(any(alike(one, other) for other in gold) for one in found)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one finder made of some gold texts: a score a label, the size of the texts in KB, the time in seconds."""

    scores: Mapping[str, Score]
    kb: float
    seconds: float

    @property
    def kb_s(self) -> float:
        """KB a second on one core."""
        return self.kb / self.seconds if self.seconds else 0.0

    @property
    def total(self) -> Score:
        """All labels together: each span counts the same."""
        return Score(
            _summed(one.strict for one in self.scores.values()), _summed(one.overlap for one in self.scores.values())
        )


def _summed(each: Iterable[Counts]) -> Counts:
    total = Counts()
    for one in each:
        total.gold += one.gold
        total.found += one.found
        total.gold_hit += one.gold_hit
        total.found_hit += one.found_hit
    return total


def labels_of(golds: Iterable[Gold], known: Collection[str]) -> dict[str, frozenset[str]]:
    """The labels in some gold texts that one of the known entities is a find of, sorted, each with these entities."""
    said = sorted({label for gold in golds for _, _, label in gold.spans})
    return {label: entities for label in said if (entities := gold_labels.entities_of(label, known))}


def measure(golds: Sequence[Gold], find: FindPii, labels: Mapping[str, Collection[str]]) -> Measured:
    """Scan each text as a page of its own, in its language; what is timed is the scan alone, after a warm-up.

    Names are read in many texts together, as they are in the lines of a page: gold texts are sentences.

    Raises:
        EngineError: The engine of a language cannot be loaded.
    """
    for language in sorted({gold.language for gold in golds}):
        find(_WARM_UP, language)
    start = process_time()
    found = list(_found(golds, find))
    seconds = process_time() - start
    pairs = [
        (gold.spans, [(span.start, span.end, span.entity) for span in spans])
        for gold, spans in zip(golds, found, strict=True)
    ]
    size = sum(len(gold.text.encode("utf-8", "surrogatepass")) for gold in golds)
    return Measured(score(pairs, labels, labels), size / KB, seconds)


def _found(golds: Sequence[Gold], find: FindPii) -> Iterator[tuple[Span, ...]]:
    for language, group in groupby(golds, key=lambda gold: gold.language):
        while batch := list(islice(group, _TOGETHER)):
            if isinstance(find, Finder):
                find.prepare([gold.text for gold in batch], language)
            yield from (find(gold.text, language) for gold in batch)


def measure_each(
    sets: Sequence[Sequence[Gold]],
    engines: Mapping[str, str],
    labels: Mapping[str, Collection[str]],
    *,
    stock: bool = False,
    only: Collection[str] | None = None,
) -> list[dict[str, Measured]]:
    """For each set what "ours" makes of it, and "stock", which is Presidio as it comes, in turn.

    `only` are the entities that are looked for, None for all. It runs in a process of its own with one thread, as a
    worker does: numpy counts its threads when it is imported.

    Raises:
        EngineError: The engine of a language cannot be loaded.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # inherited
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measure_each, sets, engines, labels, stock, only).result()


def _measure_each(
    sets: Sequence[Sequence[Gold]],
    engines: Mapping[str, str],
    labels: Mapping[str, Collection[str]],
    stock: bool,
    only: Collection[str] | None,
) -> list[dict[str, Measured]]:
    from crawler.pii.stock import build_stock_finder

    finders: dict[str, FindPii] = {"ours": build_finder(only, engines=engines)}
    if stock:
        finders["stock"] = build_stock_finder(only)
    return [{name: measure(golds, find, labels) for name, find in finders.items()} for golds in sets]


def together(each: Iterable[Measured]) -> Measured:
    """Several files as one: spans are summed per label."""
    found = list(each)
    scores = {
        label: Score(
            _summed(one.scores[label].strict for one in found if label in one.scores),
            _summed(one.scores[label].overlap for one in found if label in one.scores),
        )
        for label in sorted({label for one in found for label in one.scores})
    }
    return Measured(scores, sum(one.kb for one in found), sum(one.seconds for one in found))
