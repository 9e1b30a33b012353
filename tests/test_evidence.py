"""Evidence: what stays and what must go stand apart, and both can be shown for every line of the ledger."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from crawler.arguments import judging
from crawler.audit.signing import SigningKey
from crawler.document import Fetched, url_id
from crawler.durable import locked
from crawler.page_record import body_record, page_record
from crawler.retention import RetentionError, expire_crawl, overdue, removals, retention_of, stored_retention
from crawler.sources.evidence import BodyWriter, EvidenceWriter, day_of
from crawler.sources.read_warc import read
from crawler.sources.warc import record_bytes
from tests.test_journeys import scrapy

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MAILBOX = "jane.roe@mail.example"
PAGE = Fetched(
    f"http://a.example/people?mail={MAILBOX}", 200, (("Content-Type", "text/html"), ("X-By", MAILBOX)), b"words", NOON
)


def test_bodies_begin_a_file_each_day(tmp_path: Path) -> None:
    """By the UTC day of the clock; a run that goes on begins another; a crawl without bodies has no such folder."""
    times = [NOON, NOON + timedelta(hours=11), NOON + timedelta(hours=12, minutes=1), NOON + timedelta(days=2)]
    clock = iter(times)
    writer = BodyWriter(tmp_path, clock=lambda: next(clock))
    assert not (tmp_path / "bodies").exists()
    places = [writer.append(body_record(PAGE)).partition("#")[0] for _ in times]
    writer.close()
    writer.close()
    again = BodyWriter(tmp_path, clock=lambda: NOON)
    places.append(again.append(body_record(PAGE)).partition("#")[0])
    again.close()
    days = ["2026-11-23-00000", "2026-11-23-00000", "2026-11-24-00000", "2026-11-25-00000", "2026-11-23-00001"]
    assert places == [f"bodies/{name}.warc.gz" for name in days]
    assert [len(list(read(path))) for path in sorted((tmp_path / "bodies").iterdir())] == [2, 1, 1, 1]


def test_the_day_is_that_of_utc(tmp_path: Path) -> None:
    """Wherever the machine stands."""
    clock = datetime.fromisoformat("2026-11-24T08:30:00+09:00")
    writer = BodyWriter(tmp_path, clock=lambda: clock)
    assert writer.append(b"x").startswith("bodies/2026-11-23-00000.warc.gz#")
    writer.close()


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2026-11-23-00000.warc.gz", date(2026, 11, 23)),
        ("2026-11-23-123456.warc.gz", date(2026, 11, 23)),
        ("2026-13-23-00000.warc.gz", None),
        ("2026-11-23.warc.gz", None),
        ("00000.warc.gz", None),
        ("2026-11-23-00000.warc.gz.part", None),
        ("x2026-11-23-00000.warc.gz", None),
    ],
)
def test_the_name_of_a_file_tells_its_day(name: str, day: date | None) -> None:
    """What is no file of bodies has none, so nobody deletes it by its day."""
    assert day_of(name) == day


def test_what_stays_has_no_identifier_and_proves_the_body(tmp_path: Path) -> None:
    """Digests and length stand in the record of the exchange, also while the body is stored; the body's has it all."""
    evidence, bodies = EvidenceWriter(tmp_path), BodyWriter(tmp_path, clock=lambda: NOON)
    evidence.append(page_record(PAGE))
    bodies.append(body_record(PAGE))
    evidence.close()
    bodies.close()
    stays = gzip.decompress((tmp_path / "evidence/00000.warc.gz").read_bytes()).decode()
    assert MAILBOX not in stays
    assert "words" not in stays
    assert "length=5" in stays
    assert "sha256=dba36bff" in stays
    (whole,) = read(tmp_path / "bodies/2026-11-23-00000.warc.gz")
    assert (whole.url, whole.headers, whole.body) == (PAGE.url, PAGE.headers, PAGE.body)
    for path in (tmp_path / "evidence/00000.warc.gz", tmp_path / "bodies/2026-11-23-00000.warc.gz"):
        done = subprocess.run([sys.executable, "-m", "warcio.cli", "check", str(path)], check=False)
        assert done.returncode == 0


