"""The ledger: a chain that continues after a crash, and never holds half a line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.audit import frontier
from crawler.audit.chain import Chain
from crawler.audit.ledger import START, Ledger, LedgerError, read_checkpoint, seal, unseal
from crawler.audit.ledger_files import canonical
from crawler.audit.line import line_of
from crawler.audit.report import Report
from crawler.audit.signing import SigningKey
from crawler.document import Decision, Fired, Gate, Judged, Outcome, Result, Stage, Treatment, url_id
from crawler.durable import WriteError, write_whole

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
LINES = st.dictionaries(st.text(max_size=6).filter(lambda key: key not in ("seq", "prev", "hash")), VALUES, max_size=6)


@settings(max_examples=300)
@given(LINES, st.integers(0, 2**40))
def test_a_line_is_canonical_and_its_hash_is_that_of_the_rest(line: dict[str, object], seq: int) -> None:
    """RFC 8785 over the line without `hash`; whoever checks needs nothing of ours."""
    content, digest = seal(line, seq, START)
    stored = json.loads(content)
    assert content == rfc8785.dumps(stored) + b"\n"
    assert stored.pop("hash") == digest == sha256(rfc8785.dumps(stored)).hexdigest()
    assert stored == {**line, "seq": seq, "prev": START}
    assert unseal(content[:-1]) == digest


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    """What is no line of ours has no hash that fits, and raises nothing."""
    assert unseal(content) == ""


@pytest.mark.parametrize("member", ["seq", "prev", "hash"])
def test_the_ledgers_own_members_are_refused(tmp_path: Path, member: str) -> None:
    """They are the ledger's to set."""
    with pytest.raises(ValueError, match="own members"):
        _ledger(tmp_path).append([{member: 1}])


KEY = SigningKey(Ed25519PrivateKey.generate())
ORIGIN = "usufruct/c1"


def _ledger(folder: Path, **options: Any) -> Ledger:
    return Ledger(folder, key=KEY, origin=ORIGIN, **options)


def test_a_ledger_continues_over_files_and_runs(tmp_path: Path) -> None:
    """seq and prev go on where the last run stopped."""
    for run in range(3):
        ledger = _ledger(tmp_path, max_file_bytes=600)
        assert [ledger.append([{"run": run, "i": i}]) for i in range(10)] == list(range(run * 10, run * 10 + 10))
        ledger.close()
        ledger.close()
    report = Report()
    chain = Chain(tmp_path, report)
    assert [entry.line["i"] for entry in chain] == [*range(10)] * 3
    assert (chain.size, chain.head, report.found, report.notes) == (30, ledger.head, 0, [])
    assert chain.files > 3
    assert read_checkpoint(tmp_path / "ledger") == (30, ledger.root, ledger.head)


@pytest.mark.parametrize("cut", [1, 20, 100, 150])
def test_a_torn_last_line_is_dropped_when_the_ledger_is_opened_again(tmp_path: Path, cut: int) -> None:
    """The chain goes on after the last whole line; at most what was not synced is gone."""
    ledger = _ledger(tmp_path)
    ledger.append([{"i": 0}])
    ledger.sync()
    ledger.append([{"i": 1}])
    path = tmp_path / "ledger/00000.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    again = _ledger(tmp_path)
    assert again.size == 1
    again.append([{"i": 2}])
    again.close()
    report = Report()
    assert [entry.line["i"] for entry in Chain(tmp_path, report)] == [0, 2]
    assert not report.found


def test_an_empty_new_file_after_a_crash_is_continued(tmp_path: Path) -> None:
    """The run died between opening the next file and writing into it."""
    ledger = _ledger(tmp_path)
    ledger.append([{"i": 0}])
    ledger.close()
    (tmp_path / "ledger/00001.jsonl").touch()
    again = _ledger(tmp_path)
    assert again.append([{"i": 1}]) == 1
    again.close()
    report = Report()
    assert [entry.line["i"] for entry in Chain(tmp_path, report)] == [0, 1]
    assert not report.found


