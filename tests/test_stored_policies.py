"""Policies as a crawl stores them decide as they did, however the profiles change."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest

from crawler import stored_rules
from crawler.arguments import all_facts, judging
from crawler.browser.policy_texts import PolicyText, RuleText, policy_texts
from crawler.policy.decide import decide
from crawler.policy.library import Library
from crawler.policy.load import build, names
from crawler.policy.policy import Policy
from crawler.policy.read import PolicyError
from crawler.policy.stored import digest_of, dump, load_stored
from crawler.policy.tables import policy_of, read_table

TODAY = date(2026, 11, 22)
LIBRARY = Library(all_facts())
UNIONS = ("jp+eu", "us+cn", "cn+kr+de", "eu-research+uk", "jp@2023-06-01")
TABLES = sorted((Path(__file__).parent / "policies").glob("*.yaml"))
CASES = [case for path in TABLES if path.stem != "errors" for case in read_table(path, all_facts())]
# What a policy tells people; nothing of it decides.
TOLD = {"title", "requires", "outputs", "watch", "parts", "warnings"}
# What names it, and what follows from the rest.
NAMED = {"id", "day", "digest", "ready", "indexes"}


def _same(policy: Policy) -> None:
    stored = dump(policy)
    again = load_stored(stored, id=policy.id, day=policy.day)
    assert digest_of(stored) == policy.digest == again.digest
    assert dump(again) == stored
    for field in {field.name for field in fields(Policy)} - TOLD - {"citations"}:
        assert getattr(again, field) == getattr(policy, field), field


@pytest.mark.parametrize("spec", [*names(), *UNIONS])
def test_what_is_stored_is_the_policy(spec: str) -> None:
    """Digest, rules, readings and all else that decides, for every profile and for unions."""
    _same(build(LIBRARY, spec, TODAY))


def test_every_field_is_stored_or_decides_nothing() -> None:
    """A field that is new must be thought about here, and in crawler/policy/stored.py if it decides."""
    stored = set(json.loads(dump(build(LIBRARY, "jp", TODAY))))
    assert {field.name for field in fields(Policy)} == stored | TOLD | NAMED


def test_stored_policies_decide_every_case_of_the_tables_alike() -> None:
    """The whole decision: gate, rules, treatments, records that met something."""
    policies: dict[tuple[str, bool], tuple[Policy, Policy]] = {}
    for case in CASES:
        key = case.policy, case.bills
        if key not in policies:
            policy = policy_of(case, LIBRARY, TODAY)
            policies[key] = policy, load_stored(dump(policy), id=policy.id, day=policy.day)
        one, other = (decide(each, case.facts, records=case.records, url=case.url) for each in policies[key])
        assert one == other, case.id
    assert len(CASES) > 1_000


def _judged(folder: Path, **given: str) -> Path:
    """A folder with what a crawl decided by, as `Collection` writes it."""
    what = judging({"policy": "jp+eu,us@2024-01-01", "out": "x", **given}, today=TODAY, fetched_by="us")
    stored_rules.store(folder, what.policies, what.records_file)
    entries = [{"id": p.id, "title": p.title, "day": p.day.isoformat(), "digest": p.digest} for p in what.policies]
    (folder / "run.json").write_text(json.dumps({"policies": entries, "today": "2026-11-22"}))
    return folder


RECORDS = "# ours\nrecords:\n  - {id: r1, kind: license, source: news.example, note: signed}\n"


def test_a_crawl_finds_what_it_decided_by(tmp_path: Path) -> None:
    """Policies by their ids, the operator's records as given, the day."""
    (tmp_path / "given.yaml").write_text(RECORDS)
    crawl = _judged(tmp_path, records=str(tmp_path / "given.yaml"))
    assert sorted(path.name for path in (crawl / "policies").iterdir()) == [
        "jp+eu.json", "records.yaml", "us@2024-01-01.json",
    ]  # fmt: skip
    assert (crawl / "policies/records.yaml").read_text() == RECORDS
    rules = stored_rules.load(crawl, stored_rules.run_of(crawl), all_facts())
    assert [policy.id for policy in rules.policies] == ["jp+eu", "us@2024-01-01"]
    assert rules.policies[1].day == date(2024, 1, 1)
    assert [record.id for record in rules.records] == ["r1"]
    assert rules.today == TODAY


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda crawl: (crawl / "policies/jp+eu.json").unlink(), "jp+eu.json: cannot be read"),
        (lambda crawl: (crawl / "policies/jp+eu.json").write_bytes(b"{}"), "jp+eu.json: changed: its SHA-256"),
        (lambda crawl: (crawl / "run.json").write_bytes(b"[]"), "run.json: changed"),
        (lambda crawl: (crawl / "run.json").write_bytes(b"\xff"), "run.json: changed"),
        (lambda crawl: (crawl / "run.json").unlink(), "run.json: cannot be read"),
        (lambda crawl: (crawl / "run.json").write_bytes(b'{"policies": [{"id": "jp+eu"}]}'), "run.json: changed"),
        (lambda crawl: (crawl / "run.json").write_bytes(b'{"policies": []}'), "run.json: changed"),
        (lambda crawl: (crawl / "policies/records.yaml").write_text("records: 7"), "records.yaml"),
    ],
)
def test_what_was_decided_by_cannot_be_changed_unseen(tmp_path: Path, damage: object, says: str) -> None:
    """The message names the file."""
    crawl = _judged(tmp_path)
    damage(crawl)  # type: ignore[operator]
    with pytest.raises(PolicyError) as error:
        stored_rules.load(crawl, stored_rules.run_of(crawl), all_facts())
    assert says in str(error.value)


