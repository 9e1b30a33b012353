"""robots.txt parsed and asked: ours, Protego and robotexclusionrulesparser, the same files and questions, in turn.

    python -m benchmarks.robots [--files F.jsonl.gz] [--rounds 3]

Every file is parsed and asked 24 questions: 4 agents, 6 paths. `alike` is how many of the answers are ours.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter

from protego import Protego

from crawler.signals import _robotstxt as robotstxt
from crawler.signals._paths import target_of

DATA = Path(__file__).parents[2] / "shared" / "data" / "robots_dev.jsonl.gz"
AGENTS = ("UsufructBot", "GPTBot", "Googlebot", "CCBot")
PATHS = (
    "/",
    "/index.html",
    "/search?q=a",
    "/wp-admin/admin-ajax.php",
    "/news/2019/07/a-story.html?page=2",
    "/a%20b/é.pdf",
)
QUESTIONS = tuple(product(AGENTS, (f"https://site.example{path}" for path in PATHS)))

Answers = tuple[bool, ...]


def _ours(body: bytes) -> Answers:
    file = robotstxt._parse(body)  # without the cache
    return tuple(bool(robotstxt.ask(file.select(agent)[1], target_of(url))) for agent, url in QUESTIONS)


def _protego(body: bytes) -> Answers:
    file = Protego.parse(body.decode("utf-8", "ignore"))
    return tuple(file.can_fetch(url, agent) for agent, url in QUESTIONS)


def _rerp(body: bytes) -> Answers:
    file = robotstxt._legacy.__wrapped__(body)
    return tuple(file.is_allowed(agent, url.removeprefix("https://site.example")) for agent, url in QUESTIONS)


WAYS: dict[str, Callable[[bytes], Answers]] = {
    "ours": _ours,
    "protego": _protego,
    "robotexclusionrulesparser": _rerp,
}


def bodies(path: Path) -> list[bytes]:
    """The files as they were served."""
    rows = map(json.loads, gzip.decompress(path.read_bytes()).splitlines())
    return [row["body"].encode() if "body" in row else row["body_latin1"].encode("latin-1") for row in rows]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=Path, default=DATA)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    files = bodies(options.files)
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    answers: dict[str, list[Answers]] = {}
    for _ in range(options.rounds):
        for name, way in WAYS.items():
            begin = perf_counter()
            answers[name] = [way(body) for body in files]
            times[name].append(perf_counter() - begin)
    asked = len(files) * len(QUESTIONS)
    print(f"{len(files)} files, {asked} questions, {options.rounds} rounds")
    for name in WAYS:
        pairs = zip(answers["ours"], answers[name], strict=True)
        alike = sum(a == b for mine, others in pairs for a, b in zip(mine, others, strict=True))
        ratios = [own / other for own, other in zip(times["ours"], times[name], strict=True)]
        share = f"ours takes {median(ratios):.2f} of it"
        print(f"{name:26} {median(times[name]):6.2f} s   {share}   alike {alike / asked:.4f}")


if __name__ == "__main__":
    main()
