"""Measure the crawler against today's alternatives, turn by turn on the same pages, and print ratios.

python -m benchmarks.crawl WORK [--compare presidio plain policies] [--pairs 3] [--pages 600]
python -m benchmarks.crawl WORK --memory 10000
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.corpus import SHARED, Corpus, build, existing
from benchmarks.measure import BenchmarkError, Proxy, Run, Sample, run

ROOT = Path(__file__).resolve().parents[1]
CONTACT = "bench@example.org"
FAIR = ("DOWNLOAD_VERIFY_CERTIFICATES=False", "DOWNLOAD_DELAY=0", "CONCURRENT_REQUESTS=32")  # as the baselines have it


@dataclass(frozen=True, slots=True)
class Ours:
    """Our crawler under some policies, with further settings."""

    policy: str
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Baseline:
    """A spider file beside this one."""

    file: str


PROGRAMS: Mapping[str, Ours | Baseline] = {
    "plain": Baseline("baseline_plain.py"),
    "presidio": Baseline("baseline_presidio.py"),
    "ours-1": Ours("jp"),
    "ours-2": Ours("jp,us"),
    "ours-3": Ours("jp,us,eu"),
    "ours-3-no-names": Ours("jp,us,eu", ("PII_NAMES=False",)),
}
# Name -> programs; the first is what the others are compared with.
COMPARISONS: Mapping[str, tuple[str, ...]] = {
    "presidio": ("presidio", "ours-3"),
    "plain": ("plain", "ours-3-no-names"),
    "policies": ("ours-1", "ours-2", "ours-3"),
    "baselines": ("plain", "presidio"),
}


@dataclass(frozen=True, slots=True)
class Ratio:
    """Pages per second of one program for each one of another, pair by pair."""

    program: str
    against: str
    median: float
    smallest: float
    largest: float


def command(program: Ours | Baseline, seeds: Path, out: Path, settings: Sequence[str]) -> list[str]:
    """What to type for one run; `settings` are further ones for our crawler."""
    scrapy = [sys.executable, "-m", "scrapy"]
    if isinstance(program, Baseline):
        return [
            *scrapy,
            "runspider",
            str(ROOT / "benchmarks" / program.file),
            "-a",
            f"seeds={seeds}",
            "-O",
            f"{out}.jsonl",
        ]
    arguments = {"seeds": seeds, "policy": program.policy, "contact": CONTACT, "out": out}
    given = [part for name, value in arguments.items() for part in ("-a", f"{name}={value}")]
    return [*scrapy, "crawl", "web", *given, *(x for s in (*FAIR, *program.settings, *settings) for x in ("-s", s))]


class Bench:
    """Runs programs on one corpus through one proxy; logs and outputs go to `work`."""

    def __init__(self, work: Path, corpus: Corpus, proxy: Proxy, settings: Sequence[str] = ()) -> None:
        self._work, self._corpus, self._proxy, self._settings = work, corpus, proxy, settings
        self.runs: list[Run] = []

    def run(self, name: str, report: int = 0) -> Run:
        """One run; with `report`, a line about memory each time that so many more pages were fetched."""
        program = PROGRAMS[name]
        stem = self._work / f"{len(self.runs):03d}-{name}"
        # Spider files run outside the project, or they would take over its settings.
        cwd = ROOT if isinstance(program, Ours) else self._work
        typed = command(program, self._corpus.seeds.resolve(), stem.resolve(), self._settings)
        watch = _MemoryLines(report) if report else lambda _: None
        done = run(name, typed, cwd, self._proxy, stem.with_suffix(".log"), watch)
        self.runs.append(done)
        print(
            f"{name:16} {done.pages:6d} pages {done.wall_s:8.1f} s {done.pages_per_s:8.2f} pages/s "
            f"{done.cpu_s:8.1f} CPU s {done.peak_mib:6.0f} MiB",
            flush=True,
        )
        return done

    def compare(self, names: Sequence[str], pairs: int) -> list[Ratio]:
        """Run the programs in turn, `pairs` times, in the opposite order every other time."""
        rounds: list[dict[str, Run]] = []
        for turn in range(pairs):
            order = names if turn % 2 == 0 else tuple(reversed(names))
            rounds.append({name: self.run(name) for name in order})
        if any(len({done.pages for done in runs.values()}) > 1 for runs in rounds):
            print("note: the programs did not fetch the same number of pages", flush=True)
        return [_ratio(rounds, name, names[0]) for name in names[1:]]


def _ratio(rounds: Sequence[Mapping[str, Run]], name: str, against: str) -> Ratio:
    found = [runs[name].pages_per_s / runs[against].pages_per_s for runs in rounds]
    return Ratio(name, against, median(found), min(found), max(found))


class _MemoryLines:
    def __init__(self, every: int) -> None:
        self._every, self._next = every, every

    def __call__(self, sample: Sample) -> None:
        if sample.pages >= self._next:
            print(
                f"{sample.pages:6d} pages: {sample.resident_mib:6.0f} MiB now, {sample.peak_mib:6.0f} MiB peak",
                flush=True,
            )
            self._next = (sample.pages // self._every + 1) * self._every


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crawl", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("work", type=Path, help="folder for the corpus, logs and outputs")
    parser.add_argument("--compare", nargs="+", choices=COMPARISONS, default=["presidio", "plain", "policies"])
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--memory", type=int, metavar="PAGES", help="only crawl so many pages once and report memory")
    parser.add_argument("--warc", type=Path, help="an archive that is there already, with --idx")
    parser.add_argument("--idx", type=Path)
    parser.add_argument("--tools", type=Path, default=SHARED / "tools", help="folder of replay_proxy.py")
    parser.add_argument("--data", type=Path, default=SHARED / "data", help="folder of the real pages")
    parser.add_argument("--scheme", choices=["http", "https"], default="https", help="of a made corpus")
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument(
        "-s", dest="settings", action="append", default=[], metavar="NAME=VALUE", help="for our crawler"
    )
    given = parser.parse_args()
    if (given.warc is None) != (given.idx is None):
        parser.error("--warc and --idx go together")
    return given


def main() -> int:
    """Run what was asked for; print a table and write WORK/results.json."""
    given = _arguments()
    pages = given.memory or given.pages
    given.work.mkdir(parents=True, exist_ok=True)
    folder = given.work / f"corpus-{pages}"
    if given.warc:
        corpus = existing(given.warc, given.idx, folder, pages)
    else:
        corpus = build(folder, pages, given.data, scheme=given.scheme)
    ratios: list[Ratio] = []
    exit_code = 0
    with Proxy(given.tools, corpus, given.work, given.latency_ms) as proxy:
        bench = Bench(given.work, corpus, proxy, given.settings)
        try:
            if given.memory:
                bench.run("ours-3", report=1000)
            else:
                for name in given.compare:
                    ratios += bench.compare(COMPARISONS[name], given.pairs)
        except BenchmarkError as error:
            print(f"error: {error}", file=sys.stderr)
            exit_code = 1
    for ratio in ratios:
        print(
            f"{ratio.program} against {ratio.against}: {ratio.median:.2f} times the pages per second "
            f"({ratio.smallest:.2f} to {ratio.largest:.2f})"
        )
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}
    runs = [asdict(done) | {"pages_per_s": done.pages_per_s} for done in bench.runs]
    results = {"machine": machine, "pages": corpus.pages, "runs": runs, "ratios": [asdict(ratio) for ratio in ratios]}
    (given.work / "results.json").write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
