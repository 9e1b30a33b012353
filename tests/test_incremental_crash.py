"""An incremental run that is killed and goes on ends as one that nobody disturbed, and so does its book."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.changing_site import ChangingSite, Served, site_file
from tests.test_incremental import ALWAYS_DUE
from tests.test_journeys import FAST, ROOT, lines, scrapy

PAGES = 24
LONGEST_S = 120


def _arguments(site: ChangingSite, out: Path, *more: str) -> list[str]:
    seeds = ",".join(site.url(f"{host}/0") for host in ("open", "closing"))
    return [
        "crawl", "web", "-a", f"seeds={seeds}", "-a", "policy=jp,eu", "-a", f"out={out}", "-a", "follow=99", "-a",
        f"known={out.parent.parent / 'known.sqlite'}", *FAST, *ALWAYS_DUE, "-s", "PII_NAMES=False", *more,
    ]  # fmt: skip


def _fill(site: ChangingSite) -> None:
    """Chains of pages, of which each links to the next."""
    for host in ("open", "closing"):
        for number in range(PAGES):
            beside = f'<a href="/{number + 1}">next</a>' if number + 1 < PAGES else ""
            site.at[f"{host}/{number}"] = Served(title=f"{host} {number}", beside=beside, validators=["etag"])


def _change(site: ChangingSite) -> None:
    for number in range(0, PAGES, 5):
        site.at[f"open/{number}"].text = "The ferry came back in spring, with a new captain and an old bell. " * 4
    site.at["open/7"].status = 410
    site.at["closing/robots.txt"] = site_file("User-agent: *\nDisallow: /\n")


def _killed(arguments: list[str], out: Path, after: int) -> None:
    """Run until the ledger has so many lines, then kill -9."""
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", *arguments], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    ledger, until = out / "ledger" / "00000.jsonl", time.monotonic() + LONGEST_S
    while time.monotonic() < until and process.poll() is None:
        if ledger.exists() and ledger.read_bytes().count(b"\n") >= after:
            break
        time.sleep(0.02)
    process.kill()
    process.wait()


def _book(job: Path) -> list[Any]:
    """All that does not tell one run from another."""
    database = sqlite3.connect(job / "known.sqlite")
    return [
        database.execute(statement).fetchall()
        for statement in (
            "SELECT url, status, etag, hex(body), hex(content), interval > 0, said, crawl, looked, meta FROM page "
            "ORDER BY url",
            "SELECT hex(name), policy, digest, result, rule, crawl, record_crawl, record_result, treatments FROM stand "
            "ORDER BY name, policy",
            "SELECT hex(name), policy, was, now, rule, because, crawl FROM drift ORDER BY name, policy",
            "SELECT number, done FROM crawl ORDER BY number",
        )
    ]


def _told(out: Path) -> list[Any]:
    return sorted(
        (line["url"], line["policy"], line["result"], line["rule"]) for line in lines(out) if "result" in line
    )


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same two runs twice; the second run of the second job dies twice."""
    calm, disturbed = tmp_path_factory.mktemp("calm"), tmp_path_factory.mktemp("disturbed")
    with ChangingSite() as site:
        _fill(site)
        for job in (calm, disturbed):
            assert scrapy(*_arguments(site, job / "runs" / "1")).returncode == 0
        _change(site)
        assert scrapy(*_arguments(site, calm / "runs" / "2")).returncode == 0
        out = disturbed / "runs" / "2"
        for after in (12, 40):
            _killed(_arguments(site, out, "--resume", "-s", "DOWNLOAD_DELAY=0.1"), out, after)
        ended = scrapy(*_arguments(site, out, "--resume"))
        assert ended.returncode == 0, ended.stderr
    return calm, disturbed


def test_the_book_is_the_same(jobs: tuple[Path, Path]) -> None:
    """Pages, decisions, drift, and which crawls are learnt."""
    calm, disturbed = jobs
    for one, other in zip(_book(calm), _book(disturbed), strict=True):
        assert one == other


def test_the_lines_and_the_numbers_are_the_same(jobs: tuple[Path, Path]) -> None:
    """And the crawl verifies."""
    calm, disturbed = (job / "runs" / "2" for job in jobs)
    assert _told(calm) == _told(disturbed)
    assert (calm / "changes.json").read_text() == (disturbed / "changes.json").read_text()
    verified = scrapy("audit", "verify", str(disturbed))
    assert verified.returncode == 0, verified.stdout


def test_a_run_that_never_goes_on_is_learnt_by_the_next(tmp_path: Path) -> None:
    """As far as its records were published; the other pages are new to the next run."""
    with ChangingSite() as site:
        _fill(site)
        first, second = tmp_path / "runs" / "1", tmp_path / "runs" / "2"
        _killed(_arguments(site, first, "-s", "DOWNLOAD_DELAY=0.1"), first, 12)
        ended = scrapy(*_arguments(site, second))
    assert ended.returncode == 0, ended.stderr
    assert {line[2] for line in _told(second)} <= {"kept", "held", "unchanged"}
    assert len(_told(second)) == 4 * PAGES
    made = scrapy("release", str(tmp_path), "-a", "policy=jp", "-a", f"out={tmp_path / 'out'}")
    assert made.returncode in (0, 1)
    assert "Traceback" not in made.stderr
