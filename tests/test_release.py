"""Releases: set rules, reviews, suppressions and sharing, on crawl folders made by hand; one through the command."""

from __future__ import annotations

import contextlib
import csv
import json
import subprocess
from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from crawler import shards
from crawler.arguments import all_facts
from crawler.audit.facts import FactsWriter
from crawler.audit.ledger import Ledger
from crawler.audit.signing import SigningKey
from crawler.commands.release import ARGUMENTS
from crawler.document import Fact, url_id
from crawler.durable import WriteError
from crawler.policy.load import load
from crawler.policy.policy import Policy
from crawler.policy.set_rules import Measure, SetEffect, SetRule
from crawler.release.asked import Asked
from crawler.release.census import Place
from crawler.release.make import make
from crawler.release.problem import ReleaseError
from crawler.release.receipt import Receipt, told
from crawler.release.review import MARKS, Sheet, read_assessments, read_marks
from crawler.release.suppress import Suppressed
from crawler.shards import manifest
from crawler.shards.shard_set import ShardSet
from tests import warm

ROOT = Path(__file__).parent.parent
TABLE = YAML(typ="safe", pure=True).load((Path(__file__).parent / "release" / "set_rules.yaml").read_text("utf-8"))
TODAY = date(2026, 11, 23)
RULE = {"numbers": "ours", "status": "ours", "says": "A rule for a test."}
Row = Mapping[str, Any]


def _rule(number: int = 0, **fields: Any) -> dict[str, Any]:
    return {"id": f"acme.rule-{number}", **RULE, **fields}


def _policy(folder: Path, *rules: Mapping[str, Any], **fields: Any) -> Policy:
    """A profile of an operator's own, with these set rules."""
    profile = {"profile": "acme", "title": "Acme", "summary": "For a test.", "set_rules": list(rules), **fields}
    path = folder / "acme.yaml"
    path.write_text(json.dumps(profile), encoding="utf-8")  # JSON is YAML
    return load(str(path), all_facts(), today=TODAY)


def _records(rows: list[Row]) -> Iterator[tuple[str, Row]]:
    """Address and row of each record; `spread` puts each on a host of its own."""
    for place, row in enumerate(rows):
        for number in range(row.get("times", 1)):
            host = f"s{number}.spread{place}{number}.example" if row.get("spread") else row.get("host", "plain.example")
            yield f"http://{host}/{place}/{number}", row


def _crawl(folder: Path, policy: Policy, rows: list[Row], **run: Any) -> Path:
    """A crawl's folder that holds these records, as the crawl would have left it."""
    folder.mkdir()
    key = SigningKey.load_or_create(folder.parent / "ledger.key")
    ledger, facts = Ledger(folder, key=key, origin="usufruct/c1"), FactsWriter(folder)
    entry = {"id": policy.id, "title": policy.title, "day": f"{policy.day}", "digest": policy.digest}
    told_of = {"id": "c1", "started": "2026-11-20T00:00:00+00:00", "finished": None, "policies": [entry], **run}
    (folder / "run.json").write_text(json.dumps(told_of), encoding="utf-8")
    header = {"crawl": "c1", "policy": policy.id, "digest": policy.digest}
    kept, held = (
        ShardSet(
            folder / policy.id / below, prefix=policy.id, header=header, sync_ledger=ledger.sync_head, max_records=40
        )
        for below in ("", "review")
    )
    for url, row in _records(rows):
        record = {
            "id": f"{url_id(url)}:{policy.id}", "text": f"text of {url}", "url": url, "author": row.get("author", ""),
            "language": row.get("language", "en"), "metadata": {"ledger": ledger.size},
        }  # fmt: skip
        (held if row.get("held") else kept).write(record)
        ledger.append([{"url_sha256": url_id(url), "policy": policy.id}])
        facts.write(url, url, _facts(row))
    kept.close()
    held.close()
    facts.close()
    ledger.close()
    return folder


def _facts(row: Row) -> Iterator[Fact]:
    if "safe" in row:
        yield Fact("safety.checked", True) if row["safe"] else Fact("safety.class", "illegal")
    if "class" in row:
        yield Fact("source.class", row["class"])
    if "kind" in row:
        yield Fact("media.kind", row["kind"])


