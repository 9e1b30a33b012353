"""Three runs of one job over a site that changes: what the site did, and what the lines say of it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from crawler.document import url_id
from crawler.known.book import Book
from crawler.known.incremental import runs_in
from crawler.known.intervals import Intervals
from crawler.known.learning import learn
from tests.changing_site import ChangingSite, Served, site_file
from tests.test_journeys import FAST, lines, records, scrapy

TABLE = Path(__file__).parent / "known" / "site.yaml"
ROWS: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(TABLE.read_text(encoding="utf-8"))
RUNS = ("1", "2", "3")
POLICIES = ("jp", "eu")
ALWAYS_DUE = ("-s", "REVISIT_ALL=True")
BY_AGE = ("-s", "REVISIT_ALL=False")
FILES = {"robots": "/robots.txt", "tdmrep": "/.well-known/tdmrep.json"}


def crawl(out: Path, seeds: str, book: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return scrapy(
        "crawl", "web", "-a", f"seeds={seeds}", "-a", "policy=jp,eu", "-a", f"out={out}", "-a", f"known={book}", *FAST,
        *ALWAYS_DUE, "-s", "PII_NAMES=False", "-s", "POSTPONE_TIMES=0", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8", *more,
    )  # fmt: skip


@dataclass
class Job:
    """The three runs."""

    folder: Path
    site: ChangingSite
    said: list[subprocess.CompletedProcess[str]] = field(default_factory=list)
    asked: list[dict[str, list[int]]] = field(default_factory=list)

    def run(self, name: str) -> Path:
        return self.folder / "runs" / name

    def lines(self, name: str) -> dict[tuple[str, str], dict[str, Any]]:
        """The lines of a run by name of the address and policy."""
        return {(line["url_sha256"], line["policy"]): line for line in lines(self.run(name)) if "result" in line}


def place(number: int, row: dict[str, Any]) -> str:
    return f"{row.get('host', 'plain')}/{number}{row.get('query', '')}"


def _serve(site: ChangingSite, run: int) -> None:
    """Change the site as the table says, before a run."""
    for number, row in enumerate(ROWS):
        served = site.at.setdefault(place(number, row), Served(title=f"{number}", **row["page"]))
        for name, value in (dict(enumerate(row.get("then", ()), 1)).get(run) or {}).items():
            setattr(served, name, value)
        for name, path in FILES.items():
            versions = row.get(name, ())
            if run < len(versions):
                version, where = versions[run], f"{row['host']}{path}"
                site.at.pop(where, None)
                if version:
                    site.at[where] = Served(status=version) if isinstance(version, int) else site_file(version)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Job]:
    folder = tmp_path_factory.mktemp("job")
    with ChangingSite() as site:
        found = Job(folder, site)
        for run, name in enumerate(RUNS):
            _serve(site, run)
            seeds = ",".join(site.url(place(number, row)) for number, row in enumerate(ROWS))
            more = BY_AGE if name == "2" else ()
            found.said.append(crawl(found.run(name), seeds, folder / "known.sqlite", *more))
            asked = defaultdict(list)
            for where, status, _ in site.asked():
                asked[where].append(status)
            found.asked.append(asked)
        yield found


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[row["id"] for row in ROWS])
def test_what_the_site_did_and_what_the_line_says(job: Job, number: int) -> None:
    """How often the page was asked for, run by run; result and rule under each policy; and what is listed as drift."""
    row = ROWS[number]
    where = place(number, row)
    name = url_id(job.site.url(where))
    expected = [status if isinstance(status, list) else [status] for status in row["asked"]]
    assert [found.get(where, []) for found in job.asked] == expected
    for policy in POLICIES:
        for run, said in zip(RUNS, row[policy], strict=True):
            result, _, rule = said.partition(" ")
            line = job.lines(run).get((name, policy))
            assert ("-" if line is None else line["result"]) == result, (policy, run)
            assert line is None or not rule or line["rule"] == rule, (policy, run)
    drifted = [json.loads(line) for line in (job.run("2") / "drift.jsonl").read_text().splitlines()]
    assert {line["policy"]: line["because"] for line in drifted if line["url_sha256"] == name} == row.get("drift", {})


def test_every_run_ends_well_and_verifies(job: Job) -> None:
    """Exit code 0, the sums hold, and the lines that are named elsewhere are there."""
    for said in job.said:
        assert said.returncode == 0, said.stderr
        assert "Traceback" not in said.stderr
    verified = scrapy("audit", "verify", str(job.run("3")))
    assert verified.returncode == 0, verified.stdout
    assert " unchanged " in verified.stdout
    repeated = scrapy("judge", str(job.run("3")), "--verify")
    assert repeated.returncode == 0, repeated.stdout


def test_an_unchanged_line_names_the_record_that_stands(job: Job) -> None:
    """The crawl, the line there, its result and its shard; no other line has the member."""
    ids = {json.loads((job.run(name) / "run.json").read_text())["id"]: name for name in RUNS}
    named = 0
    for name in RUNS:
        for key, line in job.lines(name).items():
            if line["result"] != "unchanged":
                assert "unchanged" not in line
                continue
            stands = line["unchanged"]
            other = job.lines(ids[stands["crawl"]])[key]
            assert {"crawl", "ledger", "result", "shard"} == stands.keys()
            assert (other["seq"], other["result"], other["shard"]) == (
                stands["ledger"], stands["result"], stands["shard"]
            )  # fmt: skip
            assert line["treatments"] == other["treatments"]
            assert not line["shard"]
            named += 1
    assert named > 20


def test_changes_are_counted(job: Job) -> None:
    """new, changed, unchanged, gone, not due, drift: pages, by the table."""
    first, second, third = (json.loads((job.run(name) / "changes.json").read_text()) for name in RUNS)
    fetched = sum(row["asked"][0] != [] for row in ROWS)
    assert first == {"new": fetched, "changed": 0, "unchanged": 0, "gone": 0, "not_due": 0, "drift": 0}
    assert (second["new"], second["gone"], second["not_due"]) == (1, 1, 1)
    assert second["drift"] == sum("drift" in row for row in ROWS)
    assert second["changed"] == 1  # the text; what a record would hold of the others is the same
    assert third["drift"] == third["new"] == third["changed"] == 0


def test_drift_is_told_on_the_console_and_by_the_audit(job: Job) -> None:
    """Of a crawl, and of all that the book knows; masked, and the same in both."""
    assert "pages of 3 sites, kept before and refused now" in job.said[1].stdout
    assert "drift:" not in job.said[0].stdout + job.said[2].stdout
    of_crawl = scrapy("audit", "drift", str(job.run("2")), "--json")
    of_book = scrapy("audit", "drift", str(job.folder / "known.sqlite"), "--json")
    assert of_crawl.stdout == of_book.stdout
    assert len(of_crawl.stdout.splitlines()) == sum(len(row.get("drift", {})) for row in ROWS)
    assert "base.robots-disallowed, said by its site" in scrapy("audit", "drift", str(job.run("2"))).stdout
    assert scrapy("audit", "drift", str(job.folder / "nothing")).returncode == 2


def test_a_release_of_the_job_holds_what_stands(job: Job, tmp_path: Path) -> None:
    """Each address once, by its latest outcome; the receipt says what was taken back and why."""
    made = scrapy("release", str(job.folder), "-a", "policy=jp", "-a", f"out={tmp_path / 'out'}")
    assert made.returncode == 0, made.stderr
    receipt = json.loads((tmp_path / "out" / "release.json").read_text())
    stands = [row for row in ROWS if _stands(row["jp"])]
    assert receipt["records"]["in"] == len(stands) == len(records(tmp_path / "out", "."))
    assert receipt["suppressed_by"] == {"drift": 2, "gone": 1}
    assert receipt["records"]["replaced"] == 5  # a new text, and four that are held now
    assert [part["ledger"]["size"] for part in receipt["made_from"]["crawls"]] == [len(lines(job.run(n))) for n in RUNS]


def test_no_identifier_stands_in_the_book_or_beside_the_ledger(job: Job) -> None:
    """The address that holds one is known by its name only."""
    for path in (job.folder / "known.sqlite", *job.folder.rglob("*.jsonl"), *job.folder.rglob("*.json")):
        assert b"jane.doe" not in path.read_bytes(), path
    book = sqlite3.connect(job.folder / "known.sqlite")
    assert book.execute("SELECT COUNT(*) FROM page WHERE url IS NULL").fetchone() == (1,)


def test_the_book_can_be_made_again_from_the_runs(job: Job, tmp_path: Path) -> None:
    """Whoever loses it reads them again, in their order; a crawl that is read twice teaches nothing new."""
    with Book(tmp_path / "again.sqlite") as book:
        runs = runs_in(job.folder / "runs")
        assert [learn(folder, book, Intervals()) > 0 for folder in (*runs, *runs)] == [True] * 3 + [False] * 3
    for table in ("page", "stand", "drift"):
        asked = f"SELECT * FROM {table} ORDER BY 1, 2"
        books = (sqlite3.connect(path) for path in (job.folder / "known.sqlite", tmp_path / "again.sqlite"))
        before, again = (one.execute(asked).fetchall() for one in books)
        assert before == again


def test_a_limit_leaves_links_to_the_next_run(tmp_path: Path) -> None:
    """Their page rests, or says that nothing has changed; they are asked for all the same, and each once."""
    with ChangingSite() as site:
        links = "".join(f'<a href="/{number}">x</a>' for number in range(1, 7))
        site.at |= {"hub/0": Served(beside=links), **{f"hub/{n}": Served(title=f"{n}") for n in range(1, 7)}}
        for run, asked in (("1", 4), ("2", 3), ("3", 0)):
            process = scrapy(
                "crawl", "web", "-a", f"seeds={site.url('hub/0')}", "-a", "policy=jp", "-a", f"out={tmp_path / run}",
                "-a", f"known={tmp_path / 'known.sqlite'}", "-a", "follow=1", "-a", "limit=4", *FAST,
                "-s", "PII_NAMES=False", "-s", "REVISIT_FIRST=86400",
            )  # fmt: skip
            assert process.returncode == 0, process.stderr
            assert len(site.asked()) == asked, run
    assert json.loads((tmp_path / "3" / "changes.json").read_text())["not_due"] == 7


def test_the_folder_of_a_crawl_stands_for_a_book(tmp_path: Path) -> None:
    """Read once; what it knows from a crawl before it still stands, and no book is left behind."""
    with ChangingSite() as site:
        site.at |= {f"a/{number}": Served(title=f"{number}", validators=["etag"]) for number in range(3)}
        seeds = ",".join(site.url(f"a/{number}") for number in range(3))
        assert crawl(tmp_path / "1", seeds, tmp_path / "first.sqlite").returncode == 0
        for before, run in (("1", "2"), ("2", "3")):
            process = crawl(tmp_path / run, seeds, tmp_path / before)
            assert process.returncode == 0, process.stderr
        assert {status for _, status, _ in site.asked()[3:]} == {304}
    (first,) = {line["unchanged"]["crawl"] for line in lines(tmp_path / "3") if "unchanged" in line}
    assert first == json.loads((tmp_path / "1" / "run.json").read_text())["id"]
    assert not list((tmp_path / "3").rglob("*.sqlite*"))


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ("folder", "a folder without a ledger; give the file of a book"),
        ("text", "cannot be used as a book of known pages (file is not a database)"),
        ("other", "cannot be used as a book of known pages (it is a database of another kind)"),
    ],
)
def test_what_is_no_book_is_refused(known: str, words: str, tmp_path: Path) -> None:
    """One message, no folder, nothing asked for; somebody else's database stays as it is."""
    (tmp_path / "folder").mkdir()
    with sqlite3.connect(tmp_path / "other") as database:
        database.execute("CREATE TABLE runs (id INTEGER PRIMARY KEY)")
    database.close()
    other = (tmp_path / "other").read_bytes()
    (tmp_path / "text").write_text("no book" * 999)
    process = crawl(tmp_path / "out", "http://127.0.0.1:9/", tmp_path / known)
    assert process.returncode == 1
    assert words in process.stderr
    assert "Traceback" not in process.stderr
    assert process.stderr.count("book of known pages (") == (known != "folder")
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "other").read_bytes() == other


def _stands(said: list[str]) -> bool:
    """Whether what was decided last is that the page is kept."""
    results = [each.split()[0] for each in said]
    return [result for result in results if result not in ("-", "failed", "unchanged")][-1] == "kept"
