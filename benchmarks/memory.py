"""Whether memory stays flat over many pages and many hosts: a real crawl of made-up sites on loopback, watched.

    python -m benchmarks.memory WORK [--pages 200000] [--hosts 20000] [--policy jp,eu] [-s NAME=VALUE]

Samples the main process (resident, PSS) and its workers from /proc while `scrapy crawl web` runs, prints a row a tenth
of the pages, then the slope over the second half of the crawl, the counts, and what `scrapy audit verify` says. Exit
code 0: flat, under the bound, every address accounted for. WORK gets the crawl, its log and samples.jsonl. Linux only.
The server is a process of its own on the same machine, so pages per second mean little.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import linear_regression, median

from benchmarks.made_hosts import Sites
from benchmarks.measure import session_cpu

ROOT = Path(__file__).resolve().parents[1]
MIB, MB = 2**20, 1_000_000
MOST_MB = 400  # of the main process
FLAT = 0.05  # of the median: what the trend over the second half may add
EVERY_S = 3.0
SETTINGS = (
    "ALLOWED_PRIVATE_NETWORKS=127.0.0.0/8",
    "PII_NAMES=False",
    "DOWNLOAD_DELAY=0",
    "CONCURRENT_REQUESTS=128",
    "POSTPONE_DELAY=2",
    "PSEUDONYM_KEY=throwaway",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One moment; memory is MiB. `pss` shares out what several have mapped; `others` is that of all other processes.

    Processor seconds are those since the begin; of the other processes, as far as they were seen alive.
    """

    seconds: float
    pages: int
    resident: float
    pss: float
    worker: float  # resident, the largest one
    others: float
    main_cpu_s: float
    others_cpu_s: float


