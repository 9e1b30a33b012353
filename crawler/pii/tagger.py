"""A small tagger of names: hashed features of words, two windows over them, numpy only; one file of weights a language.

A word is the sum of the embeddings of its features, kept for the words seen last. Over five words goes a layer, over
three of its outputs another one with a way around it, and each word gets the probabilities of O, B and I. Everything
is computed for many lines at once; boundary words between them keep their names apart.

Weights are made by `python -m training`; their sources and measured figures are in training/README.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from crawler.pii.engines import Name, ReadNames
from crawler.pii.tokens import Token, Tokenize

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WEIGHTS = Path(__file__).parent / "weights"
FIRST_WINDOW, SECOND_WINDOW = 5, 3  # words
BOUNDARY = 2  # words between lines
OUTSIDE, BEGIN, INSIDE = range(3)
_MOST_WORDS = 40_000  # kept; 64 floats each
_BATCH = 4_000  # words computed at once
_CLASSES = (
    (re.compile("[A-ZÀ-ÖØ-Þ]"), "X"),
    (re.compile("[0-9０-９]"), "9"),
    (re.compile("[ぁ-ゖー]"), "h"),
    (re.compile("[ァ-ヺｦ-ﾟ]"), "k"),
    (re.compile("[一-鿿㐀-䶿々]"), "c"),
    (re.compile("[가-힣]"), "g"),
    (re.compile(r"[^\W\d_]"), "x"),
)
_LONG_RUN = re.compile(r"(.)\1{2,}", re.DOTALL)


def features(form: str, tag: str) -> list[str]:
    """What is known of a word by itself; each feature starts with a letter of its own."""
    low = form.lower()
    found = [f"w{low}", f"S{shape(form)}", f"T{tag}", f"n{min(len(form), 12)}"]
    if "|" in tag:  # a class, and the class of that class
        found.append(f"t{tag.rpartition('|')[2]}")
    for length in (1, 2, 3, 4):
        if length < len(low):
            found += [f"p{low[:length]}", f"s{low[-length:]}"]
    return found


def shape(form: str) -> str:
    """The classes of characters of a word: "Xxx", "X.", "99", "cc"; more than two alike count as two."""
    return _LONG_RUN.sub(r"\1\1", form.translate(_MARKS))


class _Marks(dict[int, str]):
    """From characters to their classes, learned one by one."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        mark = self[code] = next((mark for known, mark in _CLASSES if known.match(char)), char)
        return mark


_MARKS = _Marks()


def buckets(form: str, tag: str, size: int) -> list[int]:
    """The rows of the embedding table that a word sums up; row 0 is the boundary between lines."""
    return [1 + crc32(feature.encode("utf-8", "surrogatepass")) % (size - 1) for feature in features(form, tag)]


def load(language: str, tokenize: Tokenize) -> ReadNames:
    """The tagger of a language; raises FileNotFoundError where no weights are shipped."""
    return Tagger(WEIGHTS / f"{language}.npz", tokenize)


