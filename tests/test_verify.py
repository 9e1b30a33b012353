"""A whole crawl with its events: every change is found, by our verifier and by the one that uses nothing of ours."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from benchmarks.mutations import FINDERS, KINDS, independent, mutate
from benchmarks.small_crawl import ROOT, listing, make, reopened
from crawler.audit.crawl_folder import open_crawl
from crawler.audit.digests import Digests
from crawler.audit.frontier import Frontier
from crawler.audit.ledger import Ledger
from crawler.audit.report import Report
from crawler.audit.signing import SigningKey, parse_verifier_key
from crawler.audit.verify import verify
from crawler.auditing.verify import READERS
from crawler.shards import manifest
from tests import warm

TABLE = YAML(typ="safe", pure=True).load((Path(__file__).parent / "audit" / "closed.yaml").read_text(encoding="utf-8"))
FRONTIER = "frontier/accepted.jsonl"
TOOL = "tools/verify_ledger.py"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished crawl, its key beside it."""
    return make(tmp_path_factory.mktemp("made"))


@pytest.fixture
def crawl(made: Path, tmp_path: Path) -> Path:
    shutil.copy(made.parent / "ledger.key", tmp_path)
    return Path(shutil.copytree(made, tmp_path / "crawl"))


class Doing:
    """What a row of the table can do to a crawl: what runs do, and what they do not."""

    def __init__(self, crawl: Path) -> None:
        self.crawl, self.key = crawl, crawl.parent / "ledger.key"

    def resume(self) -> None:
        """A run goes on: the files are about to change."""

        def go_on(ledger: Ledger) -> None:
            ledger.unseal()
            ledger.event("resumed", note="nothing to mend")

        self._with_ledger(go_on)

    def close(self) -> None:
        self._with_ledger(lambda ledger: ledger.seal(listing(self.crawl)))

    def outcome(self, name: str = "again") -> None:
        """One more URL under both policies, as a run does."""
        frontier = Frontier(self.crawl)
        frontier.accept(f"https://{name}.example/", f"https://{name}.example/")
        frontier.close()
        first, second = (json.loads(line) for line in self._lines()[2:4])
        digest = json.loads((self.crawl / "frontier/accepted.jsonl").read_text().splitlines()[-1])["url_sha256"]
        own = {"url_sha256": digest, "url": f"https://{name}.example/", "result": "failed", "shard": ""}
        self._with_ledger(lambda ledger: ledger.append([_bare({**line, **own}) for line in (first, second)]))

    def unsigned_outcome(self) -> None:
        """As somebody does who has not the key."""
        kept = {path: path.read_bytes() for name in ("ledger/checkpoint", FRONTIER) if (path := self.crawl / name)}
        self.outcome()
        for path, content in kept.items():
            path.write_bytes(content)

    def bodies(self) -> None:
        """Bodies in a file of their own, as crawls keep them."""
        (self.crawl / "bodies").mkdir(exist_ok=True)
        shutil.copy(self.crawl / "evidence/00000.warc.gz", self.crawl / "bodies/2026-11-01-00000.warc.gz")

    def remove_bodies(self) -> None:
        """Said first, then done."""
        digests = Digests()
        told = {f"bodies/{path.name}": digests.of(path)._asdict() for path in (self.crawl / "bodies").iterdir()}
        self._with_ledger(lambda ledger: ledger.event("bodies-removed", files=told, note="jp: 30 days"))
        for name in told:
            (self.crawl / name).unlink()

    def bodies_again(self) -> None:
        shutil.copy(self.crawl / "evidence/00000.warc.gz", self.crawl / "bodies/2026-11-01-00000.warc.gz")

    def point_at(self, place: str) -> None:
        """A line that names this place as its evidence."""
        line = json.loads(self._lines()[2])
        self._with_ledger(lambda ledger: ledger.append([{**_bare(line), "policy": "eu", "evidence": [place]}]))

    def event(self, name: str, members: dict[str, Any]) -> None:
        self._with_ledger(lambda ledger: ledger.event(name, **members))

    def write(self, file: str, content: str) -> None:
        (self.crawl / file).parent.mkdir(exist_ok=True)
        (self.crawl / file).write_text(content)

    def append(self, file: str, content: str) -> None:
        with (self.crawl / file).open("a") as stream:
            stream.write(content)

    def cut(self, file: str, count: int) -> None:
        path = self.crawl / file
        path.write_bytes(path.read_bytes()[:-count])

    def flip(self, file: str, offset: int) -> None:
        content = bytearray((self.crawl / file).read_bytes())
        content[offset] ^= 1
        (self.crawl / file).write_bytes(content)

    def delete(self, file: str) -> None:
        (self.crawl / file).unlink()

    def _lines(self) -> list[str]:
        return (self.crawl / "ledger/00000.jsonl").read_text().splitlines()

    def _with_ledger(self, do: Callable[[Ledger], object]) -> None:
        ledger = reopened(self.crawl, self.key)
        do(ledger)
        ledger.close()


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in TABLE])
def test_what_events_say_is_compared_with_the_files(row: dict[str, Any], crawl: Path) -> None:
    """Every difference is named, and nothing that a crawl does in order is one."""
    doing = Doing(crawl)
    for verb, *arguments in row["do"]:
        getattr(doing, verb)(*arguments)
    report = _verify(crawl)
    for where, words in row["problems"]:
        assert any(p.where.startswith(where) and words in p.what for p in report.problems), report.problems
    for words in row.get("notes", ()):
        assert any(words in note for note in report.notes), report.notes
    assert bool(row["problems"]) == bool(report.found), report.problems
    if row.get("independent", True):
        assert independent(crawl) is bool(row["problems"])


