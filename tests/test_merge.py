"""Segments as one crawl: every address once, sums that fit, and whatever was changed since is named."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.audit.crawl_folder import FolderError, open_crawl
from crawler.audit.find import wanted
from crawler.audit.ledger import Ledger
from crawler.audit.lines import outcomes
from crawler.audit.segments import crawls_in
from crawler.audit.story import stories
from crawler.audit.union import Union
from crawler.audit.verify_merged import verify_merged
from crawler.auditing.verify import READERS
from crawler.browser import index, lookup
from crawler.browser.overview import overview
from crawler.browser.report import report
from crawler.document import url_id
from crawler.merging import MergeError, merge
from crawler.shards import manifest
from tests import warm
from tests.segment_crawls import build, key_of, line, masked, url

ROOT = Path(__file__).parent.parent
COUNTS = {"seen": 7, "dropped": 2, "failed": 1, "kept": 3, "pending": 1}


def _two(folder: Path) -> tuple[Path, Path]:
    """b took over what a had taken and not decided (3); 6 is left."""
    a = build(folder / "a", {0: "kept", 1: "dropped", 2: "kept"}, waits=(3,))
    b = build(folder / "b", {3: "kept", 4: "failed", 5: "dropped"}, waits=(6,))
    return a, b


@pytest.fixture
def merged(tmp_path: Path) -> Path:
    merge(_two(tmp_path), tmp_path, key=key_of(tmp_path))
    return tmp_path


def test_each_address_counts_once(tmp_path: Path) -> None:
    """What one segment took and another decided is decided; what nobody decided is pending."""
    told = merge(_two(tmp_path), tmp_path / "all", key=key_of(tmp_path))
    assert (told.accepted, told.repeated, told.pending) == (7, 1, 1)
    assert told.counts == {"jp": COUNTS, "us": COUNTS}
    assert [(one.name, one.crawl, one.size) for one in told.segments] == [("a", "a", 6), ("b", "b", 6)]
    assert verify_merged(tmp_path / "all", READERS).problems == []


def test_segments_below_it_move_with_it(merged: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """merged.json names them by where they lie in it."""
    moved = tmp_path_factory.mktemp("moved") / "crawl"
    shutil.copytree(merged, moved)
    shutil.rmtree(merged / "a")
    assert crawls_in(moved) == (moved / "a", moved / "b")
    assert verify_merged(moved, READERS).found == 0
    with pytest.raises(FolderError, match="names the segment a, which is not there"):
        open_crawl(merged)


def test_a_crawl_stands_for_itself(tmp_path: Path) -> None:
    """Only merged.json makes a folder stand for others."""
    assert crawls_in(build(tmp_path / "a", {0: "kept"})) == (tmp_path / "a",)


def test_an_address_decided_twice_is_named(tmp_path: Path) -> None:
    """Masked, with both lines; nothing is written."""
    a, b = build(tmp_path / "a", {0: "kept", 1: "kept"}), build(tmp_path / "b", {1: "dropped", 2: "kept"})
    with pytest.raises(MergeError) as problem:
        merge([a, b], tmp_path / "all", key=key_of(tmp_path))
    assert str(problem.value) == (
        f"{masked(1)}: decided in 2 segments, {a}/ledger/00000.jsonl line 4 and {b}/ledger/00000.jsonl line 2"
    )
    assert not (tmp_path / "all").exists()


def test_captures_of_one_address_count_once(tmp_path: Path) -> None:
    """Files that were judged may hold it several times: the first one's outcome counts."""
    segments = build(tmp_path / "a", {0: "kept", 1: "kept"}), build(tmp_path / "b", {1: "dropped", 2: "kept"})
    told = merge(segments, tmp_path / "all", kind="judged", key=key_of(tmp_path))
    assert (told.accepted, told.repeated, told.counts["jp"]) == (3, 1, {"seen": 3, "kept": 3})
    assert verify_merged(tmp_path / "all", READERS).found == 0


