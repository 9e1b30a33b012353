"""How well personal data is found: every gold file of some folders, and the figures that the documents show.

    python -m benchmarks.pii_quality FOLDER|FILE... [--stock] [--write] [--least 5]

With --write the figures go to crawler/pii/measured.toml, those of the same sets replaced, the others kept; then
`python -m crawler.documentation` shows them. For names, languages without an engine are passed over, and so are sets
that a tagger of ours was trained on: neither would be a measurement. What was measured on such a set before it was
trained on may be written into the file by hand, under another name of the set, with a note.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from crawler.pii import measure, tagger
from crawler.pii.catalog import FIGURES, Figure, Speed, figures, speeds
from crawler.pii.engines import resolve
from crawler.pii.measure import Gold, Measured
from crawler.pii.presidio import known_entities
from crawler.pii.shapes import PERSON
from crawler.pii.stock import DEFAULT_LANGUAGE as ENGLISH
from crawler.pii.why import PATTERNS

HEAD = "# Measured figures, from 0 to 1; written by `python -m benchmarks.pii_quality FOLDER --stock --write`.\n"
_ROUND = 4


def main() -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--stock", action="store_true", help="run Presidio as it comes beside it")
    parser.add_argument("--write", action="store_true", help="write the figures")
    parser.add_argument("--least", type=int, default=5, help="labels with fewer gold spans are left out")
    given = parser.parse_args()
    found, fast = [], []
    for path in _files(given.paths):
        told, speed = _measured(path, resolve("default", {}), given.stock, given.least)
        found += told
        fast += speed
        for one in told:
            print(_line(one))
    if given.write:
        FIGURES.write_text(_toml(found, fast), encoding="utf-8")


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.glob("*.jsonl")) if path.is_dir() else [path]


def _measured(path: Path, engines: Mapping[str, str], stock: bool, least: int) -> tuple[list[Figure], list[Speed]]:
    golds = list(measure.read(path))
    language = golds[0].language if golds else ""
    no_names = language not in engines or _has_seen(path.stem, language, engines[language])
    labels = {
        label: entities
        for label, entities in measure.labels_of(golds, known_entities()).items()
        if _spans(golds, label) >= least and not (no_names and PERSON in entities)
    }
    if not labels:
        return [], []
    (found_by,) = measure.measure_each([golds], engines, labels, stock=stock)
    ours, theirs = found_by["ours"], found_by.get("stock")
    command = f"scrapy pii eval {path.name}" + (" --against stock" if stock else "")
    day = datetime.now(UTC).date().isoformat()
    found = [
        Figure(
            entity=min(entities),
            label=label,
            language=language,
            set=path.stem,
            gold=ours.scores[label].strict.gold,
            strict=_rounded(ours, label, strict=True),
            overlap=_rounded(ours, label),
            engine=engines[language] if PERSON in entities else PATTERNS,
            command=command,
            day=day,
            stock=_rounded(theirs, label) if theirs and (PERSON not in entities or language == ENGLISH) else None,
        )
        for label, entities in labels.items()
    ]
    speed = Speed(path.stem, round(ours.kb_s, 1), round(theirs.kb_s, 1) if theirs else 0.0, command, day)
    return found, [speed] if language else []  # bare numbers are no text


def _has_seen(name: str, language: str, engine: str) -> bool:
    """Whether a tagger of ours was trained on a part of the set, by what its weights say of themselves."""
    weights = tagger.WEIGHTS / f"{language}.npz"
    if engine.partition(":")[0] != "tagger" or not weights.is_file():
        return False
    about = json.loads(str(np.load(weights)["about"]))
    return any(str(one).startswith(name) for one in about.get("train", ()))


def _spans(golds: Sequence[Gold], label: str) -> int:
    return sum(name == label for gold in golds for _, _, name in gold.spans)


def _rounded(measured: Measured, label: str, *, strict: bool = False) -> dict[str, float]:
    one = measured.scores[label]
    return {name: round(value, _ROUND) for name, value in (one.strict if strict else one.overlap).scores().items()}


def _line(one: Figure) -> str:
    ours = f"precision {one.overlap['p']:.3f}, recall {one.overlap['r']:.3f}"
    theirs = f"; stock {one.stock['p']:.3f}, {one.stock['r']:.3f}" if one.stock else ""
    return f"{one.set}: {one.label}, {one.gold} spans: {ours}{theirs}"


def _toml(found: Sequence[Figure], fast: Sequence[Speed]) -> str:
    """The file as it will be: sets that were not measured now stay."""
    new = {one.set for one in found}
    every = sorted([*(one for one in figures() if one.set not in new), *found], key=lambda one: (one.set, one.label))
    renewed = {one.what for one in fast}
    faster = sorted([*(one for one in speeds() if one.what not in renewed), *fast], key=lambda one: one.what)
    tables = [("figure", asdict(one)) for one in every] + [("speed", asdict(one)) for one in faster]
    return HEAD + "".join(f"\n[[{name}]]\n" + "".join(_entries(values)) for name, values in tables)


def _entries(values: Mapping[str, object]) -> Iterator[str]:
    for name, value in values.items():
        if value not in (None, "", {}):
            yield f"{name} = {_value(value)}\n"


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_value(each)}" for name, each in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else repr(value)


if __name__ == "__main__":
    main()
