"""What is recorded of runs, who may run them, what is told of them, and what is deleted after them."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.durable import InUseError
from crawler.jobs.book import Book, Run, Status
from crawler.jobs.house import MOST_ATTEMPTS, SERVE_ENDED, House
from crawler.jobs.locks import CLAIMS, FolderLocks, is_orphaned
from crawler.jobs.model import Retention, Schedule
from crawler.jobs.one_run import ASKED, SKIPPED, OneRun
from crawler.jobs.read import read
from crawler.jobs.running import End
from crawler.jobs.schedule import key_of, last_due, next_due
from crawler.jobs.serve import Server
from crawler.jobs.wrap_up import events_of, expire_runs
from crawler.metrics.read_text import read_text
from tests.browser_crawl import make

DUE = "20261123T030000Z"
COUNTS = {"jp": {"seen": 10, "kept": 8, "dropped": 2, "pending": 0}}


def _run(book: Book, job: str = "a", due: str | None = None, **values: Any) -> Run:
    run = book.enter(job, "r", due, "by hand")
    assert run
    changed = book.change(run, **values) if values else run
    assert changed
    return changed


def test_a_due_time_is_entered_once(tmp_path: Path) -> None:
    """Runs by hand as often as one likes, each with a folder of its own."""
    book = Book(tmp_path)
    assert book.enter("a", DUE, DUE, "on time")
    assert book.enter("a", DUE, DUE, "on time") is None
    assert book.enter("b", DUE, DUE, "on time")
    names = [run.run for _ in range(3) if (run := book.enter("a", DUE, None, "by hand"))]
    assert names == [f"{DUE}-2", f"{DUE}-3", f"{DUE}-4"]


def test_what_is_not_as_it_was_is_left(tmp_path: Path) -> None:
    """Of two who decide about a run that waits, the first one does."""
    book = Book(tmp_path)
    run = _run(book)
    assert book.change(run, only=Status.QUEUED, status=Status.RUNNING)
    assert book.change(run, only=Status.QUEUED, status=Status.SKIPPED) is None
    assert book.run(run.id).status == Status.RUNNING


def test_a_new_schedule_has_missed_nothing(tmp_path: Path) -> None:
    """The book forgets what was due by the schedule of before."""
    book = Book(tmp_path)
    since = book.note_job("a", "every 1h").since
    book.note_due("a", DUE)
    assert (book.note_job("a", "every 1h").since, book.note_job("a", "every 1h").last_due) == (since, DUE)
    changed = book.note_job("a", "every 2h")
    assert (changed.last_due, changed.since >= since) == ("", True)


def test_a_claim_is_made_once_and_not_for_ever(tmp_path: Path) -> None:
    """By file, so that a host whose clock is behind does not come again; what died unrecorded may be claimed again."""
    locks = FolderLocks(tmp_path)
    due = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    assert [locks.claim("a", due), locks.claim("a", due), locks.claim("b", due)] == [True, False, True]
    assert not is_orphaned(locks.owner("a", due))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    claim = tmp_path / "a" / CLAIMS / due
    claim.write_text(json.dumps({**json.loads(claim.read_bytes()), "pid": gone.pid}))
    assert is_orphaned(locks.owner("a", due))
    claim.write_text(json.dumps({"host": "another", "pid": gone.pid}))
    assert not is_orphaned(locks.owner("a", due))
    (tmp_path / "a" / CLAIMS / "20200101T000000Z").touch()
    locks.claim("a", f"{datetime.now(UTC) + timedelta(seconds=1):%Y%m%dT%H%M%SZ}")
    assert not (tmp_path / "a" / CLAIMS / "20200101T000000Z").exists()


def test_a_due_time_is_not_lost_where_the_book_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was claimed by then, and is entered as soon as the book answers."""
    house, due = _house(tmp_path, []), datetime.now(UTC)

    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(Book, "enter", refuse)
        with pytest.raises(sqlite3.OperationalError):
            house.enter(house.jobs["a"], due, "on time")
    assert house.enter(house.jobs["a"], due, "on time")
    assert house.enter(house.jobs["a"], due, "on time") is None


ASKED_TO_END = [
    (Status.STOPPED, SERVE_ENDED, "serve began again"),
    (Status.KILLED, f"{SERVE_ENDED}; it did not end within 120 s", "serve began again"),
    (Status.STOPPED, "hours: 5h are over", None),
    (Status.KILLED, "by signal 9, not by us", None),
]