def _marks(path: Path, policy: Policy, rows: list[Row]) -> tuple[Path, ...]:
    """A filled sheet, as a spreadsheet saves it."""
    marked = [(f"{url_id(url)}:{policy.id}", row["mark"]) for url, row in _records(rows) if "mark" in row]
    path.write_text("id;note;mark\n" + "".join(f"{name};;{mark}\n" for name, mark in marked), encoding="utf-8-sig")
    return (path,) if marked else ()


def _released(out: Path) -> list[dict[str, Any]]:
    return [record for path in sorted(out.glob("[0-9]*.*")) for record in shards.read(path)]


def _run(tmp_path: Path, rows: list[Row], *rules: Mapping[str, Any], out: str = "out", **asked: Any) -> Receipt:
    policy = _policy(tmp_path, *rules)
    crawl = tmp_path / "crawl"
    if not crawl.exists():
        _crawl(crawl, policy, rows)
    review = asked.pop("review", None) or _marks(tmp_path / "marks.csv", policy, rows)
    return make(Asked(crawl, policy, tmp_path / out, review=review, **asked), today=TODAY)


def _sheet(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["id"])
def test_each_row_of_the_table(row: Row, tmp_path: Path) -> None:
    """Outcome, state, value and places; and the receipt says the same as the folder."""
    assessment = None
    if "assessment" in row:
        assessment = tmp_path / "assessment.csv"
        assessment.write_text("\n".join(["source,items,bad", *row["assessment"]]), encoding="utf-8")
    receipt = _run(tmp_path, row["records"], _rule(**row["rule"]), assessment=assessment)
    (result,) = receipt.results
    measured = result.first
    value = None if measured.value is None else round(measured.value, 4)
    found = {
        "outcome": "refused" if receipt.reasons else "released",
        "state": result.state.value,
        "value": value,
        "places": {place: number for place, number in receipt.counts.items() if number},
    }
    assert found == row["says"]
    written = json.loads((tmp_path / "out" / "release.json").read_text("utf-8"))
    assert written["outcome"] == found["outcome"]
    assert len(_released(tmp_path / "out")) == (0 if receipt.reasons else receipt.counts["in"])
    assert (tmp_path / "out" / "manifest.json").exists() is not bool(receipt.reasons)
    assert not list((tmp_path / "out").rglob("*.part"))


def test_what_was_refused_can_be_released_when_the_sheet_is_filled_in(tmp_path: Path) -> None:
    """The way that the console names: fill the sample, give it back, with the same seed."""
    rows: list[Row] = [{"times": 30, "host": "a.example"}]
    rule = _rule(measure="human-sample", sample=5, min=0.8, effect="refuse-release")
    refused = _run(tmp_path, rows, rule, seed=7)
    sheet = tmp_path / "out" / "review" / "sample.csv"
    lines = list(told(refused))
    assert any(f"{sheet}, then:" in line and f"-a review={sheet}" in line for line in lines)
    drawn = _sheet(sheet)
    assert len(drawn) == 5
    assert {row["text"] for row in drawn} <= {f"text of {url}" for url, _ in _records(rows)}
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, drawn[0])
        writer.writeheader()
        writer.writerows({**row, "mark": "bad" if number == 0 else "good"} for number, row in enumerate(drawn))
    released = _run(tmp_path, rows, rule, out="second", review=(sheet,), seed=7)
    assert not released.reasons
    assert drawn[0]["id"] not in {record["id"] for record in _released(tmp_path / "second")}
    assert len(_released(tmp_path / "second")) == 29
    assert not (tmp_path / "second" / "review" / "sample.csv").exists()


def test_held_records_go_in_when_approved_and_say_so(tmp_path: Path) -> None:
    """Before that they wait in a sheet; every mark has its effect."""
    rows: list[Row] = [{"host": "kept.example"}, *({"held": True, "mark": mark} for mark in MARKS), {"held": True}]
    _run(tmp_path, rows)
    found = {record["url"]: record["metadata"]["review"] for record in _released(tmp_path / "out")}
    urls = [url for url, _ in _records(rows)]
    assert found == {urls[0]: "", urls[1 + MARKS.index("approve")]: "approve"}
    assert {row["url"] for row in _sheet(tmp_path / "out" / "review" / "held.csv")} == {urls[1], urls[5]}


