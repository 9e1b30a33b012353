"""The index counts as the summary does, grows with the ledger, and can be thrown away at any time."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.audit.crawl_folder import open_crawl
from crawler.audit.fact_places import facts_at, places
from crawler.audit.facts import FactsWriter
from crawler.audit.frontier import Frontier
from crawler.audit.ledger import START, Ledger, seal
from crawler.audit.signing import SigningKey
from crawler.audit.summary import RESULTS, summarize
from crawler.browser import index, lookup
from crawler.browser.overview import overview
from crawler.browser.search import exact, names_like, rows_about
from crawler.document import Fact, url_id
from crawler.shards import manifest
from tests.test_audit import build

POLICIES = ("jp", "us", "eu")
ODD = "https://odd.example/100%_sure/%E6%97%A5?q=a_b"


def _line(url: str, policy: str, result: str = "dropped", **members: Any) -> dict[str, Any]:
    return {
        "time": "2026-11-23T09:00:00.000Z", "url": url, "url_sha256": url_id(url), "site": url.split("/")[2],
        "policy": policy, "digest": policy, "result": result, "stage": "shard" if result == "kept" else "signals",
        "rule": f"{policy}.rule", "effect": "drop", "status": "law", "citations": ["X-1"], "shard": "",
        "note": "tdm-reservation=1 (header:tdm-reservation)", **members,
    }  # fmt: skip


class Made:
    """A crawl's folder that is written line by line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seq, self.prev = 0, START
        (folder / "ledger").mkdir(parents=True)
        entries = [{"id": policy, "digest": policy} for policy in POLICIES]
        (folder / "run.json").write_text(json.dumps({"id": "c1", "policies": entries}))

    def add(self, *lines: dict[str, Any], file: int = 0) -> None:
        with (self.folder / "ledger" / f"{file:05d}.jsonl").open("ab") as ledger:
            for line in lines:
                content, self.prev = seal(line, self.seq, self.prev)
                ledger.write(content)
                self.seq += 1

    def raw(self, content: bytes) -> None:
        with (self.folder / "ledger" / "00000.jsonl").open("ab") as ledger:
            ledger.write(content)

    def accept(self, *urls: str) -> None:
        frontier = Frontier(self.folder)
        for url in urls:
            frontier.accept(url, url)
        frontier.close()

    def list(self, policy: str, records: int, end: int) -> None:
        folder = self.folder / policy
        folder.mkdir(exist_ok=True)
        shard = {"file": "00000.parquet", "records": records, "sha256": "", "ledger": {"from": 0, "to": end}}
        (folder / "manifest.json").write_bytes(manifest.render({"shards": [shard], "records": records}))


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path / "crawl")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index" / index.NAME


def _counts(folder: Path, path: Path) -> dict[str, Any]:
    """The index brought up to the crawl, as `summarize(...).as_json()` tells it."""
    path.parent.mkdir(exist_ok=True)
    crawl = open_crawl(folder)
    index.update(crawl, path)
    with index.reading(path) as database:
        assert not index.is_stale(crawl, database)
        found = overview(database)
        rows = database.execute(
            "SELECT policies.name, host, stage, outcome, SUM(pages) FROM cube JOIN policies ON policies.id = policy "
            "JOIN sites ON sites.id = site GROUP BY 1, 2, 3, 4"
        ).fetchall()
    sites: dict[str, dict[str, dict[str, int]]] = {}
    stages: dict[str, dict[str, dict[str, int]]] = {}
    for policy, host, stage, outcome, pages in rows:
        for table, name in ((sites, host), (stages, stage)):
            counts = table.setdefault(name, {}).setdefault(policy, _none())
            counts[outcome] += pages
            counts["seen"] += pages
    rules = (*found.closing, *found.opening)
    return {
        "policies": {policy: dict(counts) for policy, counts in found.policies.items()},
        "stages": _sorted(stages),
        "sites": _sorted(sites),
        "rules": {rule.name: dict(sorted(rule.pages.items())) for rule in sorted(rules)},
        "rule_texts": {
            rule.name: {"effect": rule.effect, "status": rule.status, "citations": list(rule.citations)}
            for rule in sorted(rules)
        },
        "unreadable_lines": found.unreadable,
    }


def _none() -> dict[str, int]:
    return dict.fromkeys(("seen", *RESULTS), 0)


def _sorted(table: dict[str, dict[str, dict[str, int]]]) -> dict[str, Any]:
    return {name: dict(sorted(found.items())) for name, found in sorted(table.items())}