@pytest.mark.parametrize(("status", "reason", "why"), ASKED_TO_END)
def test_what_an_ended_server_left_is_gone_on_with(
    tmp_path: Path, status: Status, reason: str, why: str | None
) -> None:
    """Also where it had to be killed."""
    house = _house(tmp_path, [])
    _run(house.book, status=status, reason=reason, started="2026-11-23T03:00:00.000Z", goes_on=1)
    Server(house, read)._resume_own()
    assert [run.why for run in house.book.runs("a", Status.QUEUED)] == ([why] if why else [])


LEFT = [
    ([(DUE, Status.STOPPED, ASKED)], True),
    ([(DUE, Status.KILLED, f"{ASKED}; it did not end within 120 s")], True),
    ([(DUE, Status.STOPPED, ASKED), (None, Status.STOPPED, ASKED)], True),
    ([(None, Status.STOPPED, ASKED)], False),
    ([(DUE, Status.STOPPED, "hours: 5h are over")], False),
    ([(DUE, Status.FINISHED, "")], False),
]


@pytest.mark.parametrize(("before", "goes_on"), LEFT)
def test_what_is_left_of_a_due_time_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: list[tuple[str | None, Status, str]], goes_on: bool
) -> None:
    """However often it was asked to end, as a pod is; what was begun by hand is left to the hand."""
    house, due = _house(tmp_path, [], schedule={"cron": "0 3 23 11 *"}), datetime.now(UTC)
    monkeypatch.setattr("crawler.jobs.one_run.last_due", lambda *_: due)
    house.locks.claim("a", key_of(due))
    for number, (of_due, status, reason) in enumerate(before):
        run = house.book.enter("a", f"r{number}", key_of(due) if of_due else None, "by hand")
        assert run
        house.book.change(run, run="r0", status=status, reason=reason, started="2026-11-23T03:00:00.000Z")
    monkeypatch.setattr(OneRun, "_through", lambda _, entered: 7)
    assert OneRun(house, house.jobs["a"]).if_due() == (7 if goes_on else 0)


