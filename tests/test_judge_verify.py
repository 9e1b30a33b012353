"""A decision is repeated from what the crawl stored, years later; what comes out differently is named."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawler.archive import Archive
from crawler.arguments import judging
from crawler.asking import Asking
from crawler.collection import Collection
from crawler.compare_lines import Difference
from crawler.crawl_archive import CrawlArchive
from crawler.document import Fetched, FetchError
from crawler.judge import ROBOTS_TXT
from crawler.policy.stored import digest_of
from crawler.rejudge import judge_stored, rejudge
from crawler.sources.warc import record_bytes
from crawler.verify_decisions import Verified, verify_decisions
from crawler.working import Working
from tests.test_journeys import scrapy

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SITE = "http://a.example"
HTML = ("Content-Type", "text/html")
WORDS = "<p>The lighthouse at the end of the pier was lit again on Sunday, after many years of darkness.</p>"
MAILBOX = "jane.roe@mail.example"
RECORDS = "records:\n  - {id: r1, kind: license, source: 'http://a.example/reserved/licensed'}\n"


def _page(path: str, *, status: int = 200, body: str = WORDS * 4, head: str = "", headers: Any = (HTML,)) -> Fetched:
    whole = f"<html><head><title>Pier</title>{head}</head><body><main>{body}</main></body></html>" if body else ""
    return Fetched(SITE + path, status, tuple(headers), whole.encode(), NOON)


def _file(path: str, body: str, *, site: str = SITE, status: int = 200) -> Fetched:
    return Fetched(site + path, status, (("Content-Type", "text/plain"),), body.encode(), NOON, site_file=True)


# License documents and terms on this host and others, refusals, redirects, identifiers in addresses and headers.
STORED = (
    _file(ROBOTS_TXT, f"User-agent: *\nDisallow: /private\nLicense: {SITE}/license.xml\n"),
    _file("/license.xml", '<rsl xmlns="https://rslstandard.org/rsl"><content url="/"/></rsl>'),
    _file("/trust.txt", "datatrainingallowed=yes\n"),
    _file("/.well-known/tdmrep.json", '[{"location": "/reserved*", "tdm-reservation": 1}]'),
    _file(ROBOTS_TXT, "User-agent: *\nDisallow: /closed.xml\n", site="http://b.example"),
    _page("/one"),
    _page("/two", body=f"<p>Write to {MAILBOX} or call 090-1234-5678.</p>" + WORDS * 4),
    *(_page(path) for path in ("/reserved/x", "/reserved/y", "/reserved/licensed")),
    *(_page(f"/{number}", body=f"<p>Pier {number}.</p>" + WORDS * 4) for number in range(10)),
    _page("/tagged", headers=(HTML, ("TDM-Reservation", "1"), ("Link", f'<{SITE}/license.xml>; rel="license"'))),
    _page("/robots", headers=(HTML, ("X-Robots-Tag", "noai"), ("X-Robots-Tag", "bing: noarchive"))),
    _page("/linked", head='<link rel="license" type="application/rsl+xml" href="http://b.example/closed.xml">'),
    _page("/terms", body=WORDS * 4 + '<footer><a rel="terms-of-service" href="/legal">Terms</a></footer>'),
    _page("/private/x"),
    _page(f"/people?mail={MAILBOX}"),
    _page("/empty", body=""),
    _page("/moved", status=301, body="", headers=(("Location", f"/people?mail={MAILBOX}"),)),
    _page("/inside", status=302, body="", headers=(("Location", "http://10.0.0.1/"),)),
    _page("/gone", status=404),
    _page("/shut", status=403, headers=(HTML, ("Crawler-Price", "USD 1"))),
    Fetched(SITE + "/slow", 0, fetched_at=NOON, error=FetchError.TIMEOUT),
    Fetched(SITE + "/data.bin", 200, (("Content-Type", "application/octet-stream"),), b"\0\1", NOON),
)  # fmt: skip


def _working(folder: Path) -> Working:
    return Working(processes=1, throw_key_away=True, ledger_key_file=folder / "key.pem")


def _collection(folder: Path, name: str, given: dict[str, str]) -> Collection:
    given = {"out": str(folder / name), "policy": "jp,eu", **given}
    return Collection(judging(given, today=NOON.date(), fetched_by="us"), _working(folder), facts_of_run={})


def _judge(folder: Path, name: str, sources: Sequence[Archive | CrawlArchive], **given: str) -> Path:
    async def run() -> None:
        collection = _collection(folder, name, given)
        try:
            with collection:
                await rejudge(sources, collection)
        finally:
            await collection.workers.close()

    asyncio.run(run())
    return folder / name


def _verify(crawl: Path) -> tuple[Verified, list[Difference]]:
    found: list[Difference] = []
    return asyncio.run(verify_decisions(crawl, Working(processes=1), found.append)), found


def _lines(crawl: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (crawl / "ledger/00000.jsonl").open()]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Site files and pages as another crawler might have stored them."""
    path = tmp_path_factory.mktemp("archive") / "all.warc.gz"
    path.write_bytes(b"".join(record_bytes(each, keep_body=True) for each in STORED))
    return path


