"""Nothing lost, nothing twice: a crawl that is killed, fills the disk, or loses the machine goes on where it was.

The long form, with 100 kills, is `python -m benchmarks.crash`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.crash import Crawl, Results, Site, accepted, disturbed, undisturbed
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.pending import Pending
from crawler.resuming import BOOT, STATE

PAGES = 90
LONGEST_S = 120


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(PAGES) as served:
        yield served
        served.shutdown()


@pytest.fixture(scope="module")
def expected(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What comes of it when nobody disturbs."""
    return undisturbed(site, tmp_path_factory.mktemp("undisturbed") / "out")


@pytest.fixture
def crawl(site: Site, tmp_path: Path) -> Crawl:
    return Crawl(site, tmp_path / "out")


def _wait_for_lines(crawl: Crawl, number: int) -> None:
    """Until the ledger has so many lines."""
    ledger = crawl.out / LEDGER / "00000.jsonl"
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        if ledger.exists() and ledger.read_bytes().count(b"\n") >= number:
            return
        time.sleep(0.02)
    raise AssertionError("the crawl writes no lines")


def _begin(crawl: Crawl) -> subprocess.Popen[bytes]:
    return subprocess.Popen(crawl.command("--resume"), cwd=Path(__file__).parent.parent, stderr=subprocess.DEVNULL)


def _finish(crawl: Crawl, expected: Results) -> None:
    assert crawl.run("--resume") == 0, crawl.said
    crawl.check(expected)
    assert crawl.problems == []


def test_the_site_is_what_it_should_be(site: Site, expected: Results) -> None:
    """Addresses of all kinds, each judged under each policy."""
    assert {name for name, _ in expected} == accepted(site)
    assert set(expected.values()) == {"kept", "dropped", "held", "failed"}


def test_kills_at_random_moments_lose_nothing(site: Site, expected: Results, tmp_path: Path) -> None:
    """Whatever the moment, start and end included."""
    crawl = disturbed(site, tmp_path / "out", expected, kills=4, chance=random.Random(7), longest=6.0)
    assert crawl.problems == []


def test_a_kill_amid_the_crawl_is_told(crawl: Crawl, expected: Results) -> None:
    """The run that goes on says what it found, on the console and in run.json; no page is asked for again in vain."""
    process = _begin(crawl)
    _wait_for_lines(crawl, 60)
    process.kill()
    process.wait()
    decided = sum(1 for _ in (crawl.out / LEDGER / "00000.jsonl").open()) // 2
    _finish(crawl, expected)
    assert f"resumed: {decided} addresses were decided" in crawl.said
    (entry,) = json.loads((crawl.out / "run.json").read_bytes())["resumed"]
    assert entry["found"].startswith(f"{decided} addresses were decided")


def test_the_machine_goes_down(crawl: Crawl, expected: Results) -> None:
    """Started anew, it goes back to the last checkpoint: of what came later, anything may be missing."""
    process = _begin(crawl)
    _wait_for_lines(crawl, 60)
    process.kill()
    process.wait()
    addresses = Pending(crawl.out / STATE)
    addresses.note(BOOT, "another start of the machine")
    addresses.abandon()
    for path in (*crawl.out.rglob("*.journal"), crawl.out / "frontier" / "accepted.jsonl"):
        if path.stat().st_size > 4_000:  # as if its last pages had never reached the disk
            os.truncate(path, path.stat().st_size - 1_000 if path.suffix == ".jsonl" else path.stat().st_size)
    _finish(crawl, expected)
    assert "the machine was started anew" in crawl.said


@pytest.mark.parametrize("limit", [9_000, 70_000])
def test_a_full_disk_ends_the_crawl_and_room_lets_it_go_on(crawl: Crawl, expected: Results, limit: int) -> None:
    """No file may grow beyond the limit: the crawl says so and leaves what verifies; with room it ends as it should."""
    assert crawl.run(limit=limit) == 1
    assert "cannot be written" in crawl.said
    assert "Traceback" not in crawl.said
    _finish(crawl, expected)


def test_a_dead_worker_costs_nothing(crawl: Crawl, expected: Results) -> None:
    """Its page goes to another one."""
    process = _begin(crawl)
    _wait_for_lines(crawl, 40)
    children = _descendants(process.pid)
    for pid in children[-1:]:
        os.kill(pid, signal.SIGKILL)
    assert process.wait(LONGEST_S) == 0
    crawl.check(expected)
    assert crawl.problems == []


def _descendants(pid: int) -> list[int]:
    """The processes below it, the youngest last."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in map(str.split, listed.splitlines())}
    below: list[int] = [pid]
    for known in below:
        below += sorted(child for child, parent in parents.items() if parent == known)
    return below[1:]


def test_no_worker_outlives_the_crawl(crawl: Crawl) -> None:
    """Killed with SIGKILL, it leaves no process behind."""
    process = _begin(crawl)
    _wait_for_lines(crawl, 10)
    children = _descendants(process.pid)
    process.kill()
    process.wait()
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until and any(Path(f"/proc/{child}").exists() for child in children):
        time.sleep(0.1)
    assert children
    assert not [child for child in children if Path(f"/proc/{child}").exists()]


def test_a_job_goes_on_by_its_own_folder(site: Site, expected: Results, tmp_path: Path) -> None:
    """`-s JOBDIR=`: the same command again, and again when there is nothing left to do."""
    crawl = Crawl(site, tmp_path / "out")
    job = ("-s", f"JOBDIR={tmp_path / 'job'}")
    crawl.run(*job, kill_after=4.0)
    assert crawl.run(*job) == 0, crawl.said
    crawl.check(expected)
    assert crawl.problems == []
    assert crawl.run(*job) == 0
    assert "complete, nothing is pending" in crawl.said


REFUSED = [
    (["-a", "policy=jp"], "-a policy=jp: the crawl was begun with -a policy=jp,us"),
    (["-a", "format=jsonl.zst"], "-a format=jsonl.zst: the crawl was begun with no -a format="),
]


def test_what_would_make_it_another_crawl_is_refused(crawl: Crawl) -> None:
    """And what is left out is as it was: the folder is enough to go on."""
    process = _begin(crawl)
    _wait_for_lines(crawl, 10)
    process.send_signal(signal.SIGSTOP)
    base = [sys.executable, "-m", "scrapy", "crawl", "web", "-a", f"out={crawl.out}", "--resume"]
    second = _scrapy(base)
    assert "another process is writing there" in second.stderr
    process.kill()
    process.wait()
    for more, says in REFUSED:
        refused = _scrapy([*base, *more])
        assert (refused.returncode, says in refused.stderr) == (1, True), refused.stderr
    unresumed = _scrapy([*base[:-1], "-a", "seeds=http://127.0.0.1/", "-a", "policy=jp"])
    assert "go on with --resume" in unresumed.stderr


def _scrapy(command: list[str]) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parent.parent
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
