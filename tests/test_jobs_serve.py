"""`scrapy jobs serve` and `run` as processes of their own against a site on loopback: nothing lost, nothing twice."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.request import urlopen

import pytest

from benchmarks.crash import Site
from crawler.jobs.book import Status
from tests.jobs_served import LONGEST_S, Jobs, served, wait_for

SLOW = 0.1  # seconds between two pages, so that a run can be met under way


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(24) as serving:
        yield serving
        serving.shutdown()


@pytest.fixture
def jobs(site: Site, tmp_path: Path) -> Iterator[Jobs]:
    with served(tmp_path, site) as them:
        yield them


def test_a_server_that_is_killed_goes_on_with_its_run(jobs: Jobs) -> None:
    """kill -9 amid a run: the crawl does not stay alone, the next server goes on with it, no page is there twice."""
    jobs.write({"schedule": jobs.backdate("demo"), "delay": SLOW})
    first = jobs.serve()
    run = jobs.wait_for_lines(5)
    first.kill()
    first.wait()
    second = jobs.serve()
    finished = jobs.wait(Status.FINISHED)[-1]
    assert jobs.end(second) == 0
    assert (finished.id, finished.run, finished.attempts) == (run.id, run.run, 2)
    outcomes = jobs.outcomes(finished)
    assert set(outcomes.values()) == {1}
    assert finished.counts["jp"]["seen"] == len(outcomes)
    assert finished.counts["jp"]["pending"] == 0
    dues = [each.due for each in jobs.runs()]
    assert len(dues) == len(set(dues))


def test_two_hosts_run_every_due_time_once(jobs: Jobs) -> None:
    """Two servers on one folder: each due time is seen to by one of them; while one runs, the other starts nothing."""
    jobs.write({"schedule": {"every": "2s"}, "arguments": {}})
    servers = [jobs.serve(), jobs.serve()]
    jobs.wait(Status.FINISHED, least=2)
    for server in servers:
        server.send_signal(signal.SIGTERM)
    assert [server.wait(60) for server in servers] == [0, 0]
    dues = [run.due for run in jobs.runs() if run.due]
    assert len(dues) == len(set(dues))
    begun = sorted((run.started, run.ended) for run in jobs.runs() if run.started)
    assert all(end <= start for (_, end), (start, _) in pairwise(begun))
    assert not jobs.runs(Status.FAILED, Status.KILLED)
    assert {run.reason for run in jobs.runs(Status.SKIPPED)} <= {"the last run is still under way"}


def test_a_server_that_is_asked_to_end_ends_its_runs(jobs: Jobs) -> None:
    """SIGTERM: the crawl ends gracefully and is recorded with what is pending; the next server goes on with it."""
    jobs.write({"schedule": jobs.backdate("demo"), "delay": SLOW})
    server = jobs.serve()
    jobs.wait_for_lines(3)
    assert jobs.end(server) == 0
    (stopped,) = jobs.runs(Status.STOPPED)
    assert stopped.reason == "serve was asked to end"
    assert stopped.pending > 0
    again = jobs.serve()
    finished = jobs.wait(Status.FINISHED)[-1]
    assert jobs.end(again) == 0
    assert finished.run == stopped.run
    assert set(jobs.outcomes(finished).values()) == {1}


LIMITS = [
    ({"hours": 0.0005}, "hours: 2s are over", True),
    ({"disk": "1 kB", "free": "1 B"}, "disk: ", False),
]


@pytest.mark.parametrize(("limits", "reason", "goes_on"), LIMITS, ids=["hours", "disk"])
def test_a_limit_ends_a_run_gracefully(jobs: Jobs, limits: dict[str, object], reason: str, goes_on: bool) -> None:
    """With the reason in the book; the exit code is the crawl's."""
    jobs.write({"delay": 0.5, "limits": limits})
    done = jobs.scrapy("run", "demo")
    (run,) = jobs.runs()
    assert (run.status, run.goes_on) == (Status.STOPPED, goes_on), done.stdout + done.stderr
    assert run.reason.startswith(reason)
    assert (done.returncode, run.exit) == (0, 0)
    assert run.pending > 0


def test_what_was_missed_is_made_up_for_once(jobs: Jobs) -> None:
    """Due times that passed while nothing ran: one run, or none, as the job says."""
    usual = {"schedule": jobs.backdate("made-up", "left-out", "too-late"), "arguments": {}}
    jobs.write({**usual, "name": "made-up"}, {**usual, "name": "left-out", "missed": "skip"},
               {**usual, "name": "too-late", "within": "1s"}, {**usual, "name": "new"})  # fmt: skip
    server = jobs.serve()
    finished = jobs.wait(Status.FINISHED)
    assert jobs.end(server) == 0
    assert [run.job for run in finished] == ["made-up"]
    assert finished[0].why.startswith("missed: was due ")
    assert {run.job: run.reason for run in jobs.runs(Status.SKIPPED)} == {
        "left-out": "missed: nothing ran at that time",
        "too-late": "missed: nothing ran at that time",
    }
    assert len(jobs.runs()) == 3