def _decide(crawl: Path, *decisions: tuple[int, str]) -> None:
    """Events as the browser writes them, about held records by their places."""
    ledger = Ledger(crawl, key=SigningKey.load_or_create(crawl.parent / "ledger.key"), origin="usufruct/c1")
    for place, mark in decisions:
        name = f"{url_id(f'http://plain.example/{place}/0')}:acme"
        ledger.event("review", id=name, mark=mark, by="A. Reviewer", reason="Looked at it.")
    ledger.close()


def test_decisions_in_the_ledger_have_their_effect(tmp_path: Path) -> None:
    """Without a sheet; of several about one record the last counts, and those under another policy are not ours."""
    rows: list[Row] = [{}, {"held": True}, {"held": True}, {"held": True}]
    crawl = _crawl(tmp_path / "crawl", _policy(tmp_path), rows)
    _decide(
        crawl, (1, "reject"), (1, "approve"), (2, "approve"), (2, "reject"), (0, "reject"), (0, "other"), (9, "approve")
    )
    receipt = _run(tmp_path, rows)
    assert [record["url"] for record in _released(tmp_path / "out")] == ["http://plain.example/1/0"]
    assert (receipt.counts["rejected"], receipt.counts["waiting"], receipt.strangers, receipt.overruled) == (2, 1, 1, 0)


def test_a_sheet_wins_over_the_ledger_and_the_receipt_tells(tmp_path: Path) -> None:
    """A sheet is given for this release; a mark that says the same is no conflict."""
    rows: list[Row] = [{}, {"held": True, "mark": "reject"}, {"held": True, "mark": "approve"}]
    crawl = _crawl(tmp_path / "crawl", _policy(tmp_path), rows)
    _decide(crawl, (1, "approve"), (2, "approve"))
    receipt = _run(tmp_path, rows)
    assert {record["url"] for record in _released(tmp_path / "out")} == {f"http://plain.example/{n}/0" for n in (0, 2)}
    assert receipt.overruled == 1
    assert any("overruled" in line for line in told(receipt))


def test_of_several_marks_the_strictest_stands(tmp_path: Path) -> None:
    """In whatever order the files are given."""
    name = f"{url_id('http://plain.example/0/0')}:acme"
    for place, order in enumerate((("approve", "bad"), ("bad", "approve"))):
        files = []
        for mark in order:
            files.append(tmp_path / f"{mark}.csv")
            files[-1].write_text(f"id,mark\n{name},{mark}\n", encoding="utf-8")
        receipt = _run(tmp_path, [{}, {}], out=f"out{place}", review=tuple(files))
        assert receipt.counts["rejected"] == 1


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """And the same receipt; another seed draws others."""
    rows: list[Row] = [{"times": 60, "language": "zh"}, {"times": 60, "language": "en"}]
    rule = _rule(measure="foreign-share", max=0.3, home={"languages": ["zh"]}, effect="hold")
    for out, seed in (("one", 1), ("two", 1), ("three", 2)):
        _run(tmp_path, rows, rule, out=out, seed=seed)
    content = {
        out: {
            path.name: sha256(path.read_bytes()).hexdigest()
            for path in sorted((tmp_path / out).glob("*"))
            if path.is_file()
        }
        for out in ("one", "two", "three")
    }
    assert content["one"] == content["two"]
    assert content["one"].keys() == content["three"].keys()
    assert content["one"]["00000.parquet"] != content["three"]["00000.parquet"]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("http://plain.example/0/0", 2),
        ("HTTP://PLAIN.example:80/0/0#top", 2),
        ("http://plain.example/0", 3),
        ("plain.example", 1),
        ("Plain.Example.", 1),
        ("lain.example", 3),
        ("example", 0),
        (url_id("http://plain.example/0/0"), 2),
        (f"{url_id('http://plain.example/0/0')}:jp", 2),
        ("# plain.example", 3),
    ],
)
def test_what_is_suppressed_is_not_in_it(line: str, left: int, tmp_path: Path) -> None:
    """By address, host or id, approved or not; near misses stay."""
    (tmp_path / "suppress.txt").write_text(f"\n{line}\n", encoding="utf-8")
    rows: list[Row] = [{"times": 2, "mark": "approve"}, {"host": "other.example"}]
    receipt = _run(tmp_path, rows, suppress=tmp_path / "suppress.txt")
    assert (receipt.counts["in"], receipt.counts["suppressed"]) == (left, 3 - left)


