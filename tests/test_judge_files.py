"""Judging many files: the same outcomes however they are cut and whoever works, nothing lost, nothing done twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from crawler.arguments import ArgumentError
from crawler.audit.crawl_folder import open_crawl
from crawler.audit.verify import verify
from crawler.audit.verify_merged import verify_merged
from crawler.auditing.verify import READERS
from crawler.document import Fetched
from crawler.engines import start
from crawler.engines.board import FIELDS, Board
from crawler.engines.judging import Report, Tell, judge_files, make_plan, units_of
from crawler.engines.plan import Plan, Result, Unit
from crawler.engines.ray import OnRay
from crawler.engines.unit import Bench
from crawler.sources.documents import AS_USUAL
from crawler.sources.storage import UnreadableError
from crawler.sources.warc_record import record_bytes
from crawler.working import Working
from tests.test_journeys import COMPARED, scrapy

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HTML = (("Content-Type", "text/html; charset=utf-8"),)
PLAIN = (("Content-Type", "text/plain"),)
WORDS = "Every morning the small harbor town wakes to the sound of engines and gulls over the quiet water. "
PAGE = f"<html lang=en><title>Harbor</title><body><main><p>{WORDS * 4}</p></main>".encode()
TERMS = (
    b"<html><title>Terms of Service</title><h1>Terms of Service</h1><p>You may not use this content to train AI models."
)
POLICIES = "jp,eu"


def _page(url: str, body: bytes = PAGE, headers: Sequence[tuple[str, str]] = HTML) -> Fetched:
    return Fetched(url, 200, tuple(headers), body, NOW)


ROBOTS = [
    _page("https://closed.example/robots.txt", b"User-agent: *\nDisallow: /", PLAIN),
    _page("https://open.example/robots.txt", b"User-agent: *\nDisallow: /private", PLAIN),
    Fetched("https://moved.example/robots.txt", 301, (("Location", "https://open.example/robots.txt"),), b"", NOW),
    _page("https://old.example/robots.txt", b"User-agent: *\nDisallow:", PLAIN),
    replace(
        _page("https://old.example/robots.txt", b"User-agent: *\nDisallow: /", PLAIN), fetched_at=NOW.replace(hour=10)
    ),
    _page("https://terms.example/terms", TERMS),
]
PAGES = [
    *(_page(f"https://open.example/{number}") for number in range(12)),
    *(
        _page(f"https://{host}.example/{path}")
        for host in ("closed", "moved", "old", "none")
        for path in ("a", "private/b")
    ),
    _page("https://terms.example/a", PAGE + b"<footer><a href=/terms>Terms of Service</a></footer>"),
    _page("https://mail.example/", PAGE.replace(b"gulls", b"gulls (write to anna.berg@example.org)")),
    _page("https://noai.example/", PAGE, (*HTML, ("X-Robots-Tag", "noai"))),
    Fetched("https://gone.example/", 404, HTML, b"", NOW),
]
TEXTS = [{"text": WORDS * 4, "metadata": {"url": "https://closed.example/text"}}, {"text": ""}, {"text": WORDS * 4}]
SIZE = len(PAGES) + len(TEXTS) + 1  # what is linked as terms is a page, too


def _warc(path: Path, pages: Sequence[Fetched]) -> str:
    path.write_bytes(b"".join(record_bytes(page, keep_body=True) for page in pages))
    return str(path)


def _split(folder: Path) -> list[str]:
    """Site files behind the pages, in a file of their own; pages in two files; texts."""
    folder.mkdir()
    (folder / "texts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in TEXTS))
    return [
        _warc(folder / "a.warc.gz", PAGES[::2]),
        _warc(folder / "b.warc.gz", PAGES[1::2]),
        _warc(folder / "robots.warc.gz", ROBOTS),
        str(folder / "texts.jsonl"),
    ]


def _plan(sources: Sequence[str], out: Path, given: Mapping[str, str] = {}, **how: Any) -> Plan:
    arguments = {"policy": POLICIES, "out": str(out), **given}
    key = out.parent / "key"
    return make_plan(arguments, Working(key_file=key, **how), AS_USUAL, units_of(sources), fetched_by="others")


def _judge(sources: Sequence[str], out: Path, *, engine: str = "local", processes: int = 2, **how: Any) -> Report:
    plan = _plan(sources, out, **how)
    return judge_files(plan, units_of(sources), partial(start, engine, plan, processes=processes), Tell())


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.rglob("ledger/0*.jsonl")):
        yield from (line for line in map(json.loads, path.open()) if "result" in line)


def _outcomes(folder: Path) -> dict[tuple[str, str], tuple[Any, ...]]:
    """By address and policy; texts without an address by their place."""
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    for line in _lines(folder):
        url = "urn:" + line["url"].rpartition(":")[2] if line["url"].startswith("urn:") else line["url"]
        assert (url, line["policy"]) not in found
        found[url, line["policy"]] = tuple(line[name] for name in (*COMPARED, "note"))
    return found


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return _split(tmp_path_factory.mktemp("sources") / "in")


@pytest.fixture(scope="module")
def local(sources: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Judged by two processes of this machine."""
    out = tmp_path_factory.mktemp("local") / "out"
    report = _judge(sources, out)
    assert (report.problems, report.skipped, len(report.results)) == ([], 0, 4)
    return out