def _summary(folder: Path) -> dict[str, Any]:
    told = summarize(open_crawl(folder), manifest.read).as_json()
    return {name: told[name] for name in ("policies", "stages", "sites", "rules", "rule_texts", "unreadable_lines")}


@pytest.mark.parametrize("publish", [True, False])
def test_it_counts_as_the_summary_does(publish: bool, tmp_path: Path, path: Path) -> None:
    """Also where no shard was published: then what was kept is pending."""
    build(tmp_path / "crawl", publish=publish)
    assert _counts(tmp_path / "crawl", path) == _summary(tmp_path / "crawl")


@pytest.mark.parametrize("seed", range(12))
def test_it_grows_as_the_ledger_does(seed: int, made: Made, path: Path) -> None:
    """Lines in any order, groups that are cut, URLs judged again: after each piece the same as built anew."""
    draw = random.Random(seed)
    urls = [f"https://s{number % 3}.example/{number}" for number in range(12)]
    for piece in range(5):
        made.accept(*draw.sample(urls, 3))
        for _ in range(draw.randrange(8)):
            url, policies = draw.choice(urls), draw.sample(POLICIES, draw.randrange(1, 4))
            result = draw.choice(("kept", "dropped", "held", "failed"))
            place = (
                f"{policies[0]}/00000.parquet#{draw.randrange(4)}" if result == "kept" and draw.random() < 0.7 else ""
            )
            made.add(*(_line(url, policy, result, shard=place) for policy in policies), file=piece // 3)
        if draw.random() < 0.6:
            made.list(draw.choice(POLICIES), draw.randrange(1, 5), made.seq)
        grown, fresh = _counts(made.folder, path), _counts(made.folder, path.with_name(f"fresh{piece}.sqlite"))
        assert grown == fresh == _summary(made.folder)


def test_what_was_appended_is_added_and_not_built_anew(made: Made, path: Path) -> None:
    """The file stays; only the new lines are read."""
    made.add(*(_line("https://a.example/1", policy) for policy in POLICIES))
    _counts(made.folder, path)
    before = path.stat().st_ino
    made.add(*(_line("https://a.example/2", policy) for policy in POLICIES))
    assert _counts(made.folder, path)["policies"]["jp"]["seen"] == 2
    assert path.stat().st_ino == before


def _cut(made: Made) -> None:
    ledger = made.folder / "ledger" / "00000.jsonl"
    ledger.write_bytes(b"".join(ledger.read_bytes().splitlines(keepends=True)[:1]))


def _change(made: Made) -> None:
    made.seq, made.prev = 0, START
    (made.folder / "ledger" / "00000.jsonl").unlink()
    made.add(*(_line("https://b.example/1", policy, note="x" * number) for number, policy in enumerate(POLICIES)))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_cut, id="a ledger that was cut after a crash"),
        pytest.param(_change, id="another ledger in the same place"),
        pytest.param(lambda made: made.list("jp", 1, 1), id="a manifest that was listed otherwise before"),
    ],
)
def test_what_changed_behind_it_is_built_anew(change: Any, made: Made, path: Path) -> None:
    """What was read must still stand; else the index starts again."""
    made.add(_line("https://a.example/1", "jp", "kept", shard="jp/00000.parquet#3"))
    made.add(*(_line("https://a.example/2", policy) for policy in POLICIES))
    made.list("jp", 4, 1)
    _counts(made.folder, path)
    before = path.stat().st_ino
    change(made)
    assert _counts(made.folder, path) == _summary(made.folder)
    assert path.stat().st_ino != before


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\1" * 5_000])
def test_a_file_that_is_no_index_is_replaced(content: bytes, made: Made, path: Path) -> None:
    """A cache may hold anything."""
    made.add(_line("https://a.example/1", "jp"))
    path.parent.mkdir()
    path.write_bytes(content)
    assert _counts(made.folder, path) == _summary(made.folder)


