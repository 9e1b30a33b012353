"""A small network over the characters of a Chinese text that says where it may name somebody; numpy only.

A character is a vector, and so is each pair of neighbors; three layers look 2, 2 and 4 characters around, so that each
character's chances are known from the 8 before and after it. Lines are read many at once, with pads between them that
keep them apart. Traditional characters have the vectors of the simplified ones.

Weights are made by `python -m training.zh`; their sources and measured figures are in training/README.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

WEIGHTS = Path(__file__).parent / "weights" / "scout"
OUTSIDE, INSIDE, BEGIN = range(3)
PAD, UNKNOWN = 0, 1  # rows of the table of characters
PADS = 4  # characters between lines: as far as a layer looks
WINDOWS = ((5, 1), (3, 2), (3, 4))  # of each layer: characters, distance between them
_BATCH = 4_000  # characters
_NUL = "\0"  # the pad
_MOST = 60.0  # of a logit; its exp stays finite, and above 0


def pairs(np: Any, rows: Any, size: int) -> Any:
    """The row of each pair of neighbors in the table of pairs; row 0 beside a pad."""
    left, right = rows[:-1].astype(np.int64), rows[1:].astype(np.int64)
    return np.where((left == PAD) | (right == PAD), 0, 1 + (left * 40503 + right * 9973) % (size - 1))


class Scout:
    """Keeps its weights (8 MB) and nothing else."""

    def __init__(self, weights: Path) -> None:
        import numpy as np

        self._np = np
        with np.load(weights) as stored:
            self.about: dict[str, Any] = json.loads(str(stored["about"]))
            self._rows = np.full(0x110000, UNKNOWN, np.uint16)
            self._rows[[ord(one) for one in str(stored["characters"])]] = stored["rows"]
            self._rows[ord(_NUL)] = PAD
            self._characters, self._pairs = (
                stored[name].astype(np.float32) * stored[f"{name}_scale"].astype(np.float32)[:, None]
                for name in ("table", "pairs")
            )
            self._layers = [
                (stored[f"layer{at}"].astype(np.float32), stored[f"bias{at}"].astype(np.float32))
                for at in range(len(WINDOWS))
            ]
            self._last, self._last_bias = (stored[name].astype(np.float32) for name in ("last", "last_bias"))

    def __call__(self, lines: Sequence[str]) -> Iterator[Any]:
        """For each line an array (characters, 3): the chances to be outside of a name, inside, and its beginning."""
        batch: list[str] = []
        count = 0
        for at, line in enumerate(lines, 1):
            batch.append(line.replace(_NUL, " "))
            count += len(line) + PADS
            if count >= _BATCH or at == len(lines):
                yield from self._read(batch)
                batch, count = [], 0

    def _read(self, lines: Sequence[str]) -> Iterator[Any]:
        chances = self._chances((_NUL * PADS).join(["", *lines, ""]))
        place = PADS
        for line in lines:
            yield chances[place : place + len(line)]
            place += len(line) + PADS

    def _chances(self, text: str) -> Any:
        np = self._np
        rows = self._rows[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)]
        is_pad = rows == PAD
        neighbors = self._pairs[pairs(np, rows, len(self._pairs))]
        hidden = self._characters[rows]
        hidden[1:] += neighbors
        hidden[:-1] += neighbors
        for at, ((weights, bias), (size, distance)) in enumerate(zip(self._layers, WINDOWS, strict=True)):
            seen = np.maximum(_windows(np, hidden, size, distance) @ weights + bias, 0.0)
            hidden = seen + hidden if at else seen  # a way around each layer but the first
            hidden[is_pad] = 0.0
        odds = np.exp(np.clip(hidden @ self._last + self._last_bias, -_MOST, _MOST))
        return odds / (odds[:, OUTSIDE] + odds[:, INSIDE] + odds[:, BEGIN])[:, None]


def _windows(np: Any, rows: Any, size: int, distance: int) -> Any:
    """Each row side by side with its neighbors at a distance: (n, d) to (n, size * d); zeros beyond both ends."""
    count, width = rows.shape
    seen = np.zeros((count, size * width), rows.dtype)
    for at in range(size):
        shift = (at - size // 2) * distance
        first, last = max(0, -shift), min(count, count - shift)
        seen[first:last, at * width : (at + 1) * width] = rows[first + shift : last + shift]
    return seen