def test_many_addresses_wait_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sums are the same however little fits into memory."""
    monkeypatch.setattr("crawler.audit.union._MOST_WAITING", 4)
    paths = build(tmp_path / "a", dict.fromkeys(range(40), "dropped")), build(tmp_path / "b", {41: "dropped"}, (3, 50))
    with Union(["jp", "us"], manifest.read) as union:
        for path in paths:
            union.add(path, map(json.loads, (path / "ledger/00000.jsonl").read_text().splitlines()))
        totals = union.end()
    assert (totals.accepted, totals.repeated, totals.pending, totals.unknown) == (42, 1, 1, 0)


def test_more_files_than_a_crawl_of_common_crawl_has(tmp_path: Path) -> None:
    """Each is a segment: some 90,000."""
    crawl = build(tmp_path / "a", {0: "kept"})
    with Union(("jp",), manifest.read) as union:
        union._segments = 90_000
        union.add(crawl, [one for _, one in outcomes(crawl)])
        assert union.end().counts["jp"] == {"kept": 1}


def _other_policy(folder: Path) -> list[Path]:
    a = build(folder / "a", {0: "kept"})
    return [a, build(folder / "b", {1: "dropped"}, policies=[{"id": "jp", "digest": "d" * 64}])]


def _changed(folder: Path) -> list[Path]:
    a, b = _two(folder)
    ledger = b / "ledger/00000.jsonl"
    ledger.write_text(ledger.read_text().replace('"failed"', '"kept"', 1))
    return [a, b]


def _never_accepted(folder: Path) -> list[Path]:
    a, b = _two(folder)
    (a / "frontier/accepted.jsonl").write_text("")
    return [a, b]


def _merged_already(folder: Path) -> list[Path]:
    merge(_two(folder), folder, key=key_of(folder))
    return [folder]


def _left(segments: list[str], accepted: int, *, name: str = "news") -> dict[str, object]:
    """What a process notes of the frontier when it ends."""
    return {"name": name, "time": "2026-11-23T10:00:00+00:00", "accepted": accepted, "decided": accepted, "waiting": 0,
            "parked": 0, "segments": segments, "complete": True}  # fmt: skip


def _one_is_not_named(folder: Path) -> list[Path]:
    return [build(folder / "a", {0: "kept"}, frontier=_left(["a", "b"], 2))]


def _one_is_not_whole(folder: Path) -> list[Path]:
    a = build(folder / "a", {0: "kept"}, frontier={"name": "news"})
    return [a, build(folder / "b", {1: "kept"}, frontier=_left(["a", "b"], 3))]


def _two_crawls(folder: Path) -> list[Path]:
    a = build(folder / "a", {0: "kept"}, frontier=_left(["a"], 1))
    return [a, build(folder / "b", {1: "kept"}, frontier=_left(["b"], 1, name="olds"))]


REFUSED: list[tuple[str, Callable[[Path], list[Path]], str]] = [
    ("other policies", _other_policy, r"/b: was judged by jp \(dddddddddddd\); .*/a by jp \(digest-jp\), us"),
    ("one crawl twice", lambda folder: [build(folder / "a", {0: "kept"})] * 2, "is the crawl a, as .*; name each once"),
    ("a changed line", _changed, r"/b: ledger/00000.jsonl line 3: changed"),
    ("an outcome of nothing", _never_accepted, r"\[EMAIL_ADDRESS\]: was never accepted, but is decided at .*/a/ledger"),
    ("no crawl", lambda folder: [folder], "no crawl: there is no ledger/ in it"),
    ("a segment is missing", _one_is_not_named, "frontier news: 1 further segment.* name them, too: b"),
    ("addresses are missing", _one_is_not_whole, "frontier news: accepted 3 addresses, the segments have 2"),
    ("two crawls", _two_crawls, "worked on different frontiers: news, olds"),
    ("merged already", _merged_already, "is merged already; name its segments: .*/a .*/b"),
]


@pytest.mark.parametrize(("segments", "says"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
def test_what_is_no_whole_is_refused(tmp_path: Path, segments: Callable[[Path], list[Path]], says: str) -> None:
    """With the reason; nothing is written."""
    given = segments(tmp_path)
    with pytest.raises(MergeError, match=says) as problem:
        merge(given, tmp_path / "all", key=key_of(tmp_path))
    assert "@mail" not in str(problem.value)
    assert not (tmp_path / "all").exists()


def test_another_merged_json_is_not_overwritten(merged: Path) -> None:
    """Nor a crawl."""
    for out, says in ((merged, "holds a merged.json already"), (merged / "a", "is a crawl itself")):
        with pytest.raises(MergeError, match=says):
            merge([merged / "a", merged / "b"], out, key=key_of(merged))


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def _append(crawl: Path, **members: str) -> None:
    ledger = Ledger(crawl, key=key_of(crawl.parent), origin=f"usufruct/{crawl.name}", group_size=2)
    if members:
        ledger.event("review", **members)
    else:
        ledger.append([line(3, "jp", "dropped"), line(3, "us", "dropped")])
    ledger.close()


CHANGES: list[tuple[str, Callable[[Path], object], str]] = [
    ("a count", lambda out: _replace(out / "merged.json", '"kept": 3', '"kept": 4'), "is not what checkpoint signs"),
    ("a segment left out", lambda out: _replace(out / "merged.json", '"name": "b"', '"name": "c"'), "checkpoint signs"),
    ("a key", lambda out: shutil.copy(out / "a/ledger/key.pub", out / "key.pub"), "signed by another key"),
    ("no checkpoint", lambda out: (out / "checkpoint").unlink(), "checkpoint: missing"),
    ("no key", lambda out: (out / "key.pub").unlink(), "key.pub: missing"),
    ("a line of a segment", lambda out: _replace(out / "b/ledger/00000.jsonl", "us.noai", "us.noia"), "b/ledger/00000"),
    ("a shard", lambda out: next((out / "a/jp").glob("*.zst")).write_bytes(b""), "a/jp/"),
    (
        "policies",
        lambda out: _replace(out / "b/run.json", "digest-jp", "digest-xx"),
        "b/run.json: its policies",
    ),
    ("an outcome since", lambda out: _append(out / "a"), "2 outcome.s. came after it was merged; merge again"),
    ("no segment", lambda out: shutil.rmtree(out / "b"), "b/: .*no such folder"),
    ("no JSON", lambda out: (out / "merged.json").write_text("{"), "changed .not what `scrapy audit merge` writes"),
]


@pytest.mark.parametrize(("change", "says"), [pytest.param(*row[1:], id=row[0]) for row in CHANGES])
def test_what_was_changed_is_named(merged: Path, change: Callable[[Path], object], says: str) -> None:
    """In merged.json, in a segment, or between them."""
    change(merged)
    problems = list(map(str, verify_merged(merged, READERS).problems))
    assert any(re.search(says, problem) for problem in problems), problems


def test_what_people_decide_later_is_no_change(merged: Path) -> None:
    """Events come after a crawl: reviews, page bodies that were deleted."""
    _append(merged / "a", id="x", mark="approve")
    assert verify_merged(merged, READERS).problems == []


def test_the_key_from_elsewhere_counts(merged: Path) -> None:
    """And a kept checkpoint, of the whole or of a segment."""
    own = merged / "checkpoint"
    assert verify_merged(merged, READERS, older=[own, merged / "a/ledger/checkpoint"]).found == 0
    other = key_of(merged / "a").verifier("usufruct/merged/x")
    problems = verify_merged(merged, READERS, key=other).problems
    assert problems[0].what.startswith("names another key than the one given")


def _scrapy(*words: str) -> subprocess.CompletedProcess[str]:
    return warm.run("audit", *words)


def test_the_command(tmp_path: Path) -> None:
    """Says what the whole is; without -o it says so, and -o is for nobody else."""
    a, b = map(str, _two(tmp_path))
    key = ("-s", f"LEDGER_KEY={tmp_path / 'ledger.key'}")
    done = _scrapy("merge", a, b, "-o", str(tmp_path / "all"), *key)
    assert done.returncode == 0, done.stderr
    assert "jp: seen 7 = dropped 2 + failed 1 + kept 3 + pending 1" in done.stdout
    assert _scrapy("verify", str(tmp_path / "all")).stdout.endswith("OK\n")
    for words, says in (
        (("merge", a, b), "-o OUT is missing"),
        (("merge", a, b, "-o", str(tmp_path / "all")), "holds a merged.json already"),
        (("find", a, "-o", "x"), "--output is for scrapy audit merge, not for find"),
        (("merge",), "scrapy audit merge DIR [SEGMENT...]"),
    ):
        refused = _scrapy(*words, *key)
        assert (refused.returncode != 0, says in refused.stderr, "Traceback" in refused.stderr) == (True, True, False)


def _said(folder: Path, *words: str) -> str:
    done = _scrapy(words[0], str(folder), *words[1:])
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_readers_take_a_merged_folder(merged: Path) -> None:
    """As if it were one crawl; places say which segment."""
    told = json.loads(_said(merged, "summary", "--json"))
    assert {name: number for name, number in told["policies"]["jp"].items() if number} == COUNTS
    kept = json.loads(_said(merged, "find", "--policy", "jp", "--result", "kept", "--json"))
    assert [(line["where"], line["published"]) for line in kept] == [
        ("a/ledger/00000.jsonl line 1", True),
        ("a/ledger/00000.jsonl line 5", True),
        ("b/ledger/00000.jsonl line 1", True),
    ]
    waiting = json.loads(_said(merged, "find", "--result", "pending", "--policy", "us", "--json"))
    assert [line["url"] for line in waiting] == [masked(6)]


def test_one_address_is_told_by_who_decided_it(merged: Path) -> None:
    """Another segment had taken it and gave it up."""
    (told,) = stories(open_crawl(merged), wanted(url(3)), manifest.read)
    assert [(one.where, one.fits) for one in told.outcomes] == [
        ("b/ledger/00000.jsonl line 1", True),
        ("b/ledger/00000.jsonl line 2", True),
    ]
    assert told.crawl == merged / "b"


def test_the_overview_is_that_of_all(merged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the browser and as a file; where a line stands is found in its segment."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(merged / "cache"))
    crawl, path = open_crawl(merged), index.index_path(merged)
    for _ in range(2):  # anew, and as it is
        index.update(crawl, path)
        with index.reading(path) as database:
            counts = overview(database).policies["us"]
            shown = lookup.url(merged, database, url_id(url(3)))
        assert {name: number for name, number in counts.items() if number} == COUNTS
        assert shown is not None
        assert [(line.where.partition(" ")[0], line.outcome, line.members["seq"]) for line in shown.lines] == [
            ("b/ledger/00000.jsonl", "kept", 0),
            ("b/ledger/00000.jsonl", "kept", 1),
        ]
    assert "merged.json, which names 2 segments" in report(crawl, path)


def test_what_is_a_segments_own_is_asked_for_there(merged: Path) -> None:
    """A number of a line says nothing without its segment."""
    for words, says in (
        (("evidence", str(merged), "3"), "3: which segment's? Write one of a/3, b/3"),
        (("expire", str(merged)), "is merged; page bodies lie in its segments: "),
        (("serve", str(merged), "--review"), "is merged; review in its segments: "),
    ):
        refused = _scrapy(*words)
        assert (refused.returncode != 0, says in refused.stderr) == (True, True), refused.stderr