def test_every_one_of_150_random_changes_is_found(made: Path) -> None:
    """By both verifiers; benchmarks/mutations.py makes a thousand."""
    assert not any(finds(made) for finds in FINDERS.values())
    changed, missed = mutate(made, 150, seed=5)
    assert not missed
    assert changed.keys() == KINDS.keys()
    assert not any(finds(made) for finds in FINDERS.values())


def test_the_first_problem_is_the_first_bad_line(crawl: Path) -> None:
    """Whatever else does not fit."""
    path = crawl / "ledger/00000.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[7] = lines[7].replace(b"example", b"exbmple", 1)
    del lines[15]
    path.write_bytes(b"".join(lines))
    (crawl / "us/00000.parquet").unlink()
    assert [problem.where for problem in _verify(crawl).problems[:2]] == [
        "ledger/00000.jsonl line 8",
        "ledger/00000.jsonl line 16",
    ]
    told = subprocess.run([sys.executable, TOOL, crawl], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (told.returncode, "00000.jsonl line 8: changed" in told.stderr) == (1, True)


WEIRD: tuple[Any, ...] = (None, True, -1, 2**53 - 1, 1.5, "", "\0", "\ud83d", "../x", "x" * 300, "9" * 5_000)
WEIRD += ([], [1], ["a#b"], {}, {"a": {}})


def test_no_value_that_is_properly_signed_breaks_the_verifier(crawl: Path, tmp_path: Path) -> None:
    """Whoever has the key may write what they like; that is a problem, and nothing to fall over."""
    dice, before = random.Random(3), (crawl / "ledger/00000.jsonl").read_text().splitlines()
    lines = [_bare(json.loads(line)) for line in before]
    for round_ in range(150):
        changed = json.loads(json.dumps(lines))
        for line in dice.sample(changed, 3):
            member = dice.choice([*line, "event"])
            line[member] = dice.choice(WEIRD)
            if isinstance(line.get("files"), dict) and line["files"]:
                line["files"][dice.choice((*line["files"], "../x", "\0", "ledger/x"))] = dice.choice(WEIRD)
        shutil.rmtree(crawl / "ledger")
        ledger = reopened(crawl, tmp_path / "ledger.key")
        with contextlib.suppress(ValueError):  # what JSON cannot hold
            for line in changed:
                ledger.append([line])
        ledger.close()
        assert json.dumps(_verify(crawl).as_json(), ensure_ascii=False).encode(), round_


@pytest.mark.parametrize("file", ["run.json", "us/manifest.json", "frontier/accepted.jsonl"])
def test_no_value_in_other_files_breaks_the_verifier(file: str, crawl: Path) -> None:
    """A manifest with its hash made to fit, too."""
    dice, path = random.Random(4), crawl / file
    sound = path.read_bytes()
    before = json.loads(path.read_text().splitlines()[0] if path.suffix == ".jsonl" else path.read_text())
    for _ in range(60):
        changed = json.loads(json.dumps(before))
        inside = [each for value in changed.values() for each in (value if isinstance(value, list) else [value])]
        place = dice.choice([changed, *(each for each in inside if each and isinstance(each, dict))])
        place[dice.choice(list(place))] = dice.choice(WEIRD)
        try:
            content = manifest.render(changed) if "manifest" in file else json.dumps(changed).encode() + b"\n"
        except ValueError:  # what JSON cannot hold
            continue
        path.write_bytes(content)
        assert _verify(crawl).found or content == sound


def test_an_older_checkpoint_proves_that_the_ledger_only_grew(crawl: Path, tmp_path: Path) -> None:
    """What was signed then is how the ledger begins now; a shorter or another one is told what it lacks."""
    old, doing = tmp_path / "old", Doing(crawl)
    shutil.copy(crawl / "ledger/checkpoint", old)
    before = {path: path.read_bytes() for path in crawl.rglob("*") if path.is_file()}
    doing.resume()
    doing.outcome()
    doing.close()
    report = verify(open_crawl(crawl), READERS, older=[old])
    assert not report.found, report.problems
    assert f"{old}: the first 24 line(s) are what it signs" in report.checked
    assert _tool(crawl, old) == 0

    new = tmp_path / "new"
    shutil.copy(crawl / "ledger/checkpoint", new)
    for path, content in before.items():  # all of it as it was, signed and all: only the auditor knows better
        path.write_bytes(content)
    assert not _verify(crawl).found
    report = verify(open_crawl(crawl), READERS, older=[new])
    assert [problem.what for problem in report.problems] == [
        f"truncated: {new} says 27 lines, 24 are there; missing: seq 24 to 26"
    ]
    assert _tool(crawl, new) == 1


def test_a_ledger_rewritten_by_the_holder_of_the_key_is_not_what_was_signed(crawl: Path, tmp_path: Path) -> None:
    """The key does not help against an older checkpoint."""
    old = tmp_path / "old"
    shutil.copy(crawl / "ledger/checkpoint", old)
    lines = [json.loads(line) for line in (crawl / "ledger/00000.jsonl").read_text().splitlines()]
    shutil.rmtree(crawl / "ledger")
    ledger = reopened(crawl, tmp_path / "ledger.key")
    for line in lines:
        ledger.append(
            [{key: value for key, value in line.items() if key not in ("seq", "prev", "hash")} | {"note": "x"}]
        )
    ledger.close()
    report = verify(open_crawl(crawl), READERS, older=[old])
    assert (str(old), "its root is not that of the first 24 lines: they or it were changed") in report.problems
    assert _tool(crawl, old) == 1


def test_the_key_that_the_auditor_has_is_the_one(crawl: Path, tmp_path: Path) -> None:
    """Given as it is or in a file; without it a note says that the folder vouches for itself."""
    own = (crawl / "ledger/key.pub").read_text()
    other = SigningKey.load_or_create(tmp_path / "other.key").verifier(own.partition("+")[0])
    assert not verify(open_crawl(crawl), READERS, key=parse_verifier_key(own)).notes[1:]
    assert any(own.strip() in note for note in _verify(crawl).notes)
    found = verify(open_crawl(crawl), READERS, key=other).problems
    assert {problem.where for problem in found} >= {"ledger/key.pub", "run.json", "ledger/checkpoint"}
    assert (_tool(crawl, "--key", own.strip()), _tool(crawl, "--key", str(other))) == (0, 1)


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--key", "KEYFILE"], 0, "OK"),
        (["--key", "KEY", "--checkpoint", "CHECKPOINT"], 0, "OK"),
        (["--key", "OTHER"], 1, "PROBLEM  ledger/key.pub: names another key than the one given"),
        (["--key", "nothing"], 2, "--key nothing: neither a verifier key"),
        (["--checkpoint", "nothing"], 1, "PROBLEM  nothing: cannot be read: No such file or directory"),
        (["--checkpoint", "KEYFILE"], 1, "not signed"),
    ],
)
def test_the_command_takes_what_an_auditor_holds(
    options: list[str], code: int, told: str, crawl: Path, tmp_path: Path
) -> None:
    """Keys and older checkpoints, each with its message."""
    key = (crawl / "ledger/key.pub").read_text().strip()
    other = str(SigningKey.load_or_create(tmp_path / "other.key").verifier(key.partition("+")[0]))
    named = {"KEY": key, "OTHER": other}
    named |= {"KEYFILE": str(crawl / "ledger/key.pub"), "CHECKPOINT": str(crawl / "ledger/checkpoint")}
    command = ["audit", "verify", str(crawl), *(named.get(option, option) for option in options)]
    done = warm.run(*command)
    assert (done.returncode, told in done.stdout + done.stderr) == (code, True), done.stdout + done.stderr


