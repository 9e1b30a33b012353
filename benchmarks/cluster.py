"""Kill and hang processes of one crawl over Redis at random moments, and see whether anything was lost or doubled.

    python -m benchmarks.cluster [--kills 20] [--processes 3] [--pages 150] [--hosts 3] [--seed 1] [--delay 0.02]

Every host stands on a loopback address of its own. The crawl's processes share one frontier in a Redis that is started
here; each writes its own segment. A process that was killed begins again after a while, often after the others have
taken over what it had. At the end the segments are merged and verified, and address by address the outcome must be that
of one process that nobody disturbs; from the sites' access logs, no two pages of a host may overlap or come sooner
than the delay. Prints a line a crawl, then the sum; exit code 1 when anything is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from benchmarks.crash import POLICIES, ROOT, SETTINGS, Crawl, Results, Site
from crawler.resuming import is_complete

LEASE_S = 3.0
LONGEST_S = 600
PAGES = ("/p/", "/listed/", "/gone")  # what is no site file


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis server of one's own; its address."""
    socket = folder / "redis.sock"
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("redis-server is not installed: apt-get install redis-server")
    command = [program, "--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--save", ""]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while not socket.exists() and time.monotonic() < until:
            time.sleep(0.05)
        yield f"unix://{socket}?db=0"
    finally:
        server.terminate()
        server.wait()