def test_it_lies_outside_of_the_crawl(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The crawl is evidence; another crawl has another index."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = index.index_path(made.folder)
    assert found.is_relative_to(tmp_path / "cache")
    assert found != index.index_path(tmp_path)
    before = sorted(made.folder.rglob("*"))
    index.update(open_crawl(made.folder), found)
    assert sorted(made.folder.rglob("*")) == before


def test_torn_and_foreign_lines(made: Made, path: Path) -> None:
    """A torn last line waits until it is whole; what is no line is counted, and an event is none of both."""
    whole, _ = seal(_line("https://a.example/2", "jp"), 1, "0" * 64)
    made.add(_line("https://a.example/1", "jp"))
    made.raw(b'{"result":"kept"}\n[1]\n\xff\n{"policy":7,"result":"kept","url_sha256":"ab"}\n')
    made.raw(b'{"url":"\\ud800","result":"dropped","policy":"jp","url_sha256":"00","seq":1,"site":"","stage":"",'
             b'"shard":"","rule":"","effect":"","status":"","citations":[]}\n')  # fmt: skip
    made.raw(whole[:40])
    counts = _counts(made.folder, path)
    assert counts["unreadable_lines"] == 4
    assert counts["policies"]["jp"]["seen"] == 2
    made.raw(whole[40:])
    assert _counts(made.folder, path)["policies"]["jp"]["seen"] == 3


def test_events_are_no_outcomes(made: Made, path: Path) -> None:
    """They are told apart, and reviews are found by record."""
    name = f"{url_id('https://a.example/1')}:jp"
    made.add(_line("https://a.example/1", "jp", "held", shard="jp/review/00000.parquet#0"))
    made.add({"event": "resumed", "time": "2026-11-23T09:00:00Z", "note": "went on"})
    made.add(
        {"event": "review", "time": "2026-11-23T09:01:00Z", "id": name, "mark": "reject", "by": "B", "reason": "no"}
    )
    made.add(
        {"event": "review", "time": "2026-11-23T09:02:00Z", "id": name, "mark": "approve", "by": "C", "reason": "y"}
    )
    counts = _counts(made.folder, path)
    assert (counts["unreadable_lines"], counts["policies"]["jp"]["seen"]) == (0, 1)
    with index.reading(path) as database:
        assert [review.mark for review in lookup.reviews(database, name)] == ["reject", "approve"]
        assert lookup.reviews(database, name.replace(":jp", ":us")) == ()


@pytest.fixture
def searched(made: Made, path: Path) -> Iterator[sqlite3.Connection]:
    """An index to search: a URL with the wildcards of LIKE, a few plain ones, one that waits."""
    path.parent.mkdir()
    for url in ("https://a.example/one", "https://b.example/two", "https://a.example/100xyzsure"):
        made.add(*(_line(url, policy, "failed" if policy == "us" else "dropped") for policy in POLICIES))
    made.add(*(_line(ODD, policy, note="robots=disallowed (robots.txt:L2)", rule="base.robots") for policy in POLICIES))
    made.accept("https://wait.example/")
    index.update(open_crawl(made.folder), path)
    with index.reading(path) as database:
        yield database


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "example/o"}, ["https://a.example/one"]),
        ({"q": "EXAMPLE/O"}, ["https://a.example/one"]),
        ({"q": "100%_sure"}, [ODD]),
        ({"q": "_sure"}, [ODD]),
        ({"q": "nothing"}, []),
        ({"q": '"; DROP TABLE urls; --'}, []),
        ({"site": "b.example"}, ["https://b.example/two"]),
        ({"site": "example"}, []),
        ({"rule": "base.robots"}, [ODD]),
        ({"rule": "base.robots", "outcome": "kept"}, []),
        ({"reason": "robots disallowed"}, [ODD]),
        ({"reason": '" OR NOT ('}, []),
        ({"policy": "us", "outcome": "failed", "site": "b.example"}, ["https://b.example/two"]),
        ({"policy": "us", "outcome": "pending"}, ["https://wait.example/"]),
        ({"differ": "jp,us", "site": "b.example"}, ["https://b.example/two"]),
        ({"differ": "jp,eu"}, []),
    ],
    ids=str,
)
def test_search(asked: dict[str, str], found: list[str], searched: sqlite3.Connection) -> None:
    """Characters are what they are: no wildcard, no operator, no SQL."""
    assert [row.url for row in rows_about(searched, asked).rows] == found


def test_names_and_whole_addresses(searched: sqlite3.Connection) -> None:
    """A whole address, with or without scheme, or its SHA-256, is one URL; parts of names are sites and rules."""
    name = url_id("https://a.example/one")
    assert (
        exact(searched, "https://a.example/one#part")
        == exact(searched, "a.example/one")
        == exact(searched, name)
        == name
    )
    assert exact(searched, "a.example") == exact(searched, "https://a.example/on") == exact(searched, "") == ""
    assert names_like(searched, "a.exa").sites == ("a.example",)
    assert names_like(searched, "ROBOTS").rules == ("base.robots",)
    assert names_like(searched, "%") == ((), ())


