"""Whether an audit finds what was changed, counts every URL once, and finds every line about a page or site."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from crawler.audit import view
from crawler.audit.checkpoint import read_signed, render_key, sign_checkpoint
from crawler.audit.crawl_folder import FolderError, open_crawl
from crawler.audit.facts import FactsWriter
from crawler.audit.find import find, wanted
from crawler.audit.frontier import Frontier
from crawler.audit.ledger import Ledger, seal
from crawler.audit.report import Report
from crawler.audit.signing import SigningKey
from crawler.audit.summary import summarize
from crawler.audit.verify import verify
from crawler.auditing.verify import READERS
from crawler.document import Fact, url_id
from crawler.durable import WriteError
from crawler.shards import manifest
from crawler.shards.shard_set import ShardSet
from crawler.views import summaries
from tests import warm

ROOT = Path(__file__).parent.parent
TABLES = Path(__file__).parent / "audit"
FORMATS = {"jp": "parquet", "us": "jsonl.zst"}


def _rows(name: str) -> pytest.MarkDecorator:
    rows = YAML(typ="safe", pure=True).load((TABLES / name).read_text(encoding="utf-8"))
    return pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in rows])


def _line(url: str, policy: str, result: str, shard: str = "") -> dict[str, Any]:
    dropped = result == "dropped"
    return {
        "url": url,
        "url_sha256": url_id(url),
        "site": url.split("/")[2],
        "policy": policy,
        "digest": f"digest-{policy}",
        "result": result,
        "stage": "signals" if dropped else "shard",
        "rule": f"{policy}.noai" if dropped else "",
        "effect": "drop" if dropped else "",
        "status": "law" if dropped else "",
        "citations": [f"{policy}:1"] if dropped else [],
        "shard": shard,
    }


def open_ledger(out: Path, **options: Any) -> Ledger:
    """The ledger of a crawl, with the key that lies beside it."""
    key = SigningKey.load_or_create(out.parent / "ledger.key")
    return Ledger(out, key=key, origin="usufruct/c1", **options)


def _url(number: int) -> str:
    return f"https://s{number % 4}.example/{number}"


def build(out: Path, urls: int = 24, *, publish: bool = True) -> None:
    """A small crawl: every second outcome is kept, every fourth held."""
    out.mkdir()
    policies = [{"id": policy, "digest": f"digest-{policy}"} for policy in FORMATS]
    key = SigningKey.load_or_create(out.parent / "ledger.key").verifier("usufruct/c1")
    (out / "run.json").write_text(json.dumps({"id": "c1", "policies": policies, "ledger_key": str(key)}))
    frontier, ledger = Frontier(out), open_ledger(out, max_file_bytes=30 * _line_bytes())
    sets = {
        (policy, below): ShardSet(
            out / policy / below,
            prefix=f"{policy}/{below}".rstrip("/"),
            header={"policy": policy, "digest": f"digest-{policy}"},
            sync_ledger=ledger.sync_head,
            format=format_,
            max_records=4,
        )
        for policy, format_ in FORMATS.items()
        for below in ("", "review")
    }
    for number in range(urls):
        frontier.accept(_url(number), _url(number))
        for policy in FORMATS:
            result = ("kept", "dropped", "kept", "held")[number % 4]
            shard = ""
            if result != "dropped":
                metadata = {"policy": policy, "digest": f"digest-{policy}", "ledger": ledger.size}
                record = {"id": f"{url_id(_url(number))}:{policy}", "text": "text " * 50, "metadata": metadata}
                shard = sets[policy, "review" if result == "held" else ""].write(record)
            ledger.append([_padded(_line(_url(number), policy, result, shard))])
    frontier.accept("https://s0.example/waiting", "https://s0.example/waiting")
    for shard_set in sets.values():
        if publish:
            shard_set.close()
    ledger.close()


def _padded(line: dict[str, Any]) -> dict[str, Any]:
    """All lines are equally long, so that the table may count them."""
    return {**line, "note": "." * (600 - len(seal(line, 10, "0" * 64)[0]))}


def _line_bytes() -> int:
    return len(seal(_padded(_line(_url(1), "jp", "dropped")), 10, "0" * 64)[0])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "crawl"
    build(out)
    return out


@pytest.fixture
def crawl(built: Path, tmp_path: Path) -> Path:
    shutil.copy(built.parent / "ledger.key", tmp_path)
    return Path(shutil.copytree(built, tmp_path / "crawl"))


def _verify(crawl: Path) -> Report:
    return verify(open_crawl(crawl), READERS)


class Changes:
    """What a row of the table can do to a crawl."""

    def __init__(self, crawl: Path) -> None:
        self.crawl = crawl

    def write(self, file: str, content: str) -> None:
        path = self.crawl / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)

    def delete(self, file: str) -> None:
        (self.crawl / file).unlink()

    def copy(self, file: str, to: str) -> None:
        shutil.copy(self.crawl / file, self.crawl / to)

    def flip(self, file: str, offset: int) -> None:
        content = bytearray((self.crawl / file).read_bytes())
        content[offset] ^= 1
        (self.crawl / file).write_bytes(content)

    def cut(self, file: str, count: int) -> None:
        path = self.crawl / file
        path.write_bytes(path.read_bytes()[:-count])

    def replace(self, file: str, old: str, new: str) -> None:
        content = (self.crawl / file).read_text()
        assert old in content
        (self.crawl / file).write_text(content.replace(old, new, 1))

    def replace_in_line(self, file: str, number: int, old: str, new: str) -> None:
        self._edit(file, lambda lines: lines.__setitem__(number - 1, lines[number - 1].replace(old, new, 1)))

    def remove_line(self, file: str, number: int) -> None:
        self._edit(file, lambda lines: lines.pop(number - 1))

    def insert_line(self, file: str, number: int, line: str) -> None:
        self._edit(file, lambda lines: lines.insert(number - 1, line))

    def copy_line(self, file: str, number: int, to: int) -> None:
        self._edit(file, lambda lines: lines.insert(to - 1, lines[number - 1]))

    def swap_lines(self, file: str, one: int, other: int) -> None:
        def swap(lines: list[str]) -> None:
            lines[one - 1], lines[other - 1] = lines[other - 1], lines[one - 1]

        self._edit(file, swap)

    def reseal_line(self, file: str, number: int) -> None:
        def reseal(lines: list[str]) -> None:
            line = json.loads(lines[number - 1])
            del line["hash"]
            seq, prev = line.pop("seq"), line.pop("prev")
            lines[number - 1] = seal({**line, "note": "rewritten"}, seq, prev)[0].decode().rstrip("\n")

        self._edit(file, reseal)

    def append_lines(self, count: int) -> None:
        for number in range(count):
            self._append(_line(f"https://late.example/{number}", "jp", "dropped"))

    def append_kept(self, place: str) -> None:
        self._append(_line("https://late.example/", "jp", "kept", place))

    def append_again(self, number: int) -> None:
        line = json.loads((self.crawl / "ledger/00000.jsonl").read_text().splitlines()[number])
        self._append({key: value for key, value in line.items() if key not in ("seq", "prev", "hash")})

    def rechain(self, number: int) -> None:
        """As somebody does who may write to the folder and has not the key."""
        head = ""
        for path in sorted((self.crawl / "ledger").glob("*.jsonl")):
            contents = []
            for content in path.read_bytes().splitlines(keepends=True):
                line = json.loads(content)
                if line["seq"] >= number:
                    old = {key: value for key, value in line.items() if key not in ("seq", "prev", "hash")}
                    content, line["hash"] = seal({**old, "note": "rewritten"}, line["seq"], head)
                head = line["hash"]
                contents.append(content)
            path.write_bytes(b"".join(contents))

    def foreign_key(self) -> None:
        (self.crawl / "ledger/key.pub").write_bytes(render_key(self._foreign.verifier("usufruct/c1")))

    def foreign_checkpoint(self) -> None:
        signed = read_signed(self.crawl / "ledger")
        assert signed
        note = sign_checkpoint(signed.size, signed.root, self._foreign, signed.origin)
        (self.crawl / "ledger/checkpoint").write_bytes(note)

    def drop_signature(self) -> None:
        path = self.crawl / "ledger/checkpoint"
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:3]))

    @property
    def _foreign(self) -> SigningKey:
        return SigningKey.load_or_create(self.crawl.parent / "foreign.key")

    def reseal_manifest(self, policy: str, key: str, value: object) -> None:
        folder = self.crawl / policy
        content = manifest.read(folder)
        assert content
        (folder / "manifest.json").write_bytes(manifest.render({**content, key: value}))

    def unlist_last_shard(self, policy: str) -> None:
        content = manifest.read(self.crawl / policy)
        assert content
        *rest, last = content["shards"]
        self.reseal_manifest(policy, "shards", rest)
        self.reseal_manifest(policy, "records", content["records"] - last["records"])

    def _append(self, line: dict[str, Any]) -> None:
        """As a run does that is killed before it writes a checkpoint."""
        frontier = Frontier(self.crawl)
        frontier.accept(line["url"], line["url"])
        frontier.close()
        checkpoint = (self.crawl / "ledger/checkpoint").read_bytes()
        ledger = open_ledger(self.crawl)
        ledger.append([line])
        ledger.close()
        (self.crawl / "ledger/checkpoint").write_bytes(checkpoint)

    def _edit(self, file: str, edit: Callable[[list[str]], object]) -> None:
        path = self.crawl / file
        lines = path.read_text().splitlines()
        edit(lines)
        path.write_text("".join(f"{line}\n" for line in lines))


@_rows("verify.yaml")
def test_what_was_changed_is_named(row: dict[str, Any], crawl: Path) -> None:
    """Every change is found and named; what a crash leaves behind is no fault."""
    changes = Changes(crawl)
    for verb, *arguments in row["do"]:
        getattr(changes, verb)(*arguments)
    report = _verify(crawl)
    for where, words in row["problems"]:
        assert any(p.where.startswith(where) and words in p.what for p in report.problems), report.problems
    for words in row.get("notes", ()):
        assert any(words in note for note in report.notes), report.notes
    assert bool(row["problems"]) == bool(report.found), report.problems


def test_200_random_changes_are_all_found(built: Path, tmp_path: Path) -> None:
    """A bit, a cut, a doubled or lost stretch, anywhere in ledger, checkpoint, manifests and shards."""
    dice = random.Random(7)
    crawl = Path(shutil.copytree(built, tmp_path / "crawl"))
    files = sorted(
        path
        for path in crawl.rglob("*")
        if path.is_file() and path.parent.name != "frontier" and path.name != "run.json"
    )
    for _ in range(200):
        path = dice.choice(files)
        before = path.read_bytes()
        path.write_bytes(_mutated(before, dice))
        assert _verify(crawl).found, path.name
        path.write_bytes(before)
    assert not _verify(crawl).found


def _mutated(content: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(content))
    end = min(len(content), at + dice.randrange(1, 900))
    flipped = content[:at] + bytes([content[at] ^ 1 << dice.randrange(8)]) + content[at + 1 :]
    changed = dice.choice((flipped, content[:at], content[:at] + content[end:], content[:end] + content[at:]))
    return changed if changed != content else flipped


@_rows("find.yaml")
def test_lines_about_a_page_or_site_are_found(row: dict[str, Any], built: Path) -> None:
    """Exactly the lines about it, oldest first."""
    lines = list(find(open_crawl(built), wanted(row["asked"]), manifest.read, policy=row.get("policy", "")))
    assert len(lines) == row["lines"]
    assert all(view.line(line) for line in lines)


def test_a_url_is_found_by_its_hash(built: Path) -> None:
    """The name that stands in records finds the lines, with the place of the line and of the record."""
    lines = list(find(open_crawl(built), wanted(url_id(_url(2))), manifest.read))
    assert [(line["where"], line["published"]) for line in lines] == [
        ("ledger/00000.jsonl line 5", True),
        ("ledger/00000.jsonl line 6", True),
    ]


def test_every_url_counts_once_per_policy(built: Path) -> None:
    """seen = kept + dropped + held + failed + pending, and the parts agree with the whole."""
    summary = summarize(open_crawl(built), manifest.read).as_json()
    counts = {"seen": 25, "kept": 12, "dropped": 6, "held": 6, "failed": 0, "pending": 1}
    assert summary["policies"] == {"jp": counts, "us": counts}
    assert summary["rules"] == {"jp.noai": {"jp": 6}, "us.noai": {"us": 6}}
    assert summary["rule_texts"]["jp.noai"] == {"effect": "drop", "status": "law", "citations": ["jp:1"]}
    for part in ("stages", "sites"):
        assert sum(found["jp"]["seen"] for found in summary[part].values()) == 25
    assert summary["unreadable_lines"] == 0


def test_the_last_line_of_a_url_counts(crawl: Path) -> None:
    """A page that failed at first and was kept later is kept."""
    ledger = open_ledger(crawl)
    ledger.append([_line(_url(0), "jp", "failed")])
    assert _jp(crawl)["failed"] == 1
    ledger.append([_line(_url(0), "jp", "dropped")])
    ledger.close()
    assert (_jp(crawl)["failed"], _jp(crawl)["dropped"], _jp(crawl)["kept"]) == (0, 7, 11)
    assert _jp(crawl)["seen"] == 25


def test_what_was_not_published_is_pending(tmp_path: Path) -> None:
    """A run that died before its shards were published counts them as pending, and its ledger is in order."""
    build(tmp_path / "crawl", urls=12, publish=False)
    counts = _jp(tmp_path / "crawl")
    assert counts == {"seen": 13, "kept": 4, "dropped": 3, "held": 0, "failed": 0, "pending": 6}
    report = _verify(tmp_path / "crawl")
    assert not report.found, report.problems


def test_a_torn_line_is_not_counted(crawl: Path) -> None:
    """What a crash tore is no line."""
    with (crawl / "ledger/00001.jsonl").open("ab") as file:
        file.write(b'{"citations":[],"policy":"jp"')
    assert _jp(crawl)["seen"] == 25
    assert summarize(open_crawl(crawl), manifest.read).unreadable == 0


def test_a_policy_without_lines_appears(crawl: Path) -> None:
    """run.json says which policies there are; all of their URLs wait."""
    run = json.loads((crawl / "run.json").read_text())
    run["policies"].append({"id": "eu", "digest": "digest-eu"})
    (crawl / "run.json").write_text(json.dumps(run))
    assert summarize(open_crawl(crawl), manifest.read).as_json()["policies"]["eu"]["pending"] == 25


def _jp(crawl: Path) -> dict[str, int]:
    found: dict[str, int] = summarize(open_crawl(crawl), manifest.read).as_json()["policies"]["jp"]
    return found


@pytest.mark.parametrize("folder", ["nowhere", "empty"])
def test_what_is_no_crawl_is_refused(tmp_path: Path, folder: str) -> None:
    """One message that says what to give."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(FolderError, match="give the folder"):
        open_crawl(tmp_path / folder)