def test_the_tool_is_short_and_uses_nothing_of_ours() -> None:
    """An auditor reads it in a quarter of an hour."""
    source = (ROOT / TOOL).read_text(encoding="utf-8")
    assert len(source.splitlines()) < 100
    assert "crawler" not in source


def test_a_signature_under_another_name_is_none(crawl: Path, tmp_path: Path) -> None:
    """What the same key signed for another crawl, with this crawl's name written below."""
    own = (crawl / "ledger/key.pub").read_text().strip()
    key = SigningKey.load_or_create(tmp_path / "ledger.key")
    foreign = key.sign("usufruct/another\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", own.partition("+")[0])
    (tmp_path / "old").write_bytes(foreign)
    assert parse_verifier_key(own).open(foreign)
    assert not verify(open_crawl(crawl), READERS).found
    found = verify(open_crawl(crawl), READERS, older=[tmp_path / "old"]).problems
    assert [problem.what.partition(":")[0] for problem in found] == ["of another ledger"]
    assert _tool(crawl, tmp_path / "old") == 1


def _bare(line: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key not in ("seq", "prev", "hash")}


def _verify(crawl: Path) -> Report:
    return verify(open_crawl(crawl), READERS)


def _tool(crawl: Path, *arguments: str | Path) -> int:
    command = [sys.executable, TOOL, crawl, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode
