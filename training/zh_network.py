"""The scout of `crawler/pii/scout.py` in torch: its layers, its training, and its file of weights."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from crawler.pii.scout import PAD, PADS, UNKNOWN, WINDOWS, pairs

WIDTH, HIDDEN, PAIRS = 32, 48, 1 << 15
BATCH = 12_000  # characters
RATE, CLASSES = 4e-3, (1.0, 2.0, 2.0)  # learning rate; weights of outside, inside, begin
UNSEEN, UNPAIRED, RENAMED = 0.03, 0.4, 0.5  # shares of characters, pairs and lines that differ while learning
Line = tuple[str, list[int]]  # a text and the class of each character
Rename = Callable[[Line], Line]


class Network(nn.Module):
    """A character's vector is a projection of LAC's vector of it, and what was learned beyond that."""

    def __init__(self, vectors: torch.Tensor) -> None:
        super().__init__()
        self.vectors = vectors
        self.project = nn.Linear(vectors.shape[1], WIDTH, bias=False)
        self.beyond = nn.Embedding(len(vectors), WIDTH)
        self.pairs = nn.Embedding(PAIRS, WIDTH)
        nn.init.zeros_(self.beyond.weight)
        nn.init.normal_(self.pairs.weight, std=0.02)
        widths = [WIDTH, *[HIDDEN] * len(WINDOWS)]
        self.layers = nn.ModuleList(
            nn.Conv1d(widths[at], HIDDEN, size, padding=size // 2 * distance, dilation=distance)
            for at, (size, distance) in enumerate(WINDOWS)
        )
        self.last = nn.Linear(HIDDEN, len(CLASSES))
        self.drop = nn.Dropout(0.1)

    def table(self) -> torch.Tensor:
        """The vector of each character."""
        return self.vectors @ self.project.weight.T + self.beyond.weight

    def forward(self, rows: torch.Tensor, neighbors: torch.Tensor) -> torch.Tensor:
        of_pairs = self.pairs(neighbors)
        if self.training:
            of_pairs = of_pairs * (torch.rand(len(neighbors), 1) > UNPAIRED) / (1 - UNPAIRED)
        vectors = functional.embedding(rows, self.table())
        vectors = vectors + functional.pad(of_pairs, (0, 0, 1, 0)) + functional.pad(of_pairs, (0, 0, 0, 1))
        mask = (rows != PAD).float()[None, None]
        hidden = self.drop(vectors).T[None]
        for at, layer in enumerate(self.layers):
            seen = functional.relu(layer(self.drop(hidden) if at else hidden)) * mask
            hidden = hidden + seen if at else seen
        return self.last(hidden[0].T)


def stream(lines: Sequence[Line], row_of: Mapping[str, int]) -> tuple[Any, Any]:
    """The rows of all characters with pads between lines, and their classes, -100 for pads."""
    rows: list[int] = []
    classes: list[int] = []
    for text, marks in lines:
        rows += [*(row_of.get(one, UNKNOWN) for one in text), *[PAD] * PADS]
        classes += [*marks, *[-100] * PADS]
    return np.array(rows), np.array(classes)


def batches(
    lines: list[Line], rename: Rename, row_of: Mapping[str, int], chance: random.Random
) -> Iterator[tuple[torch.Tensor, ...]]:
    """An epoch: lines in random order, half of the names others than in the text, a few characters unknown."""
    chance.shuffle(lines)
    rows, classes = stream([rename(line) if chance.random() < RENAMED else line for line in lines], row_of)
    hidden = np.random.default_rng(chance.randrange(1 << 30)).random(len(rows)) < UNSEEN
    rows = np.where(hidden & (rows != PAD), UNKNOWN, rows)
    for at in range(0, len(rows) - 1, BATCH):
        part = rows[at : at + BATCH]
        if len(part) > 1:
            yield torch.tensor(part), torch.tensor(pairs(np, part, PAIRS)), torch.tensor(classes[at : at + BATCH])


def train(
    lines: list[Line], rename: Rename, row_of: Mapping[str, int], vectors: Any, epochs: int, seed: int
) -> Network:
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    chance = random.Random(seed)
    network = Network(torch.tensor(vectors))
    tables = {"beyond.weight", "pairs.weight"}
    groups = [
        {"params": [one for name, one in network.named_parameters() if (name in tables) == rare], "weight_decay": decay}
        for rare, decay in ((False, 1e-3), (True, 2e-2))
    ]
    optimizer = torch.optim.AdamW(groups, lr=RATE, fused=True)
    steps = epochs * (round(sum(len(text) + PADS for text, _ in lines) * 1.02) // BATCH + 2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    weights = torch.tensor(CLASSES)
    for epoch in range(epochs):
        network.train()
        losses = []
        for rows, neighbors, classes in batches(lines, rename, row_of, chance):
            loss = functional.cross_entropy(network(rows, neighbors), classes, weight=weights)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
        print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.4f}", flush=True)
    return network.eval()


def write(network: Network, out: Path, row_of: Mapping[str, int], about: Mapping[str, Any]) -> None:
    """The weights, tables in 8 bits with a scale a row."""
    arrays: dict[str, Any] = {
        "about": np.array(json.dumps(about, sort_keys=True)),
        "characters": np.array("".join(row_of)),
        "rows": np.array(list(row_of.values()), np.uint16),
        "last": network.last.weight.detach().numpy().T.astype(np.float16),
        "last_bias": network.last.bias.detach().numpy().astype(np.float16),
    }
    for name, table in (("table", network.table()), ("pairs", network.pairs.weight)):
        values = table.detach().numpy()
        scale = np.abs(values).max(axis=1) / 127 + 1e-7
        arrays |= {name: np.round(values / scale[:, None]).astype(np.int8), f"{name}_scale": scale.astype(np.float16)}
    for at, layer in enumerate(network.layers):
        weights = layer.weight.detach().numpy().transpose(2, 1, 0)  # position, in, out
        arrays[f"layer{at}"] = weights.reshape(-1, weights.shape[2]).astype(np.float16)
        arrays[f"bias{at}"] = layer.bias.detach().numpy().astype(np.float16)
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, **arrays)