class Tagger:
    """Reads names with one file of weights; keeps words, never lines."""

    def __init__(self, weights: Path, tokenize: Tokenize) -> None:
        import numpy as np

        self._np = np
        self._tokenize = tokenize
        with np.load(weights) as stored:
            self.about: dict[str, Any] = json.loads(str(stored["about"]))
            scale = stored["scale"].astype(np.float32)
            self._embeddings: Any = stored["embeddings"]  # int8 rows, one scale each
            self._scale = scale
            self._first, self._first_bias = (stored[name].astype(np.float32) for name in ("first", "first_bias"))
            self._second, self._second_bias = (stored[name].astype(np.float32) for name in ("second", "second_bias"))
            self._last, self._last_bias = (stored[name].astype(np.float32) for name in ("last", "last_bias"))
        self.threshold = float(self.about["threshold"])
        self._known: dict[tuple[str, str], int] = {}
        self._words: Any = None
        self._filled = 0
        self._forget()

    def __call__(self, lines: Sequence[str]) -> list[list[Name]]:
        """The names in each line."""
        found: list[list[Name]] = []
        batch: list[list[Token]] = []
        words = 0
        for line in lines:
            tokens = self._tokenize(line)
            batch.append(tokens)
            words += len(tokens) + BOUNDARY
            if words >= _BATCH:
                found += self._read(batch)
                batch, words = [], 0
        return found + (self._read(batch) if batch else [])

    def probabilities(self, lines: Sequence[Sequence[Token]]) -> Floats:
        """For each word of the lines, and the boundaries between them, the probabilities of O, B and I."""
        np = self._np
        rows = self._rows(lines)
        words = self._words[rows]
        hidden = _layer(np, words, self._first, self._first_bias)
        hidden[rows == 0] = 0.0
        hidden = hidden + _layer(np, hidden, self._second, self._second_bias)
        logits = hidden @ self._last + self._last_bias
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        return logits / logits.sum(axis=1, keepdims=True)  # type: ignore[no-any-return]

    def _read(self, lines: Sequence[Sequence[Token]]) -> list[list[Name]]:
        table = self.probabilities(lines)
        names = 1.0 - table[:, OUTSIDE]
        inside = names.tolist()
        begins = (table[:, BEGIN] > table[:, INSIDE]).tolist()
        places = self._np.flatnonzero(names >= self.threshold).tolist()  # most lines have none
        found, place, at = [], BOUNDARY, 0
        for tokens in lines:
            end = place + len(tokens)
            while at < len(places) and places[at] < place:
                at += 1
            has_names = at < len(places) and places[at] < end
            found.append(list(self._names(tokens, inside, begins, place)) if has_names else [])
            place = end + BOUNDARY
        return found

    def _names(self, tokens: Sequence[Token], inside: list[float], begins: list[bool], place: int) -> Iterable[Name]:
        """Runs of words that are inside a name; one that begins a name ends the one before."""
        first = -1
        for at in range(len(tokens) + 1):
            is_name = at < len(tokens) and inside[place + at] >= self.threshold
            if first >= 0 and (not is_name or begins[place + at]):
                score = max(inside[place + first : place + at])
                yield tokens[first][0], tokens[at - 1][1], score
                first = -1
            if is_name and first < 0:
                first = at

    def _rows(self, lines: Sequence[Sequence[Token]]) -> Any:
        known = self._known
        if len(known) > _MOST_WORDS:
            self._forget()
            known = self._known
        rows = [0] * BOUNDARY
        missing = []
        for tokens in lines:
            for _, _, form, tag in tokens:
                row = known.get((form, tag))
                if row is None:
                    row = known[form, tag] = len(known) + 1
                    missing.append((form, tag))
                rows.append(row)
            rows += [0] * BOUNDARY
        self._learn(missing)
        return self._np.array(rows, dtype=self._np.int64)

    def _learn(self, words: Sequence[tuple[str, str]]) -> None:
        np = self._np
        if not words:
            return
        places = [buckets(form, tag, len(self._embeddings)) for form, tag in words]
        flat = np.array([row for each in places for row in each], dtype=np.int64)
        starts = np.cumsum([0, *(len(each) for each in places[:-1])])
        vectors = self._embeddings[flat].astype(np.float32) * self._scale[flat, None]
        first = self._filled
        self._filled += len(words)
        while self._filled > len(self._words):
            self._words = np.concatenate([self._words, np.zeros_like(self._words)])
        self._words[first : self._filled] = np.add.reduceat(vectors, starts, axis=0)

    def _forget(self) -> None:
        """Start anew, so that memory does not grow with the words of a crawl."""
        np = self._np
        self._known = {}
        self._words = np.zeros((4_096, self._embeddings.shape[1]), dtype=np.float32)
        self._words[0] = self._embeddings[0].astype(np.float32) * self._scale[0]
        self._filled = 1


def _layer(np: Any, rows: Any, weights: Any, bias: Any) -> Any:
    """A layer over each row and its neighbors: (n, d) to (n, h); zeros beyond both ends.

    The weights are (size * d, h), a block a neighbor; products of blocks take half the time of copying neighbors first.
    """
    width = rows.shape[1]
    half = len(weights) // width // 2
    sums = rows @ weights[half * width : (half + 1) * width]
    sums += bias
    for away in range(1, half + 1):
        before, after = (half - away) * width, (half + away) * width
        sums[away:] += rows[:-away] @ weights[before : before + width]
        sums[:-away] += rows[away:] @ weights[after : after + width]
    return np.maximum(sums, 0.0, out=sums)
