"""Real processes of one crawl, with a real Redis: no address twice, no host hurried, and what one loses another takes.

The long form, with 20 kills, is `python -m benchmarks.cluster`.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.cluster import PAGES, Cluster, redis, sites_of, undisturbed
from benchmarks.crash import Results, Site
from tests.__main__ import find

pytestmark = pytest.mark.skipif(
    not find("redis-server"), reason="redis-server is not installed: python3 -m tests installs it"
)
LONGEST_S = 300


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis(tmp_path_factory.mktemp("redis")) as started:
        yield started


@pytest.fixture(scope="module")
def sites() -> Iterator[list[Site]]:
    served = sites_of(2, 25)
    yield served
    for site in served:
        site.shutdown()


@pytest.fixture(scope="module")
def expected(sites: list[Site], tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What comes of it when one process does it all."""
    return undisturbed(sites, tmp_path_factory.mktemp("alone") / "out")


@pytest.fixture
def cluster(sites: list[Site], tmp_path: Path, address: str, request: pytest.FixtureRequest) -> Cluster:
    for site in sites:
        site.log.clear()
    return Cluster(sites, tmp_path, address, request.node.name.replace("_", "-")[:60], delay=0.05)


def wait_for_lines(cluster: Cluster, segment: str, count: int) -> None:
    """Until its ledger has so many lines."""
    until = time.monotonic() + LONGEST_S
    ledger = cluster.folder / segment / "ledger/00000.jsonl"
    while time.monotonic() < until and not (ledger.exists() and ledger.read_bytes().count(b"\n") >= count):
        assert cluster.running[segment].poll() is None, cluster.said(segment)
        time.sleep(0.05)


def test_two_processes_are_one_crawl(cluster: Cluster, expected: Results) -> None:
    """No page is asked for twice, no host hurried, no site file fetched by both; both say how the crawl stands."""
    cluster.settings = {"FRONTIER_LEASE": "60"}
    for segment in ("a", "b"):
        cluster.start(segment)
    for process in cluster.running.values():
        assert process.wait(LONGEST_S) == 0
    told = json.loads((cluster.folder / "b/run.json").read_text())["frontier"]
    assert (told["name"], len(told["segments"]), told["accepted"]) == (cluster.name, 2, len(expected) // 2)
    cluster.end(("a", "b"))
    cluster.check(("a", "b"), expected)
    cluster.check_politeness()
    cluster.check_site_files(most=1)
    for site in cluster.sites:
        again = Counter(one.path for one in site.log if one.path.startswith(PAGES))
        assert {path: count for path, count in again.items() if count > 1} == {"/p/5": 3}  # it answers 500
    assert cluster.problems == []


def test_what_was_killed_is_taken_over(cluster: Cluster, expected: Results) -> None:
    """And one that hung for longer than its lease records nothing that others have; the limit of neither is the end."""
    for segment in ("a", "b", "c"):
        cluster.start(segment)
    wait_for_lines(cluster, "a", 6)
    cluster.kill("a")
    os.kill(cluster.running["b"].pid, signal.SIGSTOP)
    try:
        cluster.running["c"].wait(LONGEST_S)
    finally:
        os.kill(cluster.running["b"].pid, signal.SIGCONT)
    held = "holds" in cluster.said("c")
    assert cluster.running["c"].returncode == int(held), cluster.said("c")
    if held:
        assert "scrapy crawl web -a out=" in cluster.said("c")
    assert "Traceback" not in cluster.said("c")
    cluster.end(("a", "b", "c"))
    cluster.check(("a", "b", "c"), expected)
    cluster.check_politeness()
    assert cluster.problems == []


def test_who_may_not_join_is_told(cluster: Cluster) -> None:
    """Settings that do not fit are answered before anything is asked for."""
    for settings, says in (
        ({"FRONTIER_NAME": ""}, "FRONTIER_NAME is missing; give every process of the crawl the same name"),
        ({"FRONTIER_REDIS": ""}, "FRONTIER_REDIS is missing; for example -s FRONTIER_REDIS=redis://127.0.0.1:6379/0"),
    ):
        cluster.settings = settings
        assert cluster.start("a").wait(LONGEST_S) == 1
        assert says in cluster.said("a")
        assert "Traceback" not in cluster.said("a")
    assert not any(site.log for site in cluster.sites)
    cluster.settings = {}
    cluster.start("a")
    wait_for_lines(cluster, "a", 2)
    assert cluster.start("b", "-a", "purpose=scientific-research").wait(LONGEST_S) == 1
    assert "purpose=model-training, stage=collect, us (" in cluster.said("b")
    assert "; give the same policies and facts of the run, or another name" in cluster.said("b")
    cluster.kill("a")
