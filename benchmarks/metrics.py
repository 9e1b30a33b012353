"""What watching costs: `python -m benchmarks.metrics`.

Two parts, each as a pair in one run: texts scanned with and without the two clock readings that tell PII KB/s, and the
figures of a crawl with as many outcomes, hosts and workers as there will ever be, read and rendered; one such reading
every METRICS_SECONDS (15) is all that the crawl's own thread does for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from crawler.metrics.metric import Metric, counter, gauge
from crawler.metrics.text import registry_of, render
from crawler.pii.presidio import build_finder
from crawler.workload import MeasuredFinder

TEXT = (
    "Write to the keeper of the lighthouse at Pier 4, or call between nine and five; the ferry leaves at 10:40. " * 20
)
TEXTS, ROUNDS = 20, 60
ENDS = 12 * 60  # policies times rules


def _seconds(find: object) -> float:
    assert callable(find)
    began = perf_counter()
    for _ in range(TEXTS):
        find(TEXT, "en")
    return perf_counter() - began


def _figures() -> Iterator[Metric]:
    ends = [({"policy": "jp", "result": "kept", "stage": "shard", "rule": f"jp.{n}"}, float(n)) for n in range(ENDS)]
    yield counter("usufruct_outcomes_total", "Outcomes.", ends)
    yield from (gauge(f"usufruct_figure_{n}_lines", "A figure.", n) for n in range(60))


def main() -> None:
    """Print both."""
    plain = build_finder(None)
    measured = MeasuredFinder(plain)
    _seconds(plain)
    pairs = [(_seconds(plain), _seconds(measured)) for _ in range(ROUNDS)]
    best = [min(times) for times in zip(*pairs, strict=True)]
    print(f"scanning {TEXTS} texts: {best[0]:.3f} s alone, {best[1]:.3f} s measured: ratio {best[1] / best[0]:.3f}")
    registry = registry_of(_figures)
    render(registry)
    began = perf_counter()
    for _ in range(ROUNDS):
        size = len(render(registry))
    one = (perf_counter() - began) / ROUNDS
    print(f"reading and rendering {size} bytes: {one * 1000:.1f} ms; every 15 s that is {one / 15:.4%} of a core")


if __name__ == "__main__":
    main()