@pytest.fixture(scope="module")
def crawls(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same pages with bodies, without, and with texts that repeat being dropped."""
    folder = tmp_path_factory.mktemp("crawls")
    (folder / "records.yaml").write_text(RECORDS)
    source = [Archive([archive])]
    records = str(folder / "records.yaml")
    return {
        "bodies": _judge(folder, "bodies", source, records=records),
        "without": _judge(folder, "without", source, policy="jp,eu,cn", records=records),
        "duplicates": _judge(folder, "duplicates", source, policy="quality,jp", duplicates="exact"),
    }


@pytest.mark.parametrize(("name", "pages_from_bodies"), [("bodies", 9), ("without", 1), ("duplicates", 9)])
def test_every_decision_comes_out_as_it_did(crawls: dict[str, Path], name: str, pages_from_bodies: int) -> None:
    """Whether bodies were kept or not; and nothing is written."""
    crawl = crawls[name]
    before = {path: path.read_bytes() for path in crawl.rglob("*") if path.is_file()}
    verified, found = _verify(crawl)
    assert found == []
    assert verified.differ == 0
    assert verified.lines == len(_lines(crawl)) > 30
    policies = len(json.loads((crawl / "run.json").read_bytes())["policies"])
    assert verified.from_bodies >= pages_from_bodies * policies
    assert {path: path.read_bytes() for path in crawl.rglob("*") if path.is_file()} == before


def test_the_pages_are_of_all_kinds(crawls: dict[str, Path]) -> None:
    """Else the test above would prove little."""
    lines = _lines(crawls["without"])
    assert {line["result"] for line in lines} == {"kept", "dropped", "held", "failed"}
    assert {line["stage"] for line in lines} == {"fetch", "signals", "text", "shard"}
    assert any(line["met"] for line in lines)
    assert any("[" in line["url"] for line in lines)
    assert "duplicates" in {line["stage"] for line in _lines(crawls["duplicates"])}


def test_a_body_that_is_gone_changes_nothing(crawls: dict[str, Path], tmp_path: Path) -> None:
    """Its page is decided from facts, and its headers are read again."""
    crawl = Path(shutil.copytree(crawls["bodies"], tmp_path / "crawl"))
    shutil.rmtree(crawl / "bodies")
    verified, found = _verify(crawl)
    assert (found, verified.from_bodies, verified.lines) == ([], 2, len(_lines(crawl)))


def _edit_line(crawl: Path, ending: str, **members: object) -> None:
    """Change the lines about one address; the chain of hashes is not looked at here."""
    path = crawl / "ledger/00000.jsonl"
    lines = [json.loads(line) for line in path.open()]
    for line in lines:
        if line.get("url", "").endswith(ending) and line["policy"] == "eu":
            line.update(members)
    path.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))


def _edit_fact(crawl: Path, ending: str, name: str, **columns: str) -> None:
    path = crawl / "facts/00000.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    changed = [row for row in rows if row["url"].endswith(ending) and row["name"] == name]
    assert changed
    for row in changed:
        row.update(columns)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


def _drop_facts(crawl: Path, ending: str) -> None:
    path = crawl / "facts/00000.parquet"
    table = pq.read_table(path)
    rows = [row for row in table.to_pylist() if not row["url"].endswith(ending)]
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


def _damage(crawl: Path, pattern: str) -> None:
    path = next(crawl.glob(pattern))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def _edit_body(crawl: Path, ending: str) -> None:
    """A page says something else, and its record is sound; a later record gives its place to it."""
    path = next((crawl / "bodies").iterdir())
    end = path.stat().st_size
    other = _page(ending, head='<meta name="robots" content="noai">')
    with path.open("ab") as file:
        file.write(record_bytes(other, keep_body=True))
    line = next(line for line in _lines(crawl) if line["url"].endswith(ending))
    _edit_line(crawl, ending, evidence=[line["evidence"][0], f"bodies/{path.name}#{end}", *line["evidence"][2:]])


# What is changed, which address, what is named. No two of them change the same page.
EDITS: dict[str, tuple[Callable[[Path, str], object], str, set[str]]] = {
    "the result of a line": (lambda crawl, url: _edit_line(crawl, url, result="dropped"), "/0", {"result"}),
    "its rule": (lambda crawl, url: _edit_line(crawl, url, rule="eu.other"), "/1", {"rule"}),
    "its stage": (lambda crawl, url: _edit_line(crawl, url, stage="text"), "/gone", {"stage"}),
    "its citations": (lambda crawl, url: _edit_line(crawl, url, citations=[]), "/tagged", {"citations"}),
    "the rules that fired": (lambda crawl, url: _edit_line(crawl, url, rules=["eu.x"]), "/2", {"rules"}),
    "the license that met it": (lambda crawl, url: _edit_line(crawl, url, met=[]), "/reserved/licensed", {"met"}),
    "what was found": (lambda crawl, url: _edit_line(crawl, url, pii={"PERSON": 3}), "/3", {"pii"}),
    "how it was treated": (lambda crawl, url: _edit_line(crawl, url, treatments={}), "/two", {"treatments"}),
    "the note": (lambda crawl, url: _edit_line(crawl, url, note="-"), "/robots", {"note"}),
    "the digest": (lambda crawl, url: _edit_line(crawl, url, digest="0" * 64), "/4", {"digest"}),
    "a fact that decided": (
        lambda crawl, url: _edit_fact(crawl, url, "tdm-reservation", value="0"),
        "/reserved/x",
        {"fact tdm-reservation"},
    ),
    "a merged fact": (
        lambda crawl, url: _edit_fact(crawl, url, "train-ai", value="allowed"),
        "/reserved/y",
        {"fact train-ai"},
    ),
    "a fact that decided nothing": (
        lambda crawl, url: _edit_fact(crawl, url, "media.kind", value="image"),
        "/5",
        {"fact media.kind"},
    ),
    "a quote": (lambda crawl, url: _edit_fact(crawl, url, "robots", quote="Allow: /"), "/6", {"fact robots"}),
    "facts that are lost": (_drop_facts, "/7", {"facts"}),
    "what the run was": (
        lambda crawl, url: _edit_fact(crawl, url, "run.purpose", value="search"),
        "/8",
        {"fact run.purpose"},
    ),
    "a stored page": (_edit_body, "/9", {"fact robots-meta", "fact train-ai"}),
    "nothing": (lambda crawl, url: None, "/one", set()),
}


@pytest.fixture(scope="module")
def changed(crawls: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Verified, list[Difference]]:
    """What a verification says of a crawl in which all of that was changed."""
    crawl = Path(shutil.copytree(crawls["bodies"], tmp_path_factory.mktemp("changed") / "crawl"))
    for change, ending, _ in EDITS.values():
        change(crawl, ending)
    return _verify(crawl)


@pytest.mark.parametrize("edit", EDITS)
def test_what_was_changed_is_named(changed: tuple[Verified, list[Difference]], edit: str) -> None:
    """With the line, the address and the member; never with page text."""
    _, ending, members = EDITS[edit]
    about = [each for each in changed[1] if each.url == SITE + ending]
    assert members <= {each.member for each in about}
    assert bool(about) == bool(members)
    assert all(re.fullmatch(r"ledger/00000\.jsonl line \d+", each.where) for each in about)
    assert all("lighthouse" not in str(each) and MAILBOX not in str(each) for each in about)


def test_nothing_else_is_named(changed: tuple[Verified, list[Difference]]) -> None:
    """Each line that differs counts once."""
    verified, found = changed
    assert {each.url for each in found} == {SITE + ending for _, ending, members in EDITS.values() if members}
    assert len(EDITS) - 1 <= verified.differ <= 2 * len(EDITS)


def test_a_policy_that_was_changed_is_named(crawls: dict[str, Path], tmp_path: Path) -> None:
    """Although run.json has the digest of the new text: the lines have the old one."""
    crawl = Path(shutil.copytree(crawls["without"], tmp_path / "crawl"))
    path = crawl / "policies/eu.json"
    form = json.loads(path.read_bytes())
    form["rules"] = [rule for rule in form["rules"] if rule["id"] != "eu.reservation"]
    path.write_text(json.dumps(form))
    run = json.loads((crawl / "run.json").read_bytes())
    for entry in run["policies"]:
        entry["digest"] = digest_of((crawl / f"policies/{entry['id']}.json").read_bytes())
    (crawl / "run.json").write_text(json.dumps(run))
    verified, found = _verify(crawl)
    assert {each.policy for each in found} == {"eu"}
    assert {"digest", "result", "rule"} <= {each.member for each in found if each.url.endswith("/reserved/x")}
    assert verified.differ == verified.lines / 3


def test_facts_of_files_and_headers_are_read_again_without_bodies(crawls: dict[str, Path], tmp_path: Path) -> None:
    """So an edited fact is found where the page is long gone."""
    crawl = Path(shutil.copytree(crawls["without"], tmp_path / "crawl"))
    edits = {
        "/reserved/x": "tdm-reservation", "/tagged": "tdm-reservation", "/moved": "access", "/robots": "x-robots-tag",
        "/private/x": "robots", "/0": "robots", "/1": "trust-txt.datatrainingallowed", "/shut": "access.price",
    }  # fmt: skip
    for ending, name in edits.items():
        _edit_fact(crawl, ending, name, value="other")
    _, found = _verify(crawl)
    named = {(each.url.removeprefix(SITE), each.member) for each in found}
    assert {(ending, f"fact {name}") for ending, name in edits.items()} <= named
    assert {url for url, _ in named} == edits.keys()


def test_damaged_records_are_named(crawls: dict[str, Path], tmp_path: Path) -> None:
    """By their references."""
    crawl = Path(shutil.copytree(crawls["bodies"], tmp_path / "crawl"))
    for folder in ("evidence", "bodies"):
        _damage(crawl, f"{folder}/*")
    verified, found = _verify(crawl)
    assert verified.differ
    for folder in ("evidence", "bodies"):
        assert any(each.member == "evidence" and f"{folder}/" in each.now for each in found)


def test_an_engine_that_is_not_installed_is_said(archive: Path, tmp_path: Path) -> None:
    """Pages that it read are verified from their facts."""
    crawl = _judge(tmp_path, "crawl", [Archive([archive])])
    run = json.loads((crawl / "run.json").read_bytes())
    run["names"] = {"en": "spacy:en_core_web_of_nobody"}
    (crawl / "run.json").write_text(json.dumps(run))
    rows = pq.read_table(crawl / "facts/00000.parquet")
    kept = [row for row in rows.to_pylist() if row["name"] != "pii.names-unchecked"]
    pq.write_table(pa.Table.from_pylist(kept, schema=rows.schema), crawl / "facts/00000.parquet")
    verified, _ = _verify(crawl)
    assert any("engine for names is not installed (en)" in note for note in verified.notes)


def test_the_command_tells_people_and_programs(crawls: dict[str, Path], tmp_path: Path) -> None:
    """Exit code 0 when nothing differs, 1 when something does, 2 when it cannot be known; never a traceback."""
    crawl = Path(shutil.copytree(crawls["bodies"], tmp_path / "crawl"))
    fine = scrapy("judge", str(crawl), "--verify", "-s", "WORKERS=1")
    assert (fine.returncode, fine.stderr) == (0, "")
    assert re.fullmatch(r"\d+ lines: \d+ judged again from bodies, \d+ from facts and headers; 0 differ\n", fine.stdout)
    _edit_line(crawl, "/one", rule="eu.other")
    other = scrapy("judge", str(crawl), "--verify", "--json", "-s", "WORKERS=1")
    assert other.returncode == 1
    told = json.loads(other.stdout)
    assert (told["ok"], told["differ"]) == (False, 1)
    assert [(each["member"], each["stored"]) for each in told["differences"]] == [("rule", "eu.other")]
    (crawl / "policies/eu.json").unlink()
    unknown = scrapy("judge", str(crawl), "--verify")
    assert unknown.returncode == 2
    assert "policies/eu.json: cannot be read" in unknown.stderr
    assert "Traceback" not in unknown.stderr + other.stderr


@pytest.mark.parametrize(
    "arguments", [["--verify", "-a", "policy=jp"], ["other", "--verify"], ["--json"], ["--verify", "--nothing"]]
)
def test_what_cannot_be_asked_for_is_said(crawls: dict[str, Path], arguments: list[str]) -> None:
    """All that a verification needs is in the folder."""
    done = scrapy("judge", str(crawls["bodies"]), *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_site_file_that_changed_is_taken_as_each_page_saw_it(tmp_path: Path) -> None:
    """By the references of the ledger; a record that no line speaks of is no page."""

    async def crawl() -> None:
        collection = _collection(tmp_path, "crawl", {})
        with collection:
            await collection.workers.warm_up()
            for path, rules in (("/one", "User-agent: *\nAllow: /\n"), ("/two", "User-agent: *\nDisallow: /\n")):

                async def get(address: str, rules: str = rules) -> Fetched:
                    file = _file(address.removeprefix(SITE), rules if address.endswith(ROBOTS_TXT) else "", status=200)
                    return replace(file, record=collection.store_site_file(file))

                asking = Asking(get, collection.workers.gate, collection.judging.wanted)
                known = collection.evidence_of(SITE + path)
                collection.record((await judge_stored(_page(path), known, asking, collection.workers))[1])
        await collection.workers.close()

    asyncio.run(crawl())
    first = tmp_path / "crawl"
    with (first / "evidence/00000.warc.gz").open("ab") as file:
        file.write(record_bytes(_page("/orphan"), keep_body=True))
    again = _judge(tmp_path, "again", [CrawlArchive(first)])
    told = [[(line["url"], line["policy"], line["result"], line["rule"]) for line in _lines(each) if "result" in line]
            for each in (first, again)]  # fmt: skip
    assert told[0] == told[1]
    assert {(url, result) for url, _, result, _ in told[0] if url.endswith("/two")} == {(f"{SITE}/two", "dropped")}
    assert {result for url, _, result, _ in told[0] if url.endswith("/one")} <= {"kept", "held"}
    assert _verify(first)[1] == _verify(again)[1] == []


def test_a_crawl_that_was_judged_points_to_its_own_records(crawls: dict[str, Path]) -> None:
    """Site files are copied into it, each once."""
    for line in _lines(crawls["bodies"]):
        assert line["evidence"]
        for reference in line["evidence"]:
            assert (crawls["bodies"] / reference.partition("#")[0]).is_file()
    files = [ref for line in _lines(crawls["bodies"]) for ref in line["evidence"][2:]]
    assert len(set(files)) < 12