def test_pages_of_a_long_list_follow_each_other(made: Made, path: Path) -> None:
    """Each address once, in order."""
    path.parent.mkdir()
    urls = [f"https://a.example/{number}" for number in range(120)]
    for url in urls:
        made.add(_line(url, "jp"))
    index.update(open_crawl(made.folder), path)
    seen, after = [], 0
    with index.reading(path) as database:
        while True:
            found = rows_about(database, {"site": "a.example"}, after)
            seen += [row.url for row in found.rows]
            if not (after := found.after):
                break
    assert seen == urls


def test_the_page_of_a_url(made: Made, path: Path) -> None:
    """Its lines as they stand in the ledger, those that no longer count last, and its facts."""
    path.parent.mkdir()
    url = "https://a.example/1"
    facts = FactsWriter(made.folder)
    for number in range(3):
        facts.write(
            f"https://a.example/{number}", f"https://a.example/{number}", [Fact("robots", "allowed", "robots.txt")] * 2
        )
    facts.close()
    made.add(_line(url, "jp", "failed"), _line(url, "us"))
    made.add(_line(url, "jp"))
    made.accept(url)
    index.update(open_crawl(made.folder), path)
    with index.reading(path) as database:
        found = lookup.url(made.folder, database, url_id(url))
        assert lookup.url(made.folder, database, url_id("https://none.example/")) is None
        assert lookup.url(made.folder, database, "no digest") is None
    assert found is not None
    assert [(line.policy, line.outcome, line.counts) for line in found.lines] == [
        ("jp", "dropped", True), ("us", "dropped", True), ("eu", "pending", True), ("jp", "failed", False)
    ]  # fmt: skip
    assert [line.members.get("seq") for line in found.lines] == [2, 1, None, 0]
    assert [fact.name for fact in found.facts] == ["robots", "robots"]


def test_a_line_that_changed_since_is_not_shown_as_it_was(made: Made, path: Path) -> None:
    """The index is no evidence: where the ledger no longer says so, the page does not either."""
    path.parent.mkdir()
    made.add(_line("https://a.example/1", "jp"))
    index.update(open_crawl(made.folder), path)
    ledger = made.folder / "ledger" / "00000.jsonl"
    ledger.write_bytes(ledger.read_bytes().replace(b"https://a.example/1", b"https://a.example/2").replace(b"a", b"b"))
    with index.reading(path) as database:
        found = lookup.url(made.folder, database, url_id("https://a.example/1"))
    assert found is not None
    assert found.lines[0].members == {}


def test_facts_are_found_where_they_stand(tmp_path: Path) -> None:
    """Also with other files before, and none for a URL without facts."""
    writer = FactsWriter(tmp_path, max_rows=5)
    for number in range(9):
        writer.write(f"u{number}", f"u{number}", [Fact("n", number, f"w{place}") for place in range(number % 4)])
    writer.close()
    found = {
        place.url_sha256: [(fact.value, fact.where) for fact in facts_at(path, place.first, place.rows)]
        for path in sorted((tmp_path / "facts").glob("*.parquet"))
        for place in places(path)
    }
    assert found == {
        url_id(f"u{number}"): [(str(number), f"w{place}") for place in range(number % 4)]
        for number in range(9)
        if number % 4
    }


def test_an_index_of_a_whole_crawl_is_not_of_its_copy(tmp_path: Path, path: Path) -> None:
    """A folder that was moved is another one."""
    build(tmp_path / "crawl")
    _counts(tmp_path / "crawl", path)
    before = path.stat().st_ino
    shutil.move(tmp_path / "crawl", tmp_path / "moved")
    assert _counts(tmp_path / "moved", path) == _summary(tmp_path / "moved")
    assert path.stat().st_ino != before


def test_a_ledger_of_ours_with_a_review_is_read(tmp_path: Path, path: Path) -> None:
    """Events are written by the ledger itself in the form that is read here."""
    build(tmp_path / "crawl")
    ledger = Ledger(tmp_path / "crawl", key=SigningKey.load_or_create(tmp_path / "ledger.key"), origin="usufruct/c1")
    ledger.event("review", id="x:jp", mark="approve", by="A", reason="fine")
    ledger.close()
    _counts(tmp_path / "crawl", path)
    with index.reading(path) as database:
        assert lookup.reviews(database, "x:jp")[0][1:] == ("approve", "A", "fine")
