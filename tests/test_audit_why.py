"""`scrapy audit why`: the whole story of one URL, from what it said to what people decided; and of none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawler.audit.facts import SCHEMA
from crawler.document import Fetched, url_id
from crawler.sources.glance import Glance, glance
from crawler.sources.warc import EvidenceWriter, record_bytes
from tests import audit_crawl
from tests.audit_crawl import WAITING, dropped, event, kept
from tests.test_journeys import scrapy

FIRST, SECOND, THIRD = (f"https://a.example/{name}" for name in ("old", "newer", "new"))
MOVED: dict[str, Any] = {"rule": "base.redirected", "stage": "fetch", "status": "ours", "citations": ["RFC-9110-15.4"]}
FACTS = (
    (FIRST, "robots", "allowed", "robots.txt:L2", "Allow: /"),
    (FIRST, "access", "redirected", "status:301", ""),
    (FIRST, "redirect-to", SECOND, "header:location", "/newer"),
    (SECOND, "access", "redirected", "status:302", ""),
    (SECOND, "redirect-to", THIRD, "header:location", "/new"),
    (THIRD, "robots", "allowed", "robots.txt:L2", "Allow: /"),
    (THIRD, "access", "open", "status:200", ""),
    (THIRD, "robots-meta", "noai", "meta:robots", "noai"),
    (THIRD, "train-ai", "reserved", "meta:robots", "noai"),
    (THIRD, "license.class", "all-rights-reserved", "law", ""),
    (THIRD, "duplicate", "exact", f"jp:{url_id('https://a.example/1')}", ""),
)


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two redirects to a page; its record was reviewed, its body removed."""
    out = tmp_path_factory.mktemp("why") / "crawl"
    record = kept(THIRD, "jp", 0, stage="shard", treatments={"contact": "redact"}, pii={"EMAIL_ADDRESS": 3})
    lines = [
        *audit_crawl.LINES[:2],
        *(dropped(url, policy, **MOVED) for url in (FIRST, SECOND) for policy in ("jp", "eu")),
        {**record, "evidence": ["evidence/00000.warc.gz#PAGE", "bodies/2026-11-23-00000.warc.gz#5"]},
        dropped(THIRD, "eu", "eu.reservation", note="train-ai=reserved (meta:robots)"),
        event("review", "10:00", id=f"{url_id(THIRD)}:jp", mark="reject", by="R. Viewer",
              reason="asked by jo.doe@posthaus.net"),
        event("review", "10:01", id=f"{url_id(FIRST)}:jp", mark="approve", by="Somebody Else", reason="another page"),
        event("bodies-removed", "10:30", note="jp allows 0 days",
              files={"bodies/2026-11-23-00000.warc.gz": {"bytes": 9, "sha256": "0" * 64}}),
    ]  # fmt: skip
    evidence = EvidenceWriter(out)
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    place = evidence.append(record_bytes(Fetched(THIRD, 200, headers, b"<p>Words.</p>"), keep_body=False))
    evidence.close()
    text = json.dumps(lines).replace("evidence/00000.warc.gz#PAGE", place)
    audit_crawl.write(out, json.loads(text))
    with (out / "frontier" / "accepted.jsonl").open("a") as file:
        for url in (FIRST, SECOND, THIRD):
            file.write(json.dumps({"url_sha256": url_id(url), "url": url, "site": "a.example"}) + "\n")
    rows = [(url_id(url), url, name, value, "str", where, quote) for url, name, value, where, quote in FACTS]
    (out / "facts").mkdir()
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    pq.write_table(pa.table(columns, schema=SCHEMA), out / "facts" / "00000.parquet")
    return out


def _told(crawl: Path, *arguments: str) -> str:
    done = scrapy("audit", "why", str(crawl), *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "words",
    [
        THIRD,
        url_id(THIRD),
        "accepted as address 9 of this crawl",
        f"reached from {SECOND} (jp dropped, eu dropped)",
        "the page: 200, text/html, 13 bytes, without its content",
        "bodies/2026-11-23-00000.warc.gz#5  removed 2026-11-23 10:30:00: jp allows 0 days",
        'train-ai = reserved                  meta:robots  "noai"',
        "jp, Japan: kept at shard",
        "line 7, as it was written",
        "found: EMAIL_ADDRESS 3",
        "personal data: contact redacted",
        "record jp/00000.parquet#0, published",
        "its text was there before, from https://a.example/1",
        "the rules were changed since",  # the digests of this crawl are made up
        "eu, European Union: dropped at signals, decided by eu.reservation",
        "A machine-readable reservation ends the use.",
        "EU-CDSM-4-3: Directive (EU) 2019/790 on copyright in the Digital Single Market, Article 4(3)",
        "nearly fired",
        "what would change it",
        "2026-11-23 10:00:00  jp  reject by R. Viewer: asked by [EMAIL_ADDRESS]",
    ],
)
def test_everything_about_a_page_is_told(crawl: Path, words: str, story: str) -> None:
    assert words.partition(", Article")[0] in story


@pytest.fixture(scope="module")
def story(crawl: Path) -> str:
    return _told(crawl, THIRD)