def test_site_files_count_wherever_they_stand(local: Path) -> None:
    """In another file, behind the page, led to by a redirect or by a link; of two the later; also for texts."""
    found = {url: outcome for (url, policy), outcome in _outcomes(local).items() if policy == "jp"}
    said = {
        url: note.partition(" ")[0]
        for line in _lines(local)
        for url, note in ((line["url"], line["note"]),)
        if line["policy"] == "jp"
    }
    assert len(found) == SIZE
    assert {said[f"https://{host}.example/private/b"] for host in ("closed", "moved", "old")} == {"robots=disallowed"}
    assert said["https://moved.example/a"] != "robots=disallowed"
    assert said["https://old.example/a"] == "robots=disallowed"
    assert said["https://closed.example/text"] == "robots=disallowed"
    terms = [line for line in _lines(local) if line["url"] == "https://terms.example/a"]
    assert any("terms" in json.dumps(line["rules"]) for line in terms)


def test_the_same_in_one_file_and_without_an_engine(local: Path, tmp_path: Path) -> None:
    """How files are cut changes no outcome."""
    (tmp_path / "texts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in TEXTS))
    whole = [_warc(tmp_path / "one.warc.gz", [*PAGES, *ROBOTS]), str(tmp_path / "texts.jsonl")]
    _judge(whole, tmp_path / "one", processes=1)
    assert _outcomes(tmp_path / "one") == _outcomes(local)
    done = scrapy(
        "judge", *whole, "-a", f"policy={POLICIES}", "-a", f"out={tmp_path / 'plain'}", "-a", "fetched_by=others",
        "-s", "PII_NAMES=False", "-s", "WORKERS=1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert _outcomes(tmp_path / "plain") == _outcomes(local)


def test_ray_comes_to_the_same_outcomes(sources: list[str], local: Path, tmp_path: Path) -> None:
    """Line by line, but for time and crawl."""
    report = _judge(sources, tmp_path / "out", engine="ray")
    assert report.problems == []
    assert _outcomes(tmp_path / "out") == _outcomes(local)


@pytest.mark.parametrize(("step", "fatal"), [("judge", False), ("index", True)])
def test_a_task_that_ray_loses_costs_its_file_only(step: str, fatal: bool) -> None:
    """The others are judged; but nothing is, where site files may be missed."""

    class LostError(Exception):
        pass

    def get(task: str) -> Result:
        if task == "a":
            raise LostError("a page may be quoted here")
        return Result(task)

    def remote(**_: Any) -> Any:
        return lambda _: SimpleNamespace(remote=lambda plan, step, unit: unit.name)

    ray = SimpleNamespace(
        put=id, remote=remote, get=get, wait=lambda tasks: (tasks[:1], tasks[1:]),
        exceptions=SimpleNamespace(RayError=LostError),
    )  # fmt: skip
    lost, sound = OnRay(ray, cast(Plan, None)).run(step, [Unit("a", "a"), Unit("b", "b")])
    assert lost == Result("a", problem="a: Ray lost its task (LostError); run again to go on", fatal=fatal)
    assert sound == Result("b")


def test_the_union_and_every_segment_verify(local: Path) -> None:
    """What was never recorded is a fact, and a made-up address is one in the ledger."""
    assert not verify_merged(local, READERS).problems
    segments = sorted((local / "segments").iterdir())
    assert len(segments) == 4
    assert not any(verify(open_crawl(segment), READERS).problems for segment in segments)
    assert json.loads((local / "merged.json").read_bytes())["accepted"] == SIZE
    facts = [line["note"] for line in _lines(local) if line["url"].startswith("urn:usufruct:texts.jsonl-")]
    assert len(facts) == 4


def test_what_is_complete_is_not_judged_again(sources: list[str], local: Path, tmp_path: Path) -> None:
    """The same command does nothing; a file that changed is judged again, and the union is made anew."""
    before = {path: path.stat().st_mtime_ns for path in local.rglob("*") if path.is_file() and path.name != ".lock"}

    def nobody() -> Any:
        raise AssertionError("nothing is left to do")

    report = judge_files(_plan(sources, local), units_of(sources), nobody, Tell())
    assert (report.skipped, report.problems) == (4, [])
    assert {path: path.stat().st_mtime_ns for path in before} == before
    texts = Path(sources[-1])
    content = texts.read_text()
    texts.write_text(content + json.dumps({"text": WORDS, "url": "https://more.example/"}) + "\n")
    try:
        report = _judge(sources, local)
        assert (report.skipped, report.again, report.merged and report.merged.accepted) == (3, 1, SIZE + 1)
        assert not verify_merged(local, READERS).problems
    finally:
        texts.write_text(content)
        _judge(sources, local)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--processes", "2"], "--processes goes with --engine"),
        (["--ray-address", "ray:6379"], "--ray-address goes with --engine ray"),
        (["--engine", "local", "--ray-address", "ray:6379"], "--ray-address goes with --engine ray"),
        (["--engine", "local", "--verify"], "--engine goes with neither --known nor --verify"),
        (["--engine", "spark"], "invalid choice: 'spark'"),
    ],
)
def test_an_option_that_would_change_nothing_is_refused(options: list[str], words: str, tmp_path: Path) -> None:
    """Before anything is read."""
    done = scrapy("judge", "pages.warc.gz", *options, "-a", "policy=jp", "-a", f"out={tmp_path / 'out'}")
    assert done.returncode == 2
    assert words in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_under_other_policies_is_refused(sources: list[str], local: Path) -> None:
    """Nothing is mixed; and duplicates cannot be told apart file by file."""
    with pytest.raises(ArgumentError, match="was begun under jp, eu"):
        _plan(sources, local, {"policy": "us"})
    with pytest.raises(ArgumentError, match="duplicates=exact"):
        _plan(sources, local, {"duplicates": "exact"})
    with pytest.raises(ArgumentError, match="holds something else"):
        _plan(sources, local / "segments")


