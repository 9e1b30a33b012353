"""What the benchmarks of judging stored pages share: archives cut into files, one run, its time on clock and processor.

Times on the clock of a machine that others use say little, those on the processor somewhat more; runs that are compared
therefore take turns (A B A B), and the median of the ratios of the pairs is told.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic

from benchmarks import corpus

ROOT = Path(__file__).resolve().parents[1]
POLICIES = "jp,us,eu"


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds on the clock, seconds of processor of all its processes, documents written or decided."""

    wall_s: float
    cpu_s: float
    documents: int


def archives(work: Path, pages: int, files: int) -> Path:
    """A folder with so many pages in so many archives, each with the robots.txt of its pages."""
    folder = work / "archives"
    if not folder.exists():
        made = corpus.build(work / "corpus", pages)
        offsets = [json.loads(line)["offset"] for line in made.index.open()]
        starts = [offsets[2 * (pages * number // files)] for number in range(files)]
        folder.mkdir(parents=True)
        with made.warc.open("rb") as whole:
            for number, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True)):
                whole.seek(start)
                (folder / f"{number:02d}.warc.gz").write_bytes(whole.read(-1 if end is None else end - start))
    return folder


def run(command: Sequence[str], documents: Callable[[], int]) -> Run:
    """Run a program to its end; what it printed is shown when it fails."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), monotonic()
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False, env=_environment()
    )
    wall, after = monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, cpu, documents())


def judge(folder: Path, out: Path, *, engine: str, processes: int, settings: Sequence[str] = ()) -> Run:
    """`scrapy judge` over every archive of a folder, names of persons off."""
    sources = [str(path) for path in sorted(folder.glob("*.warc.gz"))]
    given = [word for setting in ("PII_NAMES=False", *settings) for word in ("-s", setting)]
    command = ["-m", "scrapy", "judge", *sources, "-a", f"policy={POLICIES}", "-a", f"out={out}", *given]
    command += ["--engine", engine, "--processes", str(processes)]
    return run(command, lambda: int(json.loads((out / "merged.json").read_bytes())["accepted"]))


def datatrove(folder: Path, out: Path, *, processes: int) -> Run:
    """The pipeline of `baseline_datatrove` over the same files."""
    command = ["-m", "benchmarks.baseline_datatrove", str(folder), str(out), "--processes", str(processes)]
    return run(command, lambda: sum(_lines(path) for path in (out / "texts").glob("*.jsonl.gz")))


def ratio(ours: Sequence[Run], others: Sequence[Run]) -> str:
    """How many times as fast ours was, pair by pair: on the clock and on the processor."""
    wall = [other.wall_s / own.wall_s for own, other in zip(ours, others, strict=True)]
    cpu = [other.cpu_s / own.cpu_s for own, other in zip(ours, others, strict=True)]
    each = ", ".join(f"{one:.2f}" for one in wall)
    return f"{median(wall):.2f} on the clock ({each}), {median(cpu):.2f} on the processor"


def told(name: str, found: Run) -> str:
    """One run in a line."""
    return (
        f"{name:<28} {found.documents:>7} documents {found.wall_s:>8.1f} s {found.documents / found.wall_s:>8.1f}/s "
        f"{1000 * found.cpu_s / max(found.documents, 1):>7.1f} ms of processor each"
    )


def _lines(path: Path) -> int:
    with gzip.open(path, "rb") as file:
        return sum(1 for _ in file)


def _environment() -> dict[str, str]:
    return {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