@given(content=st.binary(max_size=200))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_as_a_sheet_or_a_list_end_in_a_message(content: bytes, tmp_path: Path) -> None:
    """Never in a traceback."""
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    for reader in (lambda: list(read_marks(path)), lambda: Suppressed(path)):
        with contextlib.suppress(ReleaseError):
            reader()


SETS = st.lists(
    st.fixed_dictionaries(
        {"times": st.integers(1, 6), "host": st.sampled_from(["a.example", "b.example", "c.example2", "d.example3"])},
        optional={
            "author": st.sampled_from(["Ann", "Bea"]),
            "language": st.sampled_from(["zh", "en", ""]),
            "mark": st.sampled_from(MARKS),
            "safe": st.booleans(),
            "held": st.booleans(),
        },
    ),
    min_size=1,
    max_size=6,
)
TAKERS = [
    _rule(0, measure="single-creator-share", max=0.4, effect="hold"),
    _rule(1, measure="foreign-share", max=0.3, home={"languages": ["zh"]}, effect="hold"),
    _rule(2, measure="bad-content-ratio", max=0.2, effect="drop-source"),
    _rule(3, measure="sources-per-language-and-kind", min=2, effect="hold"),
]


@given(rows=SETS, data=st.data())
@settings(max_examples=25, deadline=None)
def test_what_is_released_keeps_every_rule_and_order_decides_nothing(
    rows: list[Row], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the set: each record ends in one place, and the order of the rules changes no place."""
    folder = tmp_path_factory.mktemp("set")
    receipt = _run(folder, rows, *TAKERS)
    assert sum(receipt.counts.values()) == len(list(_records(rows)))
    approved = any(row.get("mark") == "approve" for row in rows)
    for result in receipt.results:
        assert approved or receipt.reasons or result.released.state != "not kept"
    policy = _policy(folder, *TAKERS)
    shuffled = data.draw(st.permutations(policy.set_rules))
    object.__setattr__(policy, "set_rules", tuple(shuffled))
    review = (folder / "marks.csv",)
    again = make(Asked(folder / "crawl", policy, folder / "again", review=review), today=TODAY)
    assert again.counts == receipt.counts
    assert [r["id"] for r in _released(folder / "again")] == [r["id"] for r in _released(folder / "out")]


def test_a_wider_share_than_allowed_is_refused(tmp_path: Path) -> None:
    """With the level and the reason; nothing is written."""
    share = {"level": "analysis-only", "status": "ours", "says": "For the same purpose only."}
    policy = _policy(tmp_path, share=share)
    crawl = _crawl(tmp_path / "crawl", policy, [{}])
    with pytest.raises(
        ReleaseError, match="share=public: acme allows analysis-only at most: For the same purpose only"
    ):
        make(Asked(crawl, policy, tmp_path / "out", share="public"), today=TODAY)
    assert not (tmp_path / "out").exists()
    assert make(Asked(crawl, policy, tmp_path / "out", share="analysis-only"), today=TODAY).counts["in"] == 1


def test_bodies_that_are_kept_too_long_are_told(tmp_path: Path) -> None:
    """The evidence's age against the policy's days."""
    policy = _policy(tmp_path, retention={"bodies_days": 2, "status": "ours", "says": "Two days."})
    crawl = _crawl(tmp_path / "crawl", policy, [{}], bodies="kept")
    receipt = make(Asked(crawl, policy, tmp_path / "out"), today=TODAY)
    assert receipt.overdue_days == 1
    assert any("1 days older than the 2 allowed" in line for line in told(receipt))


def test_a_policy_that_changed_is_told(tmp_path: Path) -> None:
    """And one that the crawl was never judged under."""
    crawl = _crawl(tmp_path / "crawl", _policy(tmp_path), [{}])
    other = _policy(tmp_path, _rule(measure="human-sample", sample=5, min=0.8, effect="refuse-release"))
    with pytest.raises(
        ReleaseError, match=r"its text is not the one that .* was judged by.*; judge it again: scrapy judge"
    ):
        make(Asked(crawl, other, tmp_path / "out"), today=TODAY)
    with pytest.raises(ReleaseError, match="not judged by it, but by acme"):
        make(Asked(crawl, load("jp", all_facts(), today=TODAY), tmp_path / "out"), today=TODAY)


def test_a_crawl_that_was_changed_is_not_released(tmp_path: Path) -> None:
    """A byte of a shard; and nothing is left of the release."""
    policy = _policy(tmp_path)
    crawl = _crawl(tmp_path / "crawl", policy, [{}])
    with (crawl / "acme" / "00000.parquet").open("ab") as file:
        file.write(b" ")
    with pytest.raises(ReleaseError, match=r"00000\.parquet: changed"):
        make(Asked(crawl, policy, tmp_path / "out"), today=TODAY)
    assert not (tmp_path / "out").exists()
    with pytest.raises(ReleaseError, match="no such folder"):
        make(Asked(tmp_path / "none", policy, tmp_path / "out"), today=TODAY)
    with pytest.raises(ReleaseError, match="lies in the crawl"):
        make(Asked(crawl, policy, crawl / "release"), today=TODAY)


@pytest.mark.parametrize(
    "row", ["a.example,3,5", "a.example,,1", f"a.example,{'9' * 30},1", f"a.example,{'9' * 5000},1"]
)
def test_an_assessment_that_cannot_be_is_refused(row: str, tmp_path: Path) -> None:
    """With its line; also numbers that nobody has counted to."""
    assessment = tmp_path / "assessment.csv"
    assessment.write_text(f"source,items,bad\n{row}\n")
    with pytest.raises(ReleaseError, match=r"assessment\.csv:2: give a source"):
        list(read_assessments(assessment))


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_is_a_formula(sign: str, tmp_path: Path) -> None:
    """A spreadsheet shows the text and computes nothing, in East Asian versions too."""
    with Sheet(tmp_path / "sheet.csv") as sheet:
        sheet.write({"id": "x", "url": "u", "language": "", "text": f"{sign}1+1"}, "a.example", "")
    assert _sheet(tmp_path / "sheet.csv")[0]["text"] == f"'{sign}1+1"


def test_a_disk_that_refuses_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is gone, and the error says where."""

    def refuse(*_: object) -> None:
        raise WriteError(28, "No space left on device", "x")

    policy = _policy(tmp_path)
    crawl = _crawl(tmp_path / "crawl", policy, [{}])
    monkeypatch.setattr(ShardSet, "write", refuse)
    with pytest.raises(WriteError):
        make(Asked(crawl, policy, tmp_path / "out"), today=TODAY)
    assert not (tmp_path / "out").exists()


def test_the_receipt_names_law_and_numbers_and_no_person(tmp_path: Path) -> None:
    """Each set rule with its limit, whose number it is, and what it measured; digests of all that decided."""
    rows: list[Row] = [{"times": 10, "author": "Ann Author"}, {"times": 30, "spread": True}]
    receipt = _run(tmp_path, rows, _rule(measure="single-creator-share", max=0.2, effect="hold"))
    text = (tmp_path / "out" / "release.json").read_text("utf-8")
    assert "Ann" not in text
    assert not any("Ann" in line for line in told(receipt))
    written = json.loads(text)
    (rule,) = written["set_rules"]
    assert (rule["max"], rule["numbers"], rule["outcome"], rule["took_out"]) == (0.2, "ours", "not kept", 10)
    made_from = written["made_from"]
    assert made_from["policy_digest"] == written["policy"]["digest"]
    assert made_from["ledger"]["size"] == 40
    crawled = manifest.read(tmp_path / "crawl" / "acme")
    released = manifest.read(tmp_path / "out")
    assert crawled
    assert released
    assert made_from["manifests"]["acme"] == crawled["hash"]
    assert written["manifest"] == released["hash"]
    assert released["release"] == written["id"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"measure": "human-sample", "min": 0.9, "effect": "refuse-release"}, "human-sample needs 'sample'"),
        ({"measure": "human-sample", "sample": 5, "max": 0.9, "effect": "refuse-release"}, "needs 'min'"),
        ({"measure": "human-sample", "sample": 5, "min": 0.9, "effect": "hold"}, "cannot ask for hold"),
        ({"measure": "foreign-share", "max": 0.3, "effect": "hold"}, "foreign-share needs 'home'"),
        ({"measure": "foreign-share", "max": 30, "home": {"languages": ["zh"]}, "effect": "hold"}, "from 0 to 1"),
        ({"measure": "single-creator-share", "max": 0.2, "sample": 5, "effect": "hold"}, "does not look at 'sample'"),
        ({"measure": "sources-per-language-and-kind", "min": 1.5, "effect": "hold"}, "a whole number from 1"),
        ({"measure": "single-creator-share", "max": 0.2, "effect": "hold", "when": "before-collection"},
         "cannot be measured"),
        ({"measure": "single-creator-share", "max": 0.2, "effect": "hold", "status": "law"}, "needs a citation"),
        ({"measure": "foreign-share", "max": 0.3, "home": {}, "effect": "hold"}, "languages, suffixes or both"),
        ({"measure": "single-creator-share", "max": 0.2, "effect": "hold",
          "from": date(2026, 2, 1), "until": date(2026, 1, 1)}, "could never fire"),
    ],
)  # fmt: skip
def test_a_set_rule_that_makes_no_sense_is_refused(fields: Mapping[str, Any], message: str) -> None:
    """With a message that says what goes with the measure."""
    with pytest.raises(ValueError, match=message):
        SetRule.model_validate(_rule(**fields))


