"""Train a tagger of names from gold files of persons, and write its weights; torch is needed here and nowhere else.

    python -m training.tagger LANGUAGE OUT.npz --train F.jsonl... [--dev F.jsonl...] [--epochs 12] [--seed 7]

Files are lines of {"text", "spans": [{"start", "end", "label"}], "weight"?}; spans labeled PERSON are learned. Texts
are cut at line ends first, as the finder cuts them.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from crawler.pii import tokens
from crawler.pii.measure import Gold, read, score
from crawler.pii.tagger import BEGIN, BOUNDARY, FIRST_WINDOW, INSIDE, OUTSIDE, SECOND_WINDOW, Tagger, features
from crawler.pii.tokens import Token, Tokenize

PERSON = "PERSON"
Line = tuple[list[Token], list[int]]  # words, and their marks


class Network(nn.Module):
    """The tagger, as `crawler.pii.tagger` computes it."""

    def __init__(self, size: int, width: int, hidden: int) -> None:
        super().__init__()
        self.embeddings = nn.EmbeddingBag(size, width, mode="sum")
        nn.init.normal_(self.embeddings.weight, std=0.1)
        self.first = nn.Linear(FIRST_WINDOW * width, hidden)
        self.second = nn.Linear(SECOND_WINDOW * hidden, hidden)
        self.last = nn.Linear(hidden, 3)
        self.drop = nn.Dropout(0.3)

    def forward(self, flat: torch.Tensor, starts: torch.Tensor, is_boundary: torch.Tensor) -> torch.Tensor:
        words = self.drop(self.embeddings(flat, starts))
        hidden = functional.relu(self.first(windows(words, FIRST_WINDOW)))
        hidden = hidden.masked_fill(is_boundary[:, None], 0.0)
        hidden = hidden + functional.relu(self.second(windows(self.drop(hidden), SECOND_WINDOW)))
        return self.last(self.drop(hidden))


def windows(rows: torch.Tensor, size: int) -> torch.Tensor:
    half = size // 2
    padded = functional.pad(rows, (0, 0, half, half))
    return torch.cat([padded[at : at + len(rows)] for at in range(size)], dim=1)


def lines_of(gold: Gold, tokenize: Tokenize) -> Iterator[Line]:
    """The lines of a text as words and their marks."""
    names = [(start, end) for start, end, label in gold.spans if label == PERSON]
    offset = 0
    for line in gold.text.splitlines(keepends=True):
        words = tokenize(line.rstrip("\r\n"))
        marks = []
        for start, end, _, _ in words:
            inside = next(((a, b) for a, b in names if a < offset + end and offset + start < b), None)
            marks.append(OUTSIDE if inside is None else BEGIN if inside[0] >= offset + start else INSIDE)
        for at, mark in enumerate(marks):  # a name that begins in the middle of a word, or goes on from a line above
            if mark == INSIDE and (at == 0 or marks[at - 1] == OUTSIDE):
                marks[at] = BEGIN
        if words:
            yield words, marks
        offset += len(line)


class Batches:
    """Lines in random order as tensors; words are hidden at random, so that their shape and neighbors are learned."""

    def __init__(self, size: int, words: int, rate: float, seed: int) -> None:
        self.size, self.words, self.rate = size, words, rate
        self.random = random.Random(seed)
        self.known: dict[tuple[str, str], tuple[list[int], int]] = {}

    def rows(self, form: str, tag: str) -> tuple[list[int], int]:
        found = self.known.get((form, tag))
        if found is None:
            rows = [1 + crc32(one.encode("utf-8", "surrogatepass")) % (self.size - 1) for one in features(form, tag)]
            found = self.known[form, tag] = rows, 0
        return found

    def __call__(self, lines: Sequence[Line], *, learn: bool) -> Iterator[tuple[torch.Tensor, ...]]:
        order = list(range(len(lines)))
        if learn:
            self.random.shuffle(order)
        batch: list[Line] = []
        count = 0
        for at in order:
            batch.append(lines[at])
            count += len(lines[at][0]) + BOUNDARY
            if count >= self.words:
                yield self._tensors(batch, learn)
                batch, count = [], 0
        if batch:
            yield self._tensors(batch, learn)

    def _tensors(self, lines: Sequence[Line], learn: bool) -> tuple[torch.Tensor, ...]:
        flat: list[int] = []
        starts: list[int] = []
        marks: list[int] = []
        boundary: list[bool] = []

        def add(rows: Sequence[int], mark: int, is_boundary: bool) -> None:
            starts.append(len(flat))
            flat.extend(rows)
            marks.append(mark)
            boundary.append(is_boundary)

        for _ in range(BOUNDARY):
            add((0,), -100, True)
        for words, said in lines:
            for (_, _, form, tag), mark in zip(words, said, strict=True):
                rows = self.rows(form, tag)[0]
                if learn and self.random.random() < self.rate:
                    rows = rows[1:]  # without the word itself
                    if self.random.random() < 0.3:
                        rows = rows[:3]  # and without its beginnings and endings
                add(rows, mark, False)
            for _ in range(BOUNDARY):
                add((0,), -100, True)
        return (
            torch.tensor(flat),
            torch.tensor(starts),
            torch.tensor(boundary),
            torch.tensor(marks),
        )


def train(lines: Sequence[Line], arguments: argparse.Namespace) -> Network:
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    network = Network(arguments.buckets, arguments.width, arguments.hidden)
    batches = Batches(arguments.buckets, arguments.batch, arguments.hide, arguments.seed)
    steps = arguments.epochs * max(sum(len(words) + BOUNDARY for words, _ in lines) // arguments.batch, 1)
    optimizer = torch.optim.AdamW(network.parameters(), lr=arguments.rate, weight_decay=arguments.decay, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(1 - step / (steps + 1), 0.02))
    weights = torch.tensor([1.0, arguments.recall, arguments.recall])
    for epoch in range(arguments.epochs):
        network.train()
        total = 0.0
        for flat, starts, boundary, marks in batches(lines, learn=True):
            loss = functional.cross_entropy(
                network(flat, starts, boundary), marks, weight=weights, label_smoothing=arguments.smooth
            )
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
        print(f"epoch {epoch + 1}: loss {total:.2f}", flush=True)
    return network


def write(network: Network, out: Path, about: dict[str, Any]) -> None:
    """The weights, embeddings in 8 bits with a scale a row; the same bytes for the same weights."""
    embeddings = network.embeddings.weight.detach().numpy()
    scale = np.abs(embeddings).max(axis=1) / 127 + 1e-12
    arrays: dict[str, Any] = {
        "about": np.array(json.dumps(about, sort_keys=True)),
        "embeddings": np.round(embeddings / scale[:, None]).astype(np.int8),
        "scale": scale.astype(np.float16),
    }
    for name in ("first", "second", "last"):
        layer = getattr(network, name)
        arrays[name] = layer.weight.detach().numpy().T.astype(np.float16)
        arrays[f"{name}_bias"] = layer.bias.detach().numpy().astype(np.float16)
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, **arrays)


def measure(tagger: Tagger, golds: Sequence[Gold]) -> dict[str, dict[str, float]]:
    """Strict and overlapping precision, recall and F of persons."""
    pairs = []
    for gold in golds:
        found, offset = [], 0
        lines = gold.text.splitlines(keepends=True)
        for line, names in zip(lines, tagger([line.rstrip("\r\n") for line in lines]), strict=True):
            found += [(offset + start, offset + end, PERSON) for start, end, _ in names]
            offset += len(line)
        pairs.append((gold.spans, found))
    one = score(pairs, [PERSON])[PERSON]
    return {"strict": one.strict.scores(), "overlap": one.overlap.scores()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language")
    parser.add_argument("out", type=Path)
    parser.add_argument("--train", nargs="+", type=Path, required=True)
    parser.add_argument("--dev", nargs="*", type=Path, default=[])
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--buckets", type=int, default=1 << 16)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--hidden", type=int, default=96)
    parser.add_argument("--batch", type=int, default=2_500, help="words")
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--decay", type=float, default=1e-2)
    parser.add_argument("--hide", type=float, default=0.2, help="share of words that are hidden")
    parser.add_argument("--smooth", type=float, default=0.05)
    parser.add_argument("--recall", type=float, default=1.0, help="weight of words in names")
    parser.add_argument("--threshold", type=float, default=0.5)
    arguments = parser.parse_args()
    tokenize = tokens.load(arguments.language)
    lines = [line for path in arguments.train for gold in read(path) for line in lines_of(gold, tokenize)]
    print(f"{len(lines)} lines, {sum(len(words) for words, _ in lines)} words", flush=True)
    network = train(lines, arguments).eval()
    about = {
        name: value for name, value in vars(arguments).items() if name not in ("out", "train", "dev", "threads")
    } | {"train": [path.name for path in arguments.train]}
    write(network, arguments.out, about)
    tagger = Tagger(arguments.out, tokenize)
    for path in arguments.dev:
        for threshold in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7):
            tagger.threshold = threshold
            scores = measure(tagger, list(read(path)))
            told = ", ".join(f"{k} p {v['p']:.3f} r {v['r']:.3f} f1 {v['f1']:.3f}" for k, v in scores.items())
            print(f"{path.name} at {threshold}: {told}", flush=True)


if __name__ == "__main__":
    main()