def test_a_ledger_shorter_than_its_checkpoint_is_not_continued(tmp_path: Path) -> None:
    """Lines that were on the disk are gone: that is not a crash."""
    ledger = _ledger(tmp_path)
    ledger.append([{"i": 0}])
    ledger.close()
    (tmp_path / "ledger/00000.jsonl").write_bytes(b"")
    with pytest.raises(LedgerError, match="1 lines were on the disk, 0 are there"):
        _ledger(tmp_path)


def test_a_changed_last_line_is_not_continued(tmp_path: Path) -> None:
    """Whoever builds on it would hide the change."""
    ledger = _ledger(tmp_path)
    ledger.append([{"i": 0}])
    ledger.close()
    path = tmp_path / "ledger/00000.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"i":0', b'"i":7'))
    with pytest.raises(LedgerError, match="line 1: the line was changed"):
        _ledger(tmp_path)


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from crawler.durable import WriteError
from crawler.audit.ledger import Ledger
from crawler.audit.signing import SigningKey
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
ledger = Ledger(Path(sys.argv[1]), key=SigningKey.load_or_create(Path(sys.argv[2])), origin="usufruct/c1")
try:
    while True:
        ledger.append([{"text": "x" * 100}])
except WriteError as error:
    print(ledger.size, error)