@dataclass(slots=True)
class Cluster:
    """The processes of one crawl.

    Attributes:
        sites: What is crawled.
        folder: Its segments lie below it.
        address: Of Redis.
        name: Of the frontier.
        delay: Seconds between two pages of a host.
        settings: Further ones.
        kills: How often a process was killed, and `hangs`: stopped for longer than its lease.
        problems: What is wrong.
    """

    sites: Sequence[Site]
    folder: Path
    address: str
    name: str
    delay: float = 0.0
    settings: dict[str, str] = field(default_factory=dict)
    kills: int = 0
    hangs: int = 0
    problems: list[str] = field(default_factory=list)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)

    def command(self, segment: str, *more: str) -> list[str]:
        """The command of one process: the same for each but for its folder."""
        seeds = self.folder / "seeds"
        addresses = [site.address + path for site in self.sites for path in ("/p/0", "/sitemap.xml", "/gone")]
        seeds.write_text("\n".join([*addresses, "not an address"]) + "\n")
        arguments = {"seeds": seeds, "policy": POLICIES, "out": self.folder / segment, "follow": 12, "scope": "host"}
        settings = {**SETTINGS, "DOWNLOAD_DELAY": str(self.delay), "FRONTIER_LEASE": str(LEASE_S)}
        settings |= {"FRONTIER_REDIS": self.address, "FRONTIER_NAME": self.name, **self.settings}
        given = [part for name, value in arguments.items() for part in ("-a", f"{name}={value}")]
        given += [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
        return [sys.executable, "-m", "scrapy", "crawl", "web", *given, "--resume", *more]

    def start(self, segment: str, *more: str) -> subprocess.Popen[bytes]:
        """Begin a segment, or go on with it."""
        with (self.folder / f"{segment}.log").open("ab") as console:
            process = subprocess.Popen(
                self.command(segment, *more),
                cwd=ROOT, env={**os.environ, "NO_PROXY": "*"}, stdout=console, stderr=console, start_new_session=True,
            )  # fmt: skip
        self.running[segment] = process
        return process

    def said(self, segment: str) -> str:
        """What its processes printed."""
        return (self.folder / f"{segment}.log").read_text()

    def kill(self, segment: str) -> None:
        """`kill -9`; its workers must notice by themselves."""
        process = self.running.pop(segment)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        self.kills += 1

    def end(self, segments: Sequence[str]) -> None:
        """Let all come to their end, then go on with each until the crawl is complete."""
        for segment, process in self.running.items():
            if process.wait(LONGEST_S) not in (0, 1):
                self.problems.append(f"{segment}: exit {process.returncode}: {self.said(segment)[-800:]}")
        code = 0
        for _ in range(2):  # the first round decides what only a dead process knew of, the second finds it complete
            for segment in segments:
                if not is_complete(self.folder / segment):
                    code = self.start(segment).wait(LONGEST_S)
        if code or not all((self.folder / segment / "run.json").exists() for segment in segments):
            self.problems.append(f"exit {code}: {self.said(segments[-1])[-800:]}")

    def check(self, segments: Sequence[str], expected: Results) -> None:
        """Each segment by itself, their union, and that against what one process made of it."""
        found: Results = {}
        for segment in segments:
            crawl = Crawl(self.sites[0], self.folder / segment)
            own = crawl.check(verify=False)  # with the whole, below
            self.problems += [f"{segment}: {problem}" for problem in crawl.problems]
            if twice := own.keys() & found.keys():
                self.problems.append(f"{len(twice)} outcomes doubled")
            found |= own
        lost, strange = expected.keys() - found.keys(), found.keys() - expected.keys()
        other = [key for key in expected.keys() & found.keys() if expected[key] != found[key]]
        if lost or strange or other:
            self.problems.append(f"{len(lost)} outcomes lost, {len(strange)} strange, {len(other)} different")
        for words in (
            ("merge", *(str(self.folder / segment) for segment in segments), "-o", str(self.folder)),
            ("verify", str(self.folder)),
        ):
            done = audit(*words)
            if done.returncode:
                self.problems.append(f"{words[0]}: {done.stdout[-600:]}{done.stderr[-600:]}")
        merged = self.folder / "merged.json"
        if merged.exists() and (pending := json.loads(merged.read_text())["pending"]):
            self.problems.append(f"{pending} pending")

    def check_politeness(self) -> None:
        """By the access logs: one page of a host at a time, with the delay between them."""
        for site in self.sites:
            pages = sorted((one for one in site.log if one.path.startswith(PAGES)), key=lambda one: one.began)
            sooner = [round(b.began - a.ended, 4) for a, b in pairwise(pages) if b.began < a.ended + self.delay]
            if sooner:
                self.problems.append(f"{site.host}: {len(sooner)} of {len(pages)} pages too soon: {sooner[:5]}")

    def check_site_files(self, most: int) -> None:
        """Each of them was fetched at most so often."""
        for site in self.sites:
            asked = Counter(one.path for one in site.log if not one.path.startswith((*PAGES, "/sitemap")))
            if often := {path: count for path, count in asked.items() if count > most}:
                self.problems.append(f"{site.host}: site files fetched again: {often}")


def audit(*words: str) -> subprocess.CompletedProcess[str]:
    """`scrapy audit ...`."""
    command = [sys.executable, "-m", "scrapy", "audit", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def sites_of(hosts: int, pages: int) -> list[Site]:
    """Hosts with addresses of their own."""
    return [Site(pages, f"127.0.0.{2 + number}") for number in range(hosts)]


def undisturbed(sites: Sequence[Site], folder: Path) -> Results:
    """Results of one process with a frontier of its own. Raises RuntimeError when it is not as it should be."""
    folder.mkdir()
    alone = Cluster(sites, folder, "", "")
    if alone.start("alone").wait(LONGEST_S):
        raise RuntimeError(alone.said("alone")[-2000:])
    crawl = Crawl(sites[0], folder / "alone")
    found = crawl.check()
    if crawl.problems:
        raise RuntimeError(f"{crawl.problems}")
    return found


def disturb(cluster: Cluster, segments: Sequence[str], kills: int, chance: random.Random) -> None:
    """Kill, hang and start anew, until there were as many kills, or the crawl is done."""
    for segment in segments:
        cluster.start(segment)
    back: dict[str, float] = {}  # killed segment -> when it begins again
    wake: dict[str, float] = {}  # stopped segment -> when it goes on
    while cluster.kills < kills and any(process.poll() is None for process in cluster.running.values()):
        time.sleep(chance.uniform(0.3, 2.5))
        now = time.monotonic()
        for segment in [name for name, when in back.items() if when <= now]:
            del back[segment]
            cluster.start(segment)
        for segment in [name for name, when in wake.items() if when <= now]:
            del wake[segment]
            cluster.running[segment].send_signal(signal.SIGCONT)
        alive = [name for name, process in cluster.running.items() if process.poll() is None and name not in wake]
        if len(alive) > 1 and chance.random() < 0.2:
            victim = chance.choice(alive)
            cluster.running[victim].send_signal(signal.SIGSTOP)
            wake[victim] = now + LEASE_S * chance.uniform(1.2, 2.0)
            cluster.hangs += 1
        elif alive and chance.random() < 0.6:
            victim = chance.choice(alive)
            cluster.kill(victim)
            back[victim] = now + chance.uniform(0, 2 * LEASE_S)
    for segment in wake:
        cluster.running[segment].send_signal(signal.SIGCONT)
    for segment in back:
        cluster.start(segment)


def main() -> int:
    """Crawl after crawl until there were as many kills as asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--pages", type=int, default=150)
    parser.add_argument("--hosts", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--delay", type=float, default=0.02)
    asked = parser.parse_args()
    chance, sites = random.Random(asked.seed), sites_of(asked.hosts, asked.pages)
    segments = [f"s{number}" for number in range(asked.processes)]
    os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp()
    kills = number = wrong = 0
    with tempfile.TemporaryDirectory() as made, redis(Path(made)) as address:
        expected = undisturbed(sites, Path(made, "undisturbed"))
        print(f"one process, undisturbed: {len(expected)} outcomes", flush=True)
        while kills < asked.kills:
            number += 1
            for site in sites:
                site.log.clear()
            folder = Path(made, str(number))
            folder.mkdir()
            cluster = Cluster(sites, folder, address, f"crawl-{number}", delay=asked.delay)
            disturb(cluster, segments, asked.kills - kills, chance)
            cluster.end(segments)
            cluster.check(segments, expected)
            cluster.check_politeness()
            kills += cluster.kills
            wrong += bool(cluster.problems)
            requests = sum(len(site.log) for site in sites)
            told = f"{cluster.kills} kills, {cluster.hangs} hangs, {requests} requests"
            print(f"crawl {number}: {told}, {cluster.problems or 'all there, once'}", flush=True)
    print(f"{kills} kills in {number} crawls of {asked.processes} processes, {wrong} crawls with something wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