def test_a_damaged_file_does_not_stop_the_others(tmp_path: Path) -> None:
    """It is told, and so is what is no archive at all."""
    good, bad = tmp_path / "good.warc.gz", tmp_path / "bad.warc.gz"
    _warc(good, PAGES[:3])
    _warc(bad, PAGES[3:9])
    bad.write_bytes(bad.read_bytes()[:-20])
    (tmp_path / "no.warc.gz").write_bytes(b"<html>")
    report = _judge([str(good), str(bad), str(tmp_path / "no.warc.gz")], tmp_path / "out", processes=1)
    assert sorted(problem.split(": ")[1][:12] for problem in report.problems) == ["damaged or b", "no WARC file"]
    assert report.merged
    assert report.merged.accepted == 9


class _Failing:
    """An engine; some files cannot be looked through for site files."""

    def __init__(self, fatal: bool) -> None:
        self.fatal, self.steps = fatal, list[str]()

    def run(self, step: str, units: Sequence[Unit]) -> Iterator[Result]:
        self.steps.append(step)
        yield from (Result(unit.name, problem="the store failed", fatal=self.fatal) for unit in units)

    def under_way(self) -> tuple[int, int]:
        return 0, 0

    def close(self) -> None: ...


@pytest.mark.parametrize(("fatal", "steps"), [(True, ["index"]), (False, ["index", "judge"])])
def test_no_page_is_judged_without_site_files_that_may_be_there(fatal: bool, steps: list[str], tmp_path: Path) -> None:
    """A store that fails may hold the robots.txt of every page; what is no WARC holds none."""
    units = units_of([_warc(tmp_path / "a.warc.gz", ROBOTS)])
    engine = _Failing(fatal)
    report = judge_files(_plan([units[0].address], tmp_path / "out"), units, lambda: engine, Tell())
    assert (engine.steps, report.problems) == (steps, ["the store failed"])