def test_tables_hold_no_color_and_no_markup(
    crawl: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no terminal there are no escape codes, and what a site is called is never markup."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    ledger = open_ledger(crawl)
    ledger.append([{**_line("https://[red].example/", "jp", "dropped"), "site": "[red]\x1b[31m"}])
    ledger.close()
    summaries.show(summarize(open_crawl(crawl), manifest.read), crawl, {})
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "[red]" in shown
    assert "jp:1" in shown


def test_facts_are_published_whole(tmp_path: Path) -> None:
    """What was stated about a URL stands in a file of its own, values as text with their type."""
    import pyarrow.parquet as pq

    writer = FactsWriter(tmp_path, max_rows=2)
    writer.write("https://a.example/", "https://a.example/", [Fact("robots", "allowed"), Fact("pii.any", True)])
    writer.write("https://b.example/", "https://b.example/", [Fact("robots.status", 404, "/robots.txt", "a\ud800b")])
    writer.close()
    files = sorted((tmp_path / "facts").iterdir())
    rows = [row for path in files for row in pq.read_table(path).to_pylist()]
    assert [path.name for path in files] == ["00000.parquet", "00001.parquet"]
    assert [(row["name"], row["value"], row["type"]) for row in rows] == [
        ("robots", "allowed", "str"),
        ("pii.any", "true", "bool"),
        ("robots.status", "404", "int"),
    ]


def test_a_file_of_facts_is_made_a_part_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of its journal, also by a run that takes over; a journal that is no longer what was written ends the run."""
    import pyarrow.parquet as pq

    monkeypatch.setattr("crawler.audit.facts.GROUP_ROWS", 2)
    for number in range(5):
        writer = FactsWriter(tmp_path, ledger_size=number)
        writer.write(f"u{number}", f"u{number}", [Fact("n", number), Fact("m", number)][: 1 + number % 2], seq=number)
        writer.abort()
    writer = FactsWriter(tmp_path, ledger_size=5)
    writer.close()
    with pq.ParquetFile(tmp_path / "facts" / "00000.parquet") as file:
        assert file.metadata.num_row_groups == 3
        assert file.read().column("url").to_pylist() == ["u0", "u1", "u1", "u2", "u3", "u3", "u4"]
    writer.write("u5", "u5", [Fact("n", 5)], seq=5)
    (tmp_path / "facts" / "00001.parquet.journal").write_bytes(b"torn\n")
    with pytest.raises(WriteError, match="not as it was written"):
        writer.close()
    assert not list((tmp_path / "facts").glob("*.part"))


@pytest.fixture(scope="module")
def scrapy_audit() -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return warm.run("audit", *arguments)

    return run


def test_the_command_says_ok_and_exits_0(
    scrapy_audit: Callable[..., subprocess.CompletedProcess[str]], built: Path
) -> None:
    """verify, summary and find on a good crawl."""
    done = scrapy_audit("verify", str(built))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "OK"), done.stderr
    done = scrapy_audit("summary", str(built), "--json")
    assert json.loads(done.stdout)["policies"]["jp"]["seen"] == 25
    done = scrapy_audit("find", str(built), _url(2), "--policy", "jp", "--json")
    assert [line["result"] for line in json.loads(done.stdout)] == ["kept"]


def test_the_command_names_problems_and_exits_1(
    scrapy_audit: Callable[..., subprocess.CompletedProcess[str]], crawl: Path
) -> None:
    """A changed shard; then a folder that is no crawl, exit code 2 and no traceback."""
    Changes(crawl).flip("jp/00000.parquet", 50)
    done = scrapy_audit("verify", str(crawl))
    assert done.returncode == 1
    assert "PROBLEM  jp/00000.parquet: changed" in done.stdout
    done = scrapy_audit("summary", str(crawl / "nowhere"))
    assert done.returncode == 2
    assert "give the folder" in done.stderr
    assert "Traceback" not in done.stderr