def test_the_book_has_the_schedule_also_where_another_scheduler_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of jobs shows it; a `serve` that comes after has missed nothing that was seen to."""
    house = _house(tmp_path, [], schedule={"every": "6h"})
    monkeypatch.setattr(OneRun, "_through", lambda _, entered: 0)
    assert OneRun(house, house.jobs["a"]).if_due() == 0
    (known,) = house.book.known()
    assert (known.schedule, known.last_due) == ("every 6h", house.book.runs("a")[0].due)
    assert datetime.fromisoformat(known.next_due) > datetime.now(UTC)


def test_who_waits_may_leave_when_another_process_has_begun_the_run(tmp_path: Path) -> None:
    """SIGTERM ends it, and the run goes on."""
    said: list[str] = []
    house = _house(tmp_path, said, overlap="queue")
    entered = house.enter(house.jobs["a"], None, "by hand")
    assert entered
    house.book.change(entered, status=Status.RUNNING, host="another", started="2026-11-23T03:00:00.000Z")
    one = OneRun(house, house.jobs["a"])
    one._ends = True
    assert one._through(entered) == SKIPPED
    assert house.book.run(entered.id).status == Status.RUNNING
    assert "begun by another process" in said[-1]


def test_one_holds_a_job(tmp_path: Path) -> None:
    """And lets go."""
    first, second = FolderLocks(tmp_path), FolderLocks(tmp_path)
    with first.hold("a"), second.hold("b"), pytest.raises(InUseError), second.hold("a"):
        pass
    with second.hold("a"):
        pass


def _house(folder: Path, said: list[str], **job: Any) -> House:
    file = folder / "jobs.yaml"
    usual = {"name": "a", "policy": "jp", "seeds": "http://127.0.0.1:9/"}
    file.write_text(json.dumps({"jobs": [{**usual, **job}]}))
    source = read(file)
    return House(source, Book(source.folder), FolderLocks(source.folder), lambda job, text: said.append(text))


def test_a_run_that_dies_again_and_again_is_given_up(tmp_path: Path) -> None:
    """It would take the machine with it each time."""
    said: list[str] = []
    house = _house(tmp_path, said)
    _run(house.book, status=Status.RUNNING, started="2026-11-23T03:00:00.000Z", attempts=MOST_ATTEMPTS)
    assert house.begin(house.jobs["a"]) is None
    (run,) = house.book.runs("a")
    assert (run.status, run.reason) == (Status.FAILED, f"died {MOST_ATTEMPTS} time(s)")


def test_of_many_that_wait_one_is_run(tmp_path: Path) -> None:
    """The others are skipped with the reason."""
    house = _house(tmp_path, [])
    for _ in range(3):
        house.enter(house.jobs["a"], None, "by hand")
    running = house.begin(house.jobs["a"])
    assert running
    running.ask_to_end(End("enough", goes_on=False))
    running.process.kill()
    running.process.wait()
    house.record(running)
    assert [run.status for run in house.book.runs("a")] == [Status.SKIPPED, Status.SKIPPED, Status.STOPPED]
    assert house.book.runs("a")[0].reason == "another run waits already"


SCHEDULES = [
    (Schedule(every="6h"), "2026-11-23T05:59:59+00:00", "2026-11-23T06:00:00+00:00"),
    (Schedule(every="6h"), "2026-11-23T06:00:00+00:00", "2026-11-23T12:00:00+00:00"),
    (Schedule(every="7h"), "1970-01-01T00:00:00+00:00", "1970-01-01T07:00:00+00:00"),
    (Schedule(cron="0 3 * * *", timezone="Asia/Tokyo"), "2026-11-23T00:00:00+00:00", "2026-11-24T03:00:00+09:00"),
]


@pytest.mark.parametrize(("schedule", "after", "due"), SCHEDULES)
def test_when_it_is_due_next(schedule: Schedule, after: str, due: str) -> None:
    """Intervals are counted from 1970, alike on every host."""
    assert next_due(schedule, datetime.fromisoformat(after)).isoformat() == due


MISSED = [
    (Schedule(every="6h"), "2026-11-20T00:00", "2026-11-23T07:00", "2026-11-23T06:00"),
    (Schedule(every="6h"), "2026-11-23T06:00", "2026-11-23T07:00", None),
    (Schedule(every="2s"), "2020-01-01T00:00", "2026-11-23T07:00", "2026-11-23T07:00"),
    (Schedule(cron="* * * * *"), "2020-01-01T00:00", "2026-11-23T07:00", "2026-11-23T07:00"),
    (Schedule(cron="0 3 * * *"), "2026-11-22T03:00", "2026-11-23T02:59", None),
    (Schedule(cron="0 3 * * *"), "2026-11-01T00:00", "2026-11-23T02:59", "2026-11-22T03:00"),
    (Schedule(cron="0 3 1 1 *"), "2020-11-01T00:00", "2026-11-23T02:59", "2026-01-01T03:00"),
    (Schedule(cron="0 3 29 2 *"), "2023-11-01T00:00", "2026-11-23T02:59", "2024-02-29T03:00"),
]


@pytest.mark.parametrize(("schedule", "since", "now", "due"), MISSED)
def test_what_was_due_last(schedule: Schedule, since: str, now: str, due: str | None) -> None:
    """After a moment and up to now; however long ago."""
    found = last_due(schedule, *(datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (since, now)))
    assert (f"{found:%Y-%m-%dT%H:%M}" if found else None) == due


TOLD: list[tuple[dict[str, Any], Mapping[str, Mapping[str, int]] | None, list[str]]] = [
    ({"status": Status.FINISHED, "counts": COUNTS}, COUNTS, []),
    ({"status": Status.FINISHED, "counts": COUNTS}, None, []),
    ({"status": Status.FAILED, "reason": "disk"}, COUNTS, ["failed"]),
    ({"status": Status.KILLED}, None, ["failed"]),
    ({"status": Status.STOPPED, "reason": "hours"}, COUNTS, []),
    ({"status": Status.SKIPPED}, COUNTS, []),
    ({"status": Status.FINISHED, "counts": {"jp": {"seen": 10, "kept": 4}}}, COUNTS, []),  # half is not less than half
    ({"status": Status.FINISHED, "counts": {"jp": {"seen": 10, "kept": 3}}}, COUNTS, ["keep-rate"]),
    ({"status": Status.FINISHED, "counts": {"jp": {"seen": 10, "kept": 3, "unchanged": 5}}}, COUNTS, []),
    ({"status": Status.FINISHED, "counts": {"jp": {"seen": 10, "kept": 3, "pending": 6}}}, COUNTS, []),
    ({"status": Status.FINISHED, "counts": {"us": {"seen": 10, "kept": 1}}}, COUNTS, []),
    ({"status": Status.STOPPED, "counts": {"jp": {"seen": 10, "kept": 3}}}, COUNTS, []),
    ({"status": Status.FINISHED, "counts": {"jp": {"seen": 9, "kept": 1}}, "changes": {"not_due": 90}}, COUNTS, []),
    (
        {"status": Status.FINISHED, "counts": {"jp": {"seen": 9, "kept": 1}}, "changes": {"not_due": 0}},
        COUNTS,
        ["keep-rate"],
    ),
    ({"status": Status.FINISHED, "changes": {"drift": 2}}, None, ["drift"]),
    ({"status": Status.FINISHED, "changes": {"drift": 0}}, None, []),
    ({"status": Status.FINISHED, "changes": {"drift": "2"}}, None, []),
]


@pytest.mark.parametrize(("values", "before", "told"), TOLD)
def test_what_the_operator_is_told(
    tmp_path: Path, values: dict[str, Any], before: Mapping[str, Mapping[str, int]] | None, told: list[str]
) -> None:
    """A failure, a keep rate below half of that of the run before, drift; nothing else."""
    run = _run(Book(tmp_path), **values)
    former = replace(run, counts=before, changes={}) if before is not None else None
    assert [event["event"] for event in events_of(run, former)] == told


KEPT = [
    (Retention(), date(2026, 11, 24), [True, True, True], 3),
    (Retention(runs=2), date(2026, 11, 24), [False, True, True], 2),
    (Retention(days=5), date(2026, 11, 24), [False, True, True], 2),
    (Retention(), date(2027, 11, 24), [False, False, False], 3),  # the policies' own days
]


@pytest.mark.parametrize(("retention", "today", "bodies", "logs"), KEPT)
def test_which_page_bodies_stay(
    tmp_path: Path, retention: Retention, today: date, bodies: list[bool], logs: int
) -> None:
    """Those of the last runs, never longer than the policies allow; ledgers and shards are not touched."""
    book = Book(tmp_path)
    for day in (1, 22, 23):
        started = f"2026-11-{day:02}T03:00:00.000Z"
        run = book.enter("a", f"r{day}", None, "by hand")
        assert run
        book.change(run, status=Status.FINISHED, started=started, ended=started)
        crawl = run.path(tmp_path)
        crawl.parent.mkdir(parents=True, exist_ok=True)
        make(crawl)
        _promise(crawl, 30)
        (crawl / "bodies").mkdir(exist_ok=True)
        (crawl / "bodies" / f"2026-11-{day:02}-00000.warc.gz").write_bytes(b"")
        (tmp_path / "a" / "logs").mkdir(exist_ok=True)
        (tmp_path / "a" / "logs" / f"r{day}.log").touch()
    before = {path for path in tmp_path.rglob("*") if path.is_file() and "bodies" not in path.parts}
    problems = list(expire_runs(book, "a", retention, str(tmp_path / "a" / "runs" / "ledger.key"), today))
    assert problems == []
    found = [any((tmp_path / "a" / "runs" / f"r{day}" / "bodies").iterdir()) for day in (1, 22, 23)]
    assert found == bodies
    assert len(list((tmp_path / "a" / "logs").iterdir())) == logs
    after = {path for path in tmp_path.rglob("*") if path.is_file() and "bodies" not in path.parts}
    assert {path for path in before - after if path.suffix != ".log"} == set()


def _promise(crawl: Path, days: int) -> None:
    run = json.loads((crawl / "run.json").read_bytes())
    run["retention"] = {"bodies": "retention", "days": days, "by": ["jp"]}
    (crawl / "run.json").write_text(json.dumps(run))


def test_figures_of_runs_are_told_with_their_jobs(tmp_path: Path) -> None:
    """Each metric once, with the samples of all crawls; files that are torn, foreign or not there have none."""
    told = '# HELP usufruct_{0} x\n# TYPE usufruct_{0} {1}\nusufruct_{0}{{kind="a"}} {2}\n'
    files = {
        "one": told.format("asked_total", "counter", 3) + told.format("queue", "gauge", 1),
        "two": told.format("asked_total", "counter", 4),
        "foreign": "# HELP go_info x\n# TYPE go_info gauge\ngo_info 1\n",
        "torn": 'usufruct_queue{kind="a',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found = read_text({tmp_path / name: {"job": name} for name in (*files, "missing")})
    samples = {metric.name: sorted((labels["job"], value) for labels, value in metric.samples) for metric in found}
    assert samples == {"usufruct_asked_total": [("one", 3.0), ("two", 4.0)], "usufruct_queue": [("one", 1.0)]}
    assert all(labels["kind"] == "a" for metric in found for labels, _ in metric.samples)