def test_a_store_that_fails_while_site_files_are_looked_for_stops_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not taken for a file without any."""

    def index_file(*_: object) -> None:
        raise UnreadableError("s3://b/a.warc.gz: the store failed")

    monkeypatch.setattr("crawler.engines.unit.index_file", index_file)
    units = units_of([_warc(tmp_path / "a.warc.gz", ROBOTS)])
    bench = Bench(_plan([units[0].address], tmp_path / "out"), Board([0.0] * FIELDS))
    assert bench.index(units[0]).fatal


def test_a_page_that_hangs_or_kills_costs_itself_only(tmp_path: Path) -> None:
    """One process after the other goes on in the same segment."""
    urls = [f"https://a.example/{path}" for path in ("1", "hangs", "2", "dies", "3")]
    source = _warc(tmp_path / "a.warc.gz", [_page(url) for url in urls])
    report = _judge([source], tmp_path / "out", processes=1, timeout_s=3.0, registries={"x": "tests.hostile.lookup"})
    assert report.problems == []
    found = {line["url"]: (line["result"], line["note"].partition(" ")[0]) for line in _lines(tmp_path / "out")}
    assert found[urls[1]] == ("failed", "fetch.error=worker-timeout")
    assert found[urls[3]] == ("failed", "fetch.error=worker-died")
    assert "failed" not in {found[url][0] for url in urls[::2]}
    assert not verify_merged(tmp_path / "out", READERS).problems


def test_a_run_that_is_killed_goes_on(tmp_path: Path) -> None:
    """Every address has one outcome under each policy, the same as without."""
    pages = [_page(f"https://a.example/{number}") for number in range(300)]
    source = _warc(tmp_path / "a.warc.gz", pages)
    out = tmp_path / "out"
    command = [
        sys.executable, "-m", "scrapy", "judge", source, "-a", "policy=jp", "-a", f"out={out}", "--engine", "local",
        "--processes", "1", "-s", "PII_NAMES=False",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=Path(__file__).parent.parent, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while time.monotonic() < until and sum(1 for _ in _lines(out)) < 20:
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (out / "merged.json").exists()
    done = subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(_outcomes(out)) == 300
    [run] = [json.loads(path.read_bytes()) for path in out.glob("segments/*/run.json")]
    assert len(run["resumed"]) == 1
    assert not verify_merged(out, READERS).problems


def test_only_file_by_file_a_judging_goes_on(tmp_path: Path) -> None:
    """What a stopped one says, and what the same command says then, names nothing that does not work."""
    source = _warc(tmp_path / "a.warc.gz", [_page(f"https://a.example/{number}") for number in range(300)])
    out = tmp_path / "out"
    command = [
        sys.executable, "-m", "scrapy", "judge", source, "-a", "policy=jp", "-a", f"out={out}", "-s", "PII_NAMES=False",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=Path(__file__).parent.parent, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 120
    while time.monotonic() < until and not any(path.stat().st_size for path in out.glob("ledger/*.jsonl")):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert (process.returncode, "stopped; it cannot go on: judge into a new folder" in said) == (130, True), said
    again = scrapy(*command[3:])
    assert again.returncode == 1
    assert "give a folder that does not exist yet, or remove this one\n" in again.stderr


def test_a_profile_can_refuse_what_was_not_recorded(tmp_path: Path) -> None:
    """The example of docs/judging.md drops texts whose site nobody asked."""
    docs = (Path(__file__).parent.parent / "docs/judging.md").read_text()
    (tmp_path / "careful.yaml").write_text(docs.split("```yaml\n")[1].split("```")[0])
    source = _warc(tmp_path / "a.warc.gz", [*ROBOTS[1:2], PAGES[0], _page("https://none.example/")])
    plan = _plan([source], tmp_path / "out", {"policy": str(tmp_path / "careful.yaml")})
    judge_files(plan, units_of([source]), partial(start, "local", plan, processes=1), Tell())
    assert {line["url"]: line["result"] for line in _lines(tmp_path / "out")} == {
        "https://open.example/0": "kept", "https://none.example/": "dropped",
    }  # fmt: skip


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A store that speaks S3, on loopback."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_DEFAULT_REGION": "us-east-1", "NO_PROXY": "*", "no_proxy": "*",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    fsspec.filesystem("s3", skip_instance_cache=True).mkdir("pages")
    yield "s3://pages"
    server.stop()


def test_files_in_a_store_are_judged_like_files_on_the_disk(
    bucket: str, sources: list[str], local: Path, tmp_path: Path
) -> None:
    """By pattern; a file that was put anew is judged again, and one that is not there is told."""
    store = fsspec.filesystem("s3")
    for source in sources:
        store.put(source, f"{bucket}/{Path(source).name}")
    report = _judge([f"{bucket}/*"], tmp_path / "out", processes=1)
    assert report.problems == []
    assert _outcomes(tmp_path / "out") == _outcomes(local)
    names = sorted(unit.name.rpartition("-")[0] for unit in units_of([f"{bucket}/*"]))
    assert names == ["a.warc.gz", "b.warc.gz", "robots.warc.gz", "texts.jsonl"]
    done = scrapy("judge", f"{bucket}/nothing.warc.gz", "-a", "policy=jp", "-a", f"out={tmp_path / 'none'}")
    assert (done.returncode, "there is no such file" in done.stderr) == (1, True), done.stderr