def _in_order(text: PolicyText) -> list[RuleText]:
    """Its rules; the canonical form sorts what they look at."""
    return [replace(rule, facts=tuple(sorted(rule.facts))) for _, rule in sorted(text.rules.items())]


def test_a_stored_policy_is_shown_as_the_profile_is(tmp_path: Path) -> None:
    """Every rule in the same words, whether the text is the crawl's own or the installed one of the same digest."""
    crawl = _judged(tmp_path)
    stored = policy_texts(crawl)
    for path in (crawl / "policies").iterdir():
        path.write_bytes(b"{}")
    installed = policy_texts(crawl)
    assert {text.source for text in stored.values()} == {"in the crawl"}
    assert {text.source for text in installed.values()} == {"installed"}
    for name, text in stored.items():
        assert _in_order(text) == _in_order(installed[name]) != []
        assert text.citations.items() <= installed[name].citations.items()


@pytest.mark.parametrize("stored", [b"", b"[]", b"{}", b'{"rules": 1}', b"\xff\xfe", b"null"])
def test_what_is_no_stored_policy_is_refused(stored: bytes) -> None:
    """With a message, not a traceback of another library."""
    with pytest.raises(PolicyError, match="no stored policy"):
        load_stored(stored, id="jp", day=TODAY)


@pytest.mark.parametrize("name", ["evidence", "bodies", "Ledger", "facts", "frontier", "POLICIES", "run.json"])
def test_a_policy_is_not_called_like_a_folder_of_the_crawl(tmp_path: Path, name: str) -> None:
    """Its records would stand among the evidence."""
    own = tmp_path / f"{name}.yaml"
    own.write_text("profile: own\ntitle: T\nsummary: s\nextends: jp\n")
    with pytest.raises(PolicyError, match="rename the file"):
        judging({"policy": str(own), "out": "x"}, today=TODAY, fetched_by="us")


@pytest.mark.parametrize("name", ["evidences", "review", "records", "manifest.json"])
def test_other_names_are_free(tmp_path: Path, name: str) -> None:
    """Also that of the records' file, since policies are stored as .json."""
    own = tmp_path / f"{name}.yaml"
    own.write_text("profile: own\ntitle: T\nsummary: s\nextends: jp\n")
    assert judging({"policy": str(own), "out": "x"}, today=TODAY, fetched_by="us").policies[0].id == name
