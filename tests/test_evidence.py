"""Evidence: what stays and what must go stand apart, and both can be shown for every line of the ledger."""

from __future__ import annotations

import gzip
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from crawler.document import Fetched
from crawler.page_record import body_record, page_record
from crawler.sources.evidence import BodyWriter, EvidenceWriter, day_of
from crawler.sources.read_warc import read

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
