"""`scrapy audit summary`: every URL once, what waits, what happened, and how to go on; wide, narrow and piped."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from crawler.audit.crawl_folder import open_crawl
from crawler.audit.summary import Summary, summarize
from crawler.durable import locked
from crawler.shards import manifest
from crawler.views.summaries import event_words
from tests import audit_crawl
from tests.audit_crawl import LINES, dropped, event, outcome
from tests.test_journeys import ROOT, scrapy

SETTINGS = "crawler.settings"


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audit_crawl.write(tmp_path_factory.mktemp("summary") / "crawl")


def _summary(folder: Path) -> Summary:
    return summarize(open_crawl(folder), manifest.read)


def test_every_url_counts_once_events_count_as_none(crawl: Path) -> None:
    """Six addresses under each policy, whatever else the ledger tells."""
    told = _summary(crawl).as_json()
    assert told["policies"] == {
        "jp": {"seen": 6, "kept": 2, "dropped": 1, "held": 0, "failed": 1, "pending": 2},
        "eu": {"seen": 6, "kept": 1, "dropped": 3, "held": 0, "failed": 1, "pending": 1},
    }
    assert told["unreadable_lines"] == 0
    assert told["crawl"]["addresses"] == 6


def test_personal_data_is_counted_by_type(crawl: Path) -> None:
    """How many were found, and on how many pages they were treated how."""
    assert _summary(crawl).as_json()["personal_data"] == {
        "found": {"EMAIL_ADDRESS": {"eu": 1}, "PERSON": {"jp": 2}},
        "treatments": {"contact": {"eu": {"redact": 1}}, "person_name": {"jp": {"pseudonymize": 1}}},
    }


def test_policies_are_compared_by_pages(crawl: Path) -> None:
    """What is pending under one of them is no difference yet."""
    changes = [{"from": "kept", "to": "dropped", "pages": 1}]
    assert _summary(crawl).as_json()["differences"] == [{"left": "jp", "right": "eu", "pages": 1, "changes": changes}]


def test_events_are_counted_and_told_in_order(crawl: Path) -> None:
    """Reviews are only counted: there may be many."""
    told = _summary(crawl).as_json()["events"]
    assert told["counts"] == {"bodies-removed": 1, "of-tomorrow": 1, "review approve": 1}
    assert [one["event"] for one in told["last"]] == ["of-tomorrow", "bodies-removed"]


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ([{"time": "2026-11-23T09:01:00+00:00", "found": "1"}], [{"time": "2026-11-23T09:01:00+00:00", "found": "1"}]),
        ([{"found": "1"}, "of before"], [{"time": "", "found": "1"}]),
        ({"time": "none"}, []),
        (None, []),
    ],
)
def test_runs_that_went_on_are_told_as_they_stand(tmp_path: Path, stored: Any, told: list[dict[str, str]]) -> None:
    """Each with its time and what it found; what is no such entry is left out."""
    crawl = audit_crawl.write(tmp_path / "crawl")
    run = json.loads((crawl / "run.json").read_text())
    (crawl / "run.json").write_text(json.dumps({**run, "resumed": stored}))
    assert _summary(crawl).as_json()["crawl"]["resumed"] == told


def test_the_newest_outcome_counts_also_behind_events(tmp_path: Path) -> None:
    """A page that failed, was tried again after a resume, and was dropped, is dropped."""
    url = "https://a.example/1"
    lines = [outcome(url, "jp", "failed"), event("of-tomorrow", "10:00", note=""), dropped(url, "jp", "jp.x")]
    summary = _summary(audit_crawl.write(tmp_path / "crawl", lines))
    assert (summary.policies["jp"]["failed"], summary.policies["jp"]["dropped"]) == (0, 1)


def test_a_line_that_lost_a_member_is_not_counted(tmp_path: Path) -> None:
    """And does not hide the sound one before it."""
    url = "https://a.example/1"
    broken = {name: value for name, value in dropped(url, "jp", "jp.x").items() if name != "site"}
    summary = _summary(audit_crawl.write(tmp_path / "crawl", [outcome(url, "jp", "failed"), broken]))
    assert (summary.policies["jp"]["failed"], summary.policies["jp"]["dropped"], summary.unreadable) == (1, 0, 1)


def test_a_crawl_that_runs_or_died_is_summarized(tmp_path: Path) -> None:
    """It says which of the two it is, and how to go on."""
    folder = audit_crawl.write(tmp_path / "crawl", finished=False)
    died = scrapy("audit", "summary", str(folder)).stdout
    assert "not closed" in died
    assert f"2 pending; to go on: scrapy crawl web -a out={folder} --resume" in died
    with locked(folder):
        running = scrapy("audit", "summary", str(folder)).stdout
        assert json.loads(scrapy("audit", "summary", str(folder), "--json").stdout)["crawl"]["in_use"] is True
    assert "running now" in running
    assert "--resume" not in running
    assert "in_use" in scrapy("audit", "summary", str(folder), "--json").stdout


def test_a_crawl_that_ended_says_when(crawl: Path) -> None:
    """With what was judged, by whom and under which rules."""
    told = scrapy("audit", "summary", str(crawl)).stdout
    for words in (
        "Crawl 20261123T090000-abcdef, by UsufructBot",
        "begun 2026-11-23 09:00:00, resumed once, closed 2026-11-23 11:00:00 (2 h 0 min); 6 addresses, 3 sites",
        "jp  Japan, rules of 2026-11-23, digest digest-jp",
        "Pages on which policies differ\n  jp -> eu  1: kept -> dropped 1",
        "2026-11-23 09:01:00  of-tomorrow: a later version",
        "2026-11-23 10:30:00  bodies removed, 1 file: jp allows 0 days",
        "reviewed once: approve 1",
    ):
        assert words in told


def test_piped_it_is_plain_columns(crawl: Path) -> None:
    """No escape code, a rule a line with its plain sentence, 0 where nothing is."""
    told = scrapy("audit", "summary", str(crawl), FORCE_COLOR="1").stdout
    assert "\x1b" not in told
    row = next(line for line in told.splitlines() if line.startswith("eu.reservation"))
    assert re.split(r" {2,}", row) == [
        "eu.reservation", "drop", "law", "EU-CDSM-4-3", "0", "2", "A machine-readable reservation ends the use.",
    ]  # fmt: skip


@pytest.mark.parametrize("columns", [80, 140, 60])
def test_it_fits_the_terminal(crawl: Path, columns: int) -> None:
    """No line is longer than the terminal is wide; what a rule says stands below it."""
    told = _in_terminal(["audit", "summary", crawl.name], crawl.parent, columns)
    assert max(map(len, told.splitlines())) <= columns
    assert "eu.reservation" in told
    assert "A machine-readable reservation ends the use." in " ".join(told.split())


def test_many_policies_are_told_in_blocks(tmp_path: Path) -> None:
    """Where columns do not fit beside names, the grid is printed in several."""
    folder = audit_crawl.write(tmp_path / "crawl")
    run = json.loads((folder / "run.json").read_text())
    run["policies"] += [{"id": f"policy-{n}", "title": "T", "day": "2026-11-23", "digest": "d"} for n in range(20)]
    (folder / "run.json").write_text(json.dumps(run))
    told = _in_terminal(["audit", "summary", folder.name], tmp_path, 80)
    assert max(map(len, told.splitlines())) <= 80
    assert told.count("From seen to kept") > 2


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"event": "bodies-removed", "files": 7}, "bodies removed, 7 files"),
        ({"event": "bodies-removed", "files": 1, "note": "jp"}, "bodies removed, 1 file: jp"),
        ({"event": "of-tomorrow", "note": "x"}, "of-tomorrow: x"),
        ({"event": "of-tomorrow"}, "of-tomorrow"),
    ],
)
def test_an_event_in_words(members: Mapping[str, Any], words: str) -> None:
    """One that a later version invents, too."""
    assert event_words(members) == words


def test_lines_of_the_test_crawl_are_all_told() -> None:
    """The tests above count by hand."""
    assert sum("result" in line for line in LINES) == 10


def _in_terminal(arguments: list[str], folder: Path, columns: int) -> str:
    """What a terminal of that width shows, colors left out; from a folder, as a long path is not broken."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", *arguments], cwd=folder, stdout=slave, stderr=subprocess.DEVNULL, stdin=slave,
        env={**environment, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "SCRAPY_SETTINGS_MODULE": SETTINGS},
    )  # fmt: skip
    os.close(slave)
    told = b""
    while True:
        try:
            part = os.read(master, 65_536)
        except OSError:  # the terminal is closed
            break
        if not part:
            break
        told += part
    os.close(master)
    assert process.wait(timeout=60) == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", told.decode()).replace("\r", "")