def test_nothing_about_other_pages_is_told(story: str) -> None:
    assert "Somebody Else" not in story
    assert "posthaus" not in story


def test_redirects_are_followed(crawl: Path) -> None:
    """Hop by hop, with what became of each target."""
    told = _told(crawl, FIRST)
    assert f"leads to {SECOND} (jp dropped, eu dropped)" in told
    assert f"leads to {THIRD} (jp kept, eu dropped)" in told


@pytest.mark.parametrize("asked", [THIRD, "a.example/new", url_id(THIRD), f"{url_id(THIRD)}:jp", f"{THIRD}#part"])
def test_a_page_is_named_in_many_ways(crawl: Path, asked: str) -> None:
    """An address with or without scheme or fragment, its SHA-256, the id of a record."""
    assert json.loads(_told(crawl, asked, "--json"))["url"] == THIRD


def test_all_of_it_is_there_for_programs(crawl: Path) -> None:
    told: dict[str, Any] = json.loads(_told(crawl, THIRD, "--json"))
    assert [(one["policy"], one["result"], one["fits"]) for one in told["outcomes"]] == [
        ("jp", "kept", True), ("eu", "dropped", True),
    ]  # fmt: skip
    assert told["explanations"]["eu"]["rule"] == "eu.reservation"
    assert told["explanations"]["eu"]["nearly"]
    assert told["duplicate_of"] == {"jp": "https://a.example/1"}
    assert [one["mark"] for one in told["reviews"]] == ["reject"]
    assert told["led_here"] == [{"url": SECOND, "results": {"jp": "dropped", "eu": "dropped"}}]
    assert [one.get("gone", False) for one in told["evidence"]] == [False, True]
    assert told["fits"] is True


def test_one_policy_only(crawl: Path) -> None:
    told = _told(crawl, THIRD, "--policy", "eu")
    assert "eu, European Union: dropped" in told
    assert "jp, Japan" not in told


def test_what_waits_says_so(crawl: Path) -> None:
    told = _told(crawl, WAITING)
    assert "jp: pending; it was accepted and has no outcome yet" in told
    assert "eu: pending" in told


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("https://a.example/newes", [THIRD, SECOND]),
        ("a.example/x", ["https://a.example/1"]),
        ("https://c.a.example/", ["https://a.example/1"]),
        ("https://elsewhere.test/", []),
        ("0" * 64, []),
    ],
)
def test_what_was_never_accepted_is_answered(crawl: Path, asked: str, nearest: list[str]) -> None:
    """With addresses that are near; exit code 1."""
    done = scrapy("audit", "why", str(crawl), asked)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "was never accepted by this crawl" in done.stdout
    assert all(url in done.stdout for url in nearest)
    assert bool(nearest) == ("nearest addresses" in done.stdout)
    assert "nearest" in json.loads(scrapy("audit", "why", str(crawl), asked, "--json").stdout)


def test_a_changed_line_is_named(tmp_path: Path) -> None:
    """One whose hash does not fit, and one that follows another line than it did."""
    url = "https://a.example/1"
    crawl = audit_crawl.write(tmp_path / "crawl")
    file = crawl / "ledger" / "00000.jsonl"
    first, second, *rest = file.read_text().splitlines(keepends=True)
    file.write_text("".join([first.replace('"PERSON":2', '"PERSON":1'), second, *rest]))
    told = _told(crawl, url)
    assert "line 1, CHANGED" in told
    assert json.loads(_told(crawl, url, "--json"))["fits"] is False
    file.write_text("".join([second, *rest]))
    assert "line 1, CHANGED" in _told(crawl, url)


def test_without_facts_the_ledger_is_told(tmp_path: Path) -> None:
    """A run that died before its facts were written, or the rules of a policy that only its user has."""
    told = _told(audit_crawl.write(tmp_path / "crawl", finished=False), "https://a.example/1", "--policy", "eu")
    assert "drop (law), EU-CDSM-4-3" in told
    assert "train-ai=reserved (robots.txt:L2)" in told


@pytest.mark.parametrize(
    "place", ["evidence/00000.warc.gz#1", "evidence/00000.warc.gz#999999", "evidence/00001.warc.gz#0", "run.json#0",
              "../crawl/evidence/00000.warc.gz#0", "evidence/../run.json#0", "", "evidence/00000.warc.gz#x"],
)  # fmt: skip
def test_a_place_where_nothing_stands(crawl: Path, place: str) -> None:
    assert glance(crawl, place) is None


def test_a_record_at_a_glance(tmp_path: Path) -> None:
    """Of a body that is not kept its length; of a failure why."""
    evidence = EvidenceWriter(tmp_path)
    headers = (("Content-Type", "text/plain"),)
    page = evidence.append(record_bytes(Fetched(THIRD, 404, headers, b"gone"), keep_body=False))
    file = evidence.append(record_bytes(Fetched(f"{THIRD}.txt", 200, headers, b"User", site_file=True), keep_body=True))
    evidence.close()
    assert glance(tmp_path, page) == Glance(THIRD, 404, "", "text/plain", 4, False, False, "")
    assert glance(tmp_path, file) == Glance(f"{THIRD}.txt", 200, "", "text/plain", 4, True, True, "")