class Lines:
    """Counts the lines of a growing ledger without reading any twice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}
        self.count = 0

    def update(self) -> int:
        """How many there are now."""
        for path in self._folder.glob("*.jsonl"):
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                while block := file.read(MIB):
                    self.count += block.count(b"\n")
                self._read[path] = file.tell()
        return self.count


def main() -> int:
    """Serve, crawl, watch, judge."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the crawl and the server end, too
    given = _arguments()
    given.work.mkdir(parents=True, exist_ok=True)
    sites = Sites(given.pages, given.hosts)
    expected = sum(map(sites.pages_of, range(given.hosts)))
    print(f"{expected} addresses on {given.hosts} hosts, under {given.policy}", flush=True)
    with _server(given) as port:
        seeds = given.work / "seeds.txt"
        seeds.write_text("".join(f"{seed}\n" for seed in sites.seeds(port)), "ascii")
        crawl, samples = given.work / "crawl", []
        policies = len(given.policy.split(","))
        print(_ROW.format(*_HEAD), flush=True)
        began = time.monotonic()
        with (given.work / "crawl.log").open("wb") as log, (given.work / "samples.jsonl").open("w") as file:
            process = subprocess.Popen(
                _crawl(given, seeds, crawl), cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
            try:
                for sample in _samples(process, Lines(crawl / "ledger"), policies, began):
                    samples.append(sample)
                    print(json.dumps({name: round(x, 1) for name, x in asdict(sample).items()}), file=file, flush=True)
                    _tell_of_tenth(samples, expected)
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
                    process.wait()
    print((given.work / "crawl.log").read_text("utf-8", "replace")[-2_000:])
    verified = subprocess.run([sys.executable, "-m", "scrapy", "audit", "verify", str(crawl)], cwd=ROOT, check=False)
    seen = Lines(crawl / "ledger").update() // policies
    seconds = time.monotonic() - began
    print(f"seen {seen} of {expected} addresses in {seconds:.0f} s; crawl ended with {process.returncode}")
    return int(not _verdict(samples) or bool(process.returncode or verified.returncode) or seen != expected)


_HEAD = ("pages", "seconds", "pages/s", "main median", "main peak", "main PSS", "worker peak", "others' PSS")
_ROW = "{:>8} {:>8} {:>8} {:>12} {:>10} {:>9} {:>12} {:>12}"


def _tell_of_tenth(samples: Sequence[Sample], pages: int) -> None:
    """Print a row when the last sample is the first of another tenth."""
    now = samples[-1].pages * 10 // pages
    if len(samples) < 2 or samples[-2].pages * 10 // pages == now:
        return
    tenth = [s for s in samples[:-1] if s.pages * 10 // pages == samples[-2].pages * 10 // pages]
    first, last = tenth[0], samples[-1]
    rate = (last.pages - first.pages) / max(last.seconds - first.seconds, 0.001)
    figures = [median(s.resident for s in tenth), max(s.resident for s in tenth), median(s.pss for s in tenth)]
    figures += [max(s.worker for s in tenth), median(s.others for s in tenth)]
    print(_ROW.format(last.pages, f"{last.seconds:.0f}", f"{rate:.1f}", *(f"{f:.0f} MiB" for f in figures)), flush=True)


def _verdict(samples: Sequence[Sample]) -> bool:
    """Say whether the main process stayed flat and under its bound."""
    last = samples[-1].pages
    half = [sample for sample in samples if sample.pages >= last / 2]
    if len(half) < 10:
        print("too few samples for a verdict: crawl more pages")
        return False
    slope = linear_regression([s.pages for s in half], [s.resident for s in half]).slope
    grows = slope * (last - half[0].pages)
    level, peak = median(s.resident for s in half), max(s.resident for s in samples) * MIB / MB
    flat, under = grows <= FLAT * level, peak < MOST_MB
    print(
        f"main process, second half: {slope * 100_000:+.1f} MiB per 100,000 pages, {grows:+.1f} MiB over "
        f"{last - half[0].pages} pages at a median of {level:.0f} MiB: {'flat' if flat else 'GROWS'}"
    )
    end = samples[-1]
    cpu = (f"{seconds * 1000 / max(last, 1):.1f} ms" for seconds in (end.main_cpu_s, end.others_cpu_s))
    print("processor a page: main process {}, workers {}".format(*cpu))
    print(f"peak {peak:.0f} MB: {'under' if under else 'OVER'} {MOST_MB} MB")
    return flat and under


def _samples(process: subprocess.Popen[bytes], ledger: Lines, policies: int, began: float) -> Iterator[Sample]:
    cpu: dict[int, float] = {}
    while process.poll() is None:
        cpu |= session_cpu(process.pid)
        main = _memory(process.pid)
        others = [_memory(pid) for pid in _session(process.pid) if pid != process.pid]
        if main[0]:
            pages = ledger.update() // policies
            worker, rest = max((r for r, _ in others), default=0.0), sum(p for _, p in others)
            own = cpu.get(process.pid, 0.0)
            yield Sample(time.monotonic() - began, pages, *main, worker, rest, own, sum(cpu.values()) - own)
        time.sleep(EVERY_S)


def _memory(pid: int) -> tuple[float, float]:
    """Resident and proportional set size in MiB; zeros when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii", "replace").splitlines()
    except OSError:
        return 0.0, 0.0
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(("Rss:", "Pss:"))}
    return kib.get("Rss", 0) / 1024, kib.get("Pss", 0) / 1024


def _session(leader: int) -> Iterator[int]:
    """The living processes of a session."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.getsid(int(name)) == leader:
                yield int(name)
        except OSError:
            continue  # it ended meanwhile


@contextmanager
def _server(given: argparse.Namespace) -> Iterator[int]:
    command = [sys.executable, "-m", "benchmarks.made_hosts", "--pages", str(given.pages), "--hosts", str(given.hosts)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()
            print(f"asked for: {server.stdout.read().strip()}", flush=True)


def _crawl(given: argparse.Namespace, seeds: Path, out: Path) -> list[str]:
    command = [sys.executable, "-m", "scrapy", "crawl", "web", "-a", f"seeds={seeds}", "-a", f"policy={given.policy}"]
    command += ["-a", f"out={out.resolve()}", "-a", "follow=1"]
    return command + [part for setting in (*SETTINGS, *given.settings) for part in ("-s", setting)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("work", type=Path, help="a new folder")
    parser.add_argument("--pages", type=int, default=200_000)
    parser.add_argument("--hosts", type=int, default=20_000)
    parser.add_argument("--policy", default="jp,eu")
    parser.add_argument("-s", dest="settings", action="append", default=[], metavar="NAME=VALUE")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