def test_the_file_is_read_again(jobs: Jobs) -> None:
    """A broken one is refused and the jobs of before go on; a good one is taken over without a restart."""
    jobs.write({"name": "first"})
    server = jobs.serve("--listen", "127.0.0.1:0")
    wait_for(lambda: "1 job(s) of" in jobs.said(), "the server begins")
    jobs.file.write_text(jobs.file.read_text().replace('"policy": "jp"', '"policy": "jq"'))
    wait_for(lambda: "cannot be used; the jobs of before go on" in jobs.said(), "a broken file is refused")
    assert "jobs.yaml:1:" in jobs.said()
    jobs.write({"name": "first"}, {"name": "second", "schedule": {"every": "5s"}, "arguments": {}})
    wait_for(lambda: "read again: 2 job(s)" in jobs.said(), "a good file is read")
    server.send_signal(signal.SIGHUP)
    wait_for(lambda: jobs.said().count("read again: 2 job(s)") == 2, "it is read when asked to")
    (run,) = jobs.wait(Status.FINISHED, job="second")[-1:]
    endpoint = re.search(r"http://127\.0\.0\.1:\d+", jobs.said())
    assert endpoint
    figures = urlopen(f"{endpoint[0]}/metrics").read().decode()
    for policy, counts in run.counts.items():
        assert (
            f'usufruct_job_last_pages{{job="second",policy="{policy}",result="kept"}} {counts["kept"]:.1f}' in figures
        )
    assert 'usufruct_job_last_success_timestamp_seconds{job="second"}' in figures
    assert json.loads(urlopen(f"{endpoint[0]}/health").read())["ok"] is True
    assert jobs.end(server) == 0


def test_a_run_that_meets_another_one(jobs: Jobs) -> None:
    """It is skipped, or has the other one ended, as the job says; a due time that was seen to is not seen to again."""
    jobs.write({"delay": 4.0})  # longer than all commands below take together
    first = jobs.begin("run", "demo")
    jobs.wait_for_lines(1)
    skipped = jobs.scrapy("run", "demo")
    assert (skipped.returncode, jobs.runs()[0].status) == (75, Status.SKIPPED)
    jobs.write({"overlap": "stop", "schedule": {"every": "1h"}, "arguments": {}})
    second = jobs.scrapy("run", "demo", "--due")
    assert second.returncode == 0, second.stdout + second.stderr
    assert first.wait(LONGEST_S) == 0
    finished, _, stopped = jobs.runs()
    assert (finished.status, stopped.status, stopped.pending > 0) == (Status.FINISHED, Status.STOPPED, True)
    assert stopped.reason.startswith("the run of ")
    assert finished.run != stopped.run
    assert finished.started > stopped.ended
    third = jobs.scrapy("run", "demo", "--due")
    assert third.returncode == 0
    assert "was seen to already" in third.stdout
    assert len(jobs.runs()) == 3


def test_an_incremental_job_tells_what_has_changed(jobs: Jobs) -> None:
    """Runs by hand visit all pages, whatever their age, and write nothing again; the book has what the crawl says."""
    jobs.write({"incremental": True, "arguments": {}})
    for _ in range(3):
        done = jobs.scrapy("run", "demo")
        assert done.returncode == 0, done.stdout + done.stderr
    third, second, first = jobs.runs(Status.FINISHED)
    assert [run.changes["new"] for run in (first, second, third)] == [1, 0, 0]
    assert [run.changes["unchanged"] for run in (first, second, third)] == [0, 1, 1]
    judged = jobs.scrapy("rejudge", "demo")
    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert "nothing was fetched" in judged.stdout
    assert jobs.runs()[0].counts["jp"]["unchanged"] == 1
    assert "new 1" in jobs.scrapy("list", "demo").stdout


def test_a_failure_is_recorded_and_told(jobs: Jobs, tmp_path: Path) -> None:
    """With the last words of the crawl and its exit code, and whoever is to be told is."""
    told = tmp_path / "told.json"
    jobs.write({"settings": {"LEDGER_KEY": "jobs.yaml"}}, notify=[{"command": ["tee", str(told)]}])
    done = jobs.scrapy("run", "demo")
    (run,) = jobs.runs()
    assert (run.status, run.exit, done.returncode) == (Status.FAILED, 1, 1), done.stdout + done.stderr
    assert run.reason
    event = json.loads(told.read_bytes())
    assert (event["event"], event["job"], event["run"]) == ("failed", "demo", run.run)
    listed = jobs.scrapy("list")
    assert f"{run.run} failed: {run.reason}" in listed.stdout
