"""Duplicates: precision and recall of `near` on texts with known edits, and what a page costs.

Run from the repository's root: `python -m benchmarks.duplicates`. Texts are of 300 made words; a pair counts as near
when the Jaccard similarity of its runs of five words is 0.8 or more, as reckoned from the runs themselves. Many pairs
lie close to that bound.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from time import perf_counter

from crawler.document import Decision, Document, Fact, Gate, Judged, Outcome, Result, Stage
from crawler.duplicates import SIMILAR, Duplicates
from crawler.fingerprint import MODES, NEAR, fingerprint, normal_text, runs

ORIGINALS, EDITS, WORDS, PAGES = 200, range(16), 300, 3_000
SITE = "a.example"
DROPPED = Decision(Gate.DROP, {}, (), None)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        _quality(Path(folder) / "quality.sqlite")
        for mode in MODES:
            _cost(Path(folder) / f"{mode}.sqlite", mode)


def _quality(path: Path) -> None:
    duplicates, draw = Duplicates(path, NEAR, lambda *_: DROPPED), random.Random(7)
    near = said = both = 0
    for number in range(ORIGINALS):
        original = _text(draw, WORDS)
        duplicates.commit(_page(f"{number}", original, NEAR), number)
        for edits in EDITS:
            text = _edited(original, edits, draw)
            one, two = set(runs(normal_text(original))), set(runs(normal_text(text)))
            is_near = len(one & two) / len(one | two) >= SIMILAR
            is_said = duplicates.settle(_page(f"{number}-{edits}", text, NEAR)).outcomes[0].stage is Stage.DUPLICATES
            near, said, both = near + is_near, said + is_said, both + (is_near and is_said)
    pairs = ORIGINALS * len(EDITS)
    print(f"{pairs} pairs, {near} of them near: precision {both / said:.3f}, recall {both / near:.3f}")


def _cost(path: Path, mode: str) -> None:
    duplicates, draw = Duplicates(path, mode, lambda *_: DROPPED), random.Random(7)
    texts = [_text(draw, WORDS) for _ in range(PAGES)]
    begin = perf_counter()
    pages = [_page(f"{number}", text, mode) for number, text in enumerate(texts)]
    between = perf_counter()
    for number, page in enumerate(pages):
        duplicates.commit(duplicates.settle(page), number)
    end = perf_counter()
    duplicates.close()
    size = path.stat().st_size / PAGES if path.exists() else 0
    worker, main_process = ((b - a) * 1000 / PAGES for a, b in ((begin, between), (between, end)))
    print(f"{mode:6} worker {worker:.2f} ms a page, main process {main_process:.2f} ms, {size:.0f} bytes on the disk")


def _page(path: str, text: str, mode: str) -> Judged:
    document = Document(path, text, "", "", "en", "", "", {}, {}, None, "")
    outcome = Outcome("jp", Result.KEPT, Stage.SHARD, Decision(Gate.KEEP, {}, (), None), document)
    facts = (Fact("access", "open"),)
    return Judged(f"https://{SITE}/{path}", (outcome,), facts, fingerprint=fingerprint(SITE, text, mode=mode))


def _text(draw: random.Random, words: int) -> str:
    return " ".join(f"w{draw.randrange(5_000)}" for _ in range(words))


def _edited(text: str, edits: int, draw: random.Random) -> str:
    words = text.split()
    for place in draw.sample(range(len(words)), edits):
        words[place] = f"edit{draw.random()}"
    return " ".join(words)


if __name__ == "__main__":
    main()