"""


def test_a_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    """The line that did not fit is not there at all, the error says where, why and what to do."""
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path), str(tmp_path / "ledger.key")],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    size, _, message = done.stdout.partition(" ")
    assert "00000.jsonl: cannot be written: File too large" in message
    assert "make room" in message
    report = Report()
    assert len(list(Chain(tmp_path, report))) == int(size) > 5
    assert not report.found
    again = Ledger(tmp_path, key=SigningKey.load_or_create(tmp_path / "ledger.key"), origin=ORIGIN)
    assert again.size == int(size)


def test_a_file_that_cannot_be_replaced_stays(tmp_path: Path) -> None:
    """The old file is still there, and no .part."""
    folder = tmp_path / "target"
    folder.mkdir()
    (folder / "child").touch()
    with pytest.raises(WriteError, match="target: cannot be written"):
        write_whole(folder, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_the_frontier_keeps_order_and_drops_what_was_torn(tmp_path: Path) -> None:
    """Names, masked forms and hosts of accepted URLs."""
    accepted = frontier.Frontier(tmp_path)
    accepted.accept("https://A.example/?mail=a@b.example", "https://a.example/?mail=*")
    accepted.close()
    with (tmp_path / "frontier/accepted.jsonl").open("ab") as file:
        file.write(b'{"url_sha256":"ab')
    expected = (url_id("https://A.example/?mail=a@b.example"), "https://a.example/?mail=*", "a.example")
    assert list(frontier.read(tmp_path)) == [expected]
    frontier.Frontier(tmp_path).accept("https://b.example/", "https://b.example/")
    assert [found.site for found in frontier.read(tmp_path)] == ["a.example", "b.example"]


def test_a_line_holds_the_decision_and_no_control_characters() -> None:
    """Every member of the line, from what the judge said."""
    fired = Fired("jp.noai", "drop", ("jp:30-4",), "law")
    decision = Decision(Gate.DROP, {"contact": Treatment.REDACT}, (fired,), fired, ("license-1",))
    outcome = Outcome("jp", Result.DROPPED, Stage.SIGNALS, decision)
    judged = Judged("https://EXAMPLE.org:8080/a", (outcome,), pii={"EMAIL_ADDRESS": 2})
    line = line_of(
        judged,
        outcome,
        digest="d",
        time=datetime(2026, 1, 2, 3, 4, 5, 678901, UTC),
        masked_url="https://example.org/\x1b[31m\ud800",
        evidence=("evidence/00000.warc.gz#7",),
    )
    assert line.as_mapping() == {
        "time": "2026-01-02T03:04:05.678Z",
        "url": "https://example.org/\ufffd[31m\ufffd",
        "url_sha256": url_id("https://EXAMPLE.org:8080/a"),
        "site": "example.org",
        "policy": "jp",
        "digest": "d",
        "result": "dropped",
        "stage": "signals",
        "rule": "jp.noai",
        "effect": "drop",
        "status": "law",
        "citations": ["jp:30-4"],
        "rules": ["jp.noai"],
        "met": ["license-1"],
        "pii": {},  # this policy did not ask for personal data; another one of the same crawl did
        "treatments": {},
        "evidence": ["evidence/00000.warc.gz#7"],
        "shard": "",
        "note": "",
    }
    later = replace(outcome, stage=Stage.PERSONAL_DATA)
    told = line_of(judged, later, digest="d", time=datetime(2026, 1, 2, tzinfo=UTC), masked_url="https://example.org/")
    assert told.pii == {"EMAIL_ADDRESS": 2}


def test_appending_is_one_system_call_a_line(tmp_path: Path) -> None:
    """What `append` returned from is in the file, whatever happens to the process next."""
    ledger = _ledger(tmp_path)
    ledger.append([{"i": 0}])
    assert os.path.getsize(tmp_path / "ledger/00000.jsonl") == len(seal({"i": 0}, 0, START)[0])


def _group(name: str, count: int = 3) -> list[dict[str, str]]:
    """The outcome lines of one URL."""
    return [{"result": "kept", "policy": f"p{n}", "url_sha256": name} for n in range(count)]


def test_a_group_is_one_system_call(tmp_path: Path) -> None:
    """All lines of a URL are there, or none."""
    ledger = _ledger(tmp_path)
    assert (ledger.append(_group("a")), ledger.append(_group("b")), ledger.append([])) == (0, 3, 6)
    assert ledger.size == 6
    assert [entry.line["url_sha256"] for entry in Chain(tmp_path, Report())] == ["a"] * 3 + ["b"] * 3


def test_a_group_that_cannot_be_stored_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    """A line that JSON cannot hold, in the middle of others."""
    ledger = _ledger(tmp_path)
    ledger.append(_group("a"))
    before = (ledger.size, ledger.head, ledger.root)
    with pytest.raises(ValueError, match="nan is not representable"):
        ledger.append([*_group("b"), {"x": float("nan")}])
    assert (ledger.size, ledger.head, ledger.root) == before
    ledger.append(_group("c"))
    ledger.close()
    assert _ledger(tmp_path).root == ledger.root


CRASHES = {
    "whole groups stay": (["a", "b"], [("a", 3), ("b", 3)], 6, 0),
    "a torn group goes": (["a"], [("a", 3), ("b", 2)], 3, 2),
    "a torn group that is the first goes": ([], [("a", 1)], 0, 1),
    "a group that was synced stays, whole or not": (["a", "b"], [("a", 3), ("b", 2), ("sync", 0)], 5, 0),
    "an event stays": (["a"], [("a", 3), ("event", 0)], 4, 0),
    "an event between does not hide a torn group": (["a"], [("a", 3), ("event", 0), ("b", 1)], 4, 1),
    "the same URL twice is two groups": (["a", "a"], [("a", 3), ("a", 3)], 6, 0),
    "the same URL twice, torn": (["a"], [("a", 3), ("a", 1)], 3, 1),
}


@pytest.mark.parametrize(("named", "writes", "size", "dropped"), CRASHES.values(), ids=CRASHES.keys())
def test_a_torn_group_is_dropped_when_the_ledger_is_opened_again(
    tmp_path: Path, named: list[str], writes: list[tuple[str, int]], size: int, dropped: int
) -> None:
    """What was on the disk when the checkpoint was written stays."""
    ledger = _ledger(tmp_path)
    for name, count in writes:
        if name == "sync":
            ledger.sync()
        elif name == "event":
            ledger.event("resumed", note="")
        else:
            ledger.append(_group(name, count))
    kept: list[bytes] = []
    again = _ledger(tmp_path, group_size=3, on_line=kept.append)
    assert (again.size, again.dropped, len(kept)) == (size, dropped, size)
    assert again.append(_group("z")) == size
    again.close()
    report = Report()
    found = [entry.line.get("url_sha256") for entry in Chain(tmp_path, report)]
    assert found[: len(kept)] == [json.loads(line).get("url_sha256") for line in kept]
    assert not report.found
    assert _ledger(tmp_path, group_size=3).root == again.root


def test_after_a_crash_of_the_machine_only_what_was_synced_is_trusted(tmp_path: Path) -> None:
    """What comes after may be anything, over several files too."""
    ledger = _ledger(tmp_path, max_file_bytes=900)
    ledger.append(_group("a"))
    synced = ledger.sync()
    for name in "bcde":
        ledger.append(_group(name))
    with (tmp_path / "ledger/00001.jsonl").open("r+b") as file:
        file.write(bytes(100))
    with pytest.raises(LedgerError, match="the line was changed"):
        _ledger(tmp_path)
    again = _ledger(tmp_path, trust_unsynced=False)
    assert (again.size, again.head, again.root) == (synced.size, synced.head, synced.root)
    assert again.dropped > 3
    again.append(_group("z"))
    again.close()
    report = Report()
    assert [entry.line["url_sha256"] for entry in Chain(tmp_path, report)] == ["a"] * 3 + ["z"] * 3
    assert not report.found


def test_only_the_key_that_began_a_ledger_goes_on_with_it(tmp_path: Path) -> None:
    """The message names the setting."""
    _ledger(tmp_path).close()
    other = SigningKey(Ed25519PrivateKey.generate())
    with pytest.raises(LedgerError, match=r"signed by another key.*LEDGER_KEY"):
        Ledger(tmp_path, key=other, origin=ORIGIN)
    with pytest.raises(LedgerError, match="signed by another key"):
        Ledger(tmp_path, key=KEY, origin="usufruct/c2")


def test_a_ledger_whose_lines_are_not_what_was_signed_is_not_continued(tmp_path: Path) -> None:
    """A chain computed anew, without the key."""
    ledger = _ledger(tmp_path)
    ledger.append([{"i": 0}])
    ledger.close()
    (tmp_path / "ledger/00000.jsonl").write_bytes(seal({"i": 1}, 0, START)[0])
    with pytest.raises(LedgerError, match="not those that the checkpoint signs"):
        _ledger(tmp_path)


def test_a_ledger_without_its_checkpoint_is_not_continued(tmp_path: Path) -> None:
    """There is one before there is a line."""
    ledger = _ledger(tmp_path)
    ledger.append([{"i": 0}])
    ledger.close()
    (tmp_path / "ledger/checkpoint").unlink()
    with pytest.raises(LedgerError, match="has lines and no checkpoint"):
        _ledger(tmp_path)


@pytest.mark.parametrize("member", ["event", "result", "policy", "seq"])
def test_an_event_is_no_outcome(tmp_path: Path, member: str) -> None:
    """Readers tell them apart by `result`."""
    ledger = _ledger(tmp_path)
    with pytest.raises(ValueError, match=r"no outcome|own members"):
        ledger.event("closed", **{member: "x"})
    assert ledger.event("closed", files={}) == 0
    (entry,) = Chain(tmp_path, Report())
    assert entry.line.keys() == {"event", "files", "hash", "prev", "seq", "time"}


@given(st.dictionaries(st.text(max_size=3), VALUES | st.floats(allow_nan=False, allow_infinity=False), max_size=4))
def test_the_fast_encoder_writes_what_the_standard_asks_for(value: dict[str, Any]) -> None:
    """RFC 8785, for all that it can hold."""
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [2**53, -(2**53), float("nan"), float("inf"), b"x", {1: 2}, "\ud800"])
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    """As the standard's own encoder does."""
    with pytest.raises(ValueError):  # noqa: PT011 - of two encoders, each in its own words
        canonical({"x": value})