def _scrapy(*arguments: str) -> subprocess.CompletedProcess[str]:
    return warm.run("release", *arguments)


def test_the_command_tells_and_its_exit_code_is_true(tmp_path: Path) -> None:
    """0 for a release, 1 for a refusal or a mistake; no traceback."""
    policy = _policy(tmp_path, _rule(measure="human-sample", sample=5, min=0.8, effect="refuse-release"))
    crawl = _crawl(tmp_path / "crawl", policy, [{"times": 3}])
    asked = (str(crawl), "-a", f"policy={tmp_path / 'acme.yaml'}")
    refused = _scrapy(*asked, "-a", f"out={tmp_path / 'refused'}")
    assert refused.returncode == 1, refused.stderr
    assert "next: fill the column mark" in refused.stdout
    marks = tmp_path / "marks.csv"
    marks.write_text(
        "id,mark\n" + "".join(f"{row['id']},good\n" for row in _sheet(tmp_path / "refused/review/sample.csv"))
    )
    released = _scrapy(*asked, "-a", f"out={tmp_path / 'out'}", "-a", f"review={marks}", "-a", "format=jsonl.zst")
    assert released.returncode == 0, released.stderr
    assert "acme: released 3 of 3 records" in released.stdout
    assert len(_released(tmp_path / "out")) == 3
    for wrong in (f"out={tmp_path / 'out'}", "share=friends", "seed=-1", "sed=1", "review=none.csv"):
        failed = _scrapy(*asked, "-a", f"out={tmp_path / 'wrong'}", "-a", wrong)
        assert failed.returncode == 1
        assert failed.stderr.startswith("scrapy release: ")
        assert "Traceback" not in failed.stderr


def test_every_argument_measure_and_mark_stands_in_the_documentation() -> None:
    """docs/release.md."""
    documented = (ROOT / "docs" / "release.md").read_text("utf-8")
    for word in (*ARGUMENTS, *Measure, *SetEffect, *MARKS, *Place):
        assert f"`{word}`" in documented, word