SITE = "http://a.example"
SECRET = "Set-Cookie", "session=aVeryLongSecretValue0123456789; Path=/"
STORED = (
    Fetched(f"{SITE}/robots.txt", 200, (("Content-Type", "text/plain"),),
            f"User-agent: *\nAllow: /\n# {MAILBOX}".encode(), NOON, site_file=True),
    Fetched(f"{SITE}/one", 200, (("Content-Type", "text/html"), SECRET),
            b"<main><p>The lighthouse at the end of the pier was lit again on Sunday.</p></main>" * 9, NOON),
    Fetched(f"{SITE}/people?mail={MAILBOX}", 200, (("Content-Type", "text/html"),),
            b"<main><p>Persons.</p></main>", NOON),
    Fetched(f"{SITE}/gone", 404, (), b"", NOON),
)  # fmt: skip


def _judge(folder: Path, **given: str) -> Path:
    """A crawl of these pages, through the command."""
    archive = folder / "all.warc.gz"
    archive.write_bytes(b"".join(record_bytes(each, keep_body=True) for each in STORED))
    arguments = [
        f"{name}={value}" for name, value in {"policy": "jp,eu", "out": str(folder / "crawl"), **given}.items()
    ]
    done = scrapy(
        "judge", str(archive), *(word for each in arguments for word in ("-a", each)), "-s", "PII_NAMES=False",
        "-s", f"LEDGER_KEY={folder / 'key.pem'}", "-s", "WORKERS=1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (folder / "stderr").write_text(done.stderr)
    return folder / "crawl"


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With bodies, as jp and eu allow."""
    return _judge(tmp_path_factory.mktemp("evidence"))


def _lines(crawl: Path) -> list[dict[str, Any]]:
    return [line for each in (crawl / "ledger/00000.jsonl").open() if "result" in (line := json.loads(each))]


def _seq_of(crawl: Path, ending: str) -> int:
    return next(int(line["seq"]) for line in _lines(crawl) if line["url"].endswith(ending))


def test_each_line_has_its_records(crawl: Path) -> None:
    """First the exchange, then its body, then site files; warcio finds nothing wrong with either file."""
    for line in _lines(crawl):
        page, *rest = line["evidence"]
        assert page.startswith("evidence/")
        folders = [reference.partition("/")[0] for reference in rest]
        assert folders == sorted(folders)  # bodies/ before evidence/
        assert ("bodies" in folders) == (not line["url"].endswith("/gone"))
    for path in (*(crawl / "evidence").iterdir(), *(crawl / "bodies").iterdir()):
        assert subprocess.run([sys.executable, "-m", "warcio.cli", "check", str(path)], check=False).returncode == 0


def test_policies_records_and_retention_stand_in_the_folder(crawl: Path) -> None:
    """What decides, and how long bodies stay: as long as the strictest allows."""
    assert sorted(path.name for path in (crawl / "policies").iterdir()) == ["eu.json", "jp.json"]
    run = json.loads((crawl / "run.json").read_bytes())
    assert run["retention"] == {"bodies": "retention", "days": 180, "by": ["eu"]}


@pytest.mark.parametrize("asked", ["seq", "url", "bare url", "name", "masked"])
def test_the_records_of_a_line_are_shown(crawl: Path, asked: str) -> None:
    """By its number, its address, or the SHA-256 of that; without page text, cookies and identifiers."""
    ending = "/people?mail=[EMAIL_ADDRESS]" if asked == "masked" else "/one"
    url = f"{SITE}{ending}"
    ids = {
        "seq": str(_seq_of(crawl, "/one")),
        "url": url,
        "bare url": "a.example/one",
        "name": url_id(url),
        "masked": url,
    }
    if asked == "masked":
        url = next(line["url"] for line in _lines(crawl) if "people" in line["url"])
        ids["masked"] = f"{SITE}/people?mail={MAILBOX}"
    done = scrapy("audit", "evidence", str(crawl), ids[asked], "--json")
    told = json.loads(done.stdout)
    assert {line["url"] for line in told["lines"]} == {url}
    assert [record["what"] for record in told["records"][:2]] == ["page", "body"]
    assert {record["what"] for record in told["records"][2:]} == {"site file"}
    assert all(record["sound"] for record in told["records"])
    plain = scrapy("audit", "evidence", str(crawl), ids[asked])
    assert plain.returncode == done.returncode == 0
    for output in (done.stdout, plain.stdout):
        for hidden in ("lighthouse", "Persons", MAILBOX, "aVeryLongSecretValue"):
            assert hidden not in output
    assert "digest sound" in plain.stdout
    assert "--extract" in plain.stdout


def test_site_files_are_shown_when_they_are_text(crawl: Path) -> None:
    """Their first lines, masked; only when asked for."""
    seq = str(_seq_of(crawl, "/one"))
    shown = scrapy("audit", "evidence", str(crawl), seq, "--body").stdout
    assert "| User-agent: *" in shown
    assert "| # [EMAIL_ADDRESS]" in shown
    assert "| User-agent" not in scrapy("audit", "evidence", str(crawl), seq).stdout


def test_a_body_can_be_had_as_it_came(crawl: Path, tmp_path: Path) -> None:
    """In a file of its own; never on the console, never over another file."""
    done = scrapy("audit", "evidence", str(crawl), f"{SITE}/one", "--extract", str(tmp_path / "page.html"))
    assert (done.returncode, (tmp_path / "page.html").read_bytes()) == (0, STORED[1].body)
    assert "lighthouse" not in done.stdout
    again = scrapy("audit", "evidence", str(crawl), f"{SITE}/one", "--extract", str(tmp_path / "page.html"))
    assert again.returncode == 2
    assert "is there already" in again.stderr + again.stdout


@pytest.mark.parametrize(
    ("asked", "code", "says"),
    [
        ("99999", 1, "Nothing about 99999"),
        (f"{SITE}/nowhere", 1, "Nothing about"),
        ("evidence/00000.warc.gz#3", 0, "no record begins there"),
        ("evidence/00007.warc.gz#0", 0, "missing: no event of the ledger says"),
        ("evidence/../run.json#0", 0, "no reference"),
        ("../../etc/passwd#0", 0, "no reference"),
        ("evidence/00000.warc.gz#99999999999999999999", 0, "no reference"),
    ],
)
def test_what_is_not_there_is_said(crawl: Path, asked: str, code: int, says: str) -> None:
    """In words, whatever is asked."""
    done = scrapy("audit", "evidence", str(crawl), asked)
    assert (done.returncode, done.stderr) == (code, "")
    assert says in done.stdout


def _run(crawl: Path) -> dict[str, Any]:
    return dict(json.loads((crawl / "run.json").read_bytes()))


def _key(crawl: Path) -> SigningKey:
    return SigningKey.load_or_create(crawl.parent / "key.pem")


def _later(days: int) -> date:
    return datetime.now(UTC).date() + timedelta(days=days)


def _copy(crawl: Path, folder: Path) -> Path:
    shutil.copy(crawl.parent / "key.pem", folder / "key.pem")
    return Path(shutil.copytree(crawl, folder / "crawl"))


def test_bodies_go_when_their_days_are_over(crawl: Path, tmp_path: Path) -> None:
    """Not a day before; the ledger says which went and why, and everything still verifies."""
    crawl = _copy(crawl, tmp_path)
    name = f"bodies/{next((crawl / 'bodies').iterdir()).name}"
    content = (crawl / name).read_bytes()
    for days in (0, 179, 180):
        assert overdue(crawl, _later(days)) == expire_crawl(crawl, _run(crawl), _key(crawl), _later(days)) == []
    assert overdue(crawl, _later(181)) == [name]
    assert expire_crawl(crawl, _run(crawl), _key(crawl), _later(181)) == [name]
    assert overdue(crawl, _later(181)) == expire_crawl(crawl, _run(crawl), _key(crawl), _later(181)) == []
    (event,) = removals(crawl)
    assert event["files"] == {name: {"bytes": len(content), "sha256": sha256(content).hexdigest()}}
    assert "180 days" in event["note"]
    assert "eu" in event["note"]
    verified = scrapy("audit", "verify", str(crawl))
    assert verified.returncode == 0, verified.stdout
    shown = scrapy("audit", "evidence", str(crawl), f"{SITE}/one")
    assert f"deleted on {event['time'][:10]}" in shown.stdout
    repeated = scrapy("judge", str(crawl), "--verify", "-s", "WORKERS=1")
    assert repeated.returncode == 0, repeated.stdout
    assert " 0 judged again from bodies" in repeated.stdout


def test_a_deletion_that_was_begun_is_finished(crawl: Path, tmp_path: Path) -> None:
    """The event is there and the file, too: a crash came between. The next run deletes it, without another event."""
    crawl = _copy(crawl, tmp_path)
    path = next((crawl / "bodies").iterdir())
    content = path.read_bytes()
    expire_crawl(crawl, _run(crawl), _key(crawl), _later(181))
    path.write_bytes(content)
    assert scrapy("audit", "verify", str(crawl)).returncode == 1
    assert overdue(crawl) == [f"bodies/{path.name}"]
    done = scrapy("audit", "expire", str(crawl), "-s", f"LEDGER_KEY={tmp_path / 'key.pem'}")
    assert (done.returncode, path.exists()) == (0, False), done.stderr
    assert len(list(removals(crawl))) == 1
    assert scrapy("audit", "verify", str(crawl)).returncode == 0


def test_a_running_crawl_keeps_others_away(crawl: Path, tmp_path: Path) -> None:
    """Two that write one ledger would break its chain."""
    crawl = _copy(crawl, tmp_path)
    with locked(crawl):
        done = scrapy("audit", "expire", str(crawl), "-s", f"LEDGER_KEY={tmp_path / 'key.pem'}")
    assert done.returncode == 2
    assert "another process is writing there" in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--day", "tomorrow"], "no date"),
        (["--day", _later(1).isoformat()], "is not over yet"),
        (["--days", "-1"], "whole number"),
        (["--days", "181"], "more than the 180 that eu allows"),
        (["-s", "LEDGER_KEY={}/other.pem"], "Only the key that began a ledger"),
    ],
)
def test_what_cannot_be_deleted_is_said(crawl: Path, tmp_path: Path, arguments: list[str], says: str) -> None:
    """And nothing goes."""
    crawl = _copy(crawl, tmp_path)
    key = ["-s", f"LEDGER_KEY={tmp_path / 'key.pem'}"]
    given = [each.format(tmp_path) for each in arguments]
    done = scrapy("audit", "expire", str(crawl), *(given if "-s" in given else [*key, *given]))
    assert done.returncode == 2
    assert says in " ".join((done.stderr + done.stdout).split())
    assert "Traceback" not in done.stderr
    assert list((crawl / "bodies").iterdir())


def test_a_crawl_that_does_not_say_how_long_loses_nothing(crawl: Path, tmp_path: Path) -> None:
    """As those of before 2026-11-23, which have bodies among the evidence."""
    run = {name: value for name, value in _run(crawl).items() if name != "retention"}
    with pytest.raises(RetentionError, match="does not say how long"):
        expire_crawl(_copy(crawl, tmp_path), run, _key(crawl), _later(9_999))
    assert stored_retention({"retention": {"bodies": "all"}}) is None


def test_all_bodies_stay_when_they_are_asked_for_and_the_operator_is_warned(tmp_path: Path) -> None:
    """Each policy with its days and its law; run.json says it; they go when the operator says so."""
    crawl = _judge(tmp_path, bodies="all", policy="jp,cn")
    warned = (tmp_path / "stderr").read_text()
    assert re.search(r"warning: -a bodies=all: .* cn allows 0 days \[.*CN-PIPL", warned)
    assert "jp allows 365 days" in warned
    assert _run(crawl)["retention"] == {"bodies": "all", "days": 0, "by": ["cn"]}
    assert overdue(crawl, _later(9_999)) == expire_crawl(crawl, _run(crawl), _key(crawl), _later(9_999)) == []
    told = scrapy("audit", "expire", str(crawl), "-s", f"LEDGER_KEY={tmp_path / 'key.pem'}")
    assert "nothing is deleted unless --days says" in told.stdout
    assert expire_crawl(crawl, _run(crawl), _key(crawl), _later(1), days=0) == [
        f"bodies/{datetime.now(UTC).date()}-00000.warc.gz"
    ]


@pytest.mark.parametrize("given", [{"bodies": "none"}, {"policy": "jp,cn"}])
def test_no_bodies_are_stored_where_none_may_be(tmp_path: Path, given: dict[str, str]) -> None:
    """As asked for, or since the strictest policy has no days for them."""
    crawl = _judge(tmp_path, **given)
    assert not (crawl / "bodies").exists()
    assert all(not ref.startswith("bodies/") for line in _lines(crawl) for ref in line["evidence"])
    stays = b"".join(gzip.decompress(path.read_bytes()) for path in (crawl / "evidence").iterdir())
    assert b"lighthouse" not in stays
    assert b"mail=" + MAILBOX.encode() not in stays
    assert scrapy("audit", "evidence", str(crawl), f"{SITE}/one", "--extract", str(tmp_path / "x")).returncode == 1


def test_the_strictest_policy_counts() -> None:
    """All that say the fewest days are named."""
    policies = judging({"policy": "jp,eu,kr", "out": "x"}, today=NOON.date(), fetched_by="us").policies
    found = retention_of("retention", policies)
    assert (found.days, found.by) == (180, ("eu", "kr"))
    assert not found.is_over(date(2026, 1, 1), date(2026, 6, 30))
    assert found.is_over(date(2026, 1, 1), date(2026, 7, 1))
