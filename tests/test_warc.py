"""WARC: what is stored is read again, foreign and damaged files are read as far as they go, and nothing is skipped."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import brotli
import pytest
from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from crawler.document import Fetched, FetchError
from crawler.sources.content_coding import TooLargeError, decode
from crawler.sources.read_warc import DamagedError, read
from crawler.sources.site_files import index_site_files
from crawler.sources.storage import SourceError
from crawler.sources.warc import EvidenceWriter, record_bytes

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "web_dev.warc.gz"
TABLE = Path(__file__).parent / "audit" / "foreign_http.yaml"
NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)

TOKENS = st.text("abcdefghijXYZ-", min_size=1, max_size=12)
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f\x85\xa0"), max_size=30)
HEADERS = st.lists(
    st.tuples(TOKENS | st.sampled_from(["Content-Encoding", "transfer-encoding", "Content-Length"]), VALUES), max_size=6
)
URLS = st.text("abc/?=&%é漢", max_size=20).map("http://example.org/".__add__)
EXCHANGES = st.builds(
    Fetched,
    url=URLS,
    status=st.integers(100, 999),
    headers=HEADERS.map(tuple),
    body=st.binary(max_size=300),
    fetched_at=st.none() | st.datetimes(datetime(1990, 1, 1), timezones=st.just(UTC)),
    final_url=st.just("") | URLS,
)
FAILURES = st.builds(
    Fetched,
    url=st.text(max_size=30),
    status=st.just(0) | st.integers(100, 599),
    headers=HEADERS.map(tuple),
    fetched_at=st.none() | st.datetimes(datetime(1990, 1, 1), timezones=st.just(UTC)),
    error=st.sampled_from([error for error in FetchError if error]),
    final_url=st.just("") | URLS,
)


def _store(folder: Path, *members: bytes) -> Path:
    writer = EvidenceWriter(folder)
    for member in members:
        writer.append(member)
    writer.close()
    return folder / "evidence/00000.warc.gz"


def _without_record(fetched: Fetched) -> tuple[object, ...]:
    return (
        fetched.url,
        fetched.status,
        fetched.headers,
        fetched.body,
        fetched.fetched_at,
        fetched.error,
        fetched.final_url,
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(EXCHANGES | FAILURES, min_size=1, max_size=4))
def test_what_is_stored_is_read_again(exchanges: list[Fetched]) -> None:
    """Answers and failures, with every header, the time, and where redirects ended."""
    with TemporaryDirectory() as folder:
        path = _store(Path(folder), *(record_bytes(fetched, keep_body=True) for fetched in exchanges))
        assert list(map(_without_record, read(path))) == list(map(_without_record, exchanges))


@settings(max_examples=100, deadline=None)
@given(EXCHANGES.filter(lambda fetched: bool(fetched.body)))
def test_a_body_that_may_not_be_kept_is_not_stored(fetched: Fetched) -> None:
    """Status and headers are; of an answer that would have been read, the rest is said to be not recorded."""
    member = record_bytes(fetched, keep_body=False)
    assert len(fetched.body) < 8 or fetched.body not in gzip.decompress(member)
    with TemporaryDirectory() as folder:
        (found,) = read(_store(Path(folder), member))
    assert (found.status, found.headers, found.body) == (fetched.status, fetched.headers, b"")
    assert found.error is (FetchError.NOT_RECORDED if 200 <= fetched.status < 300 else FetchError.NONE)


def test_warcio_finds_nothing_wrong(tmp_path: Path) -> None:
    """The file passes the checker of another implementation: every digest fits, every record is a member of its own."""
    page = Fetched("http://a.example/", 200, (("Content-Length", "9"), ("Content-Encoding", "br")), b"x" * 5000, NOW)
    path = _store(
        tmp_path,
        record_bytes(page, keep_body=True),
        record_bytes(page, keep_body=False),
        record_bytes(Fetched("http://a.example/", 301, (("Location", "/b"),), b"", NOW), keep_body=False),
        record_bytes(Fetched("http://a.example/", 0, fetched_at=NOW, error=FetchError.TIMEOUT), keep_body=True),
    )
    done = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "-v", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("digest pass") == 5


def test_places_point_at_records(tmp_path: Path) -> None:
    """What `append` returns is what `read` names, over several files and runs."""
    members = [
        record_bytes(Fetched(f"http://a.example/{i}", 200, (), b"x" * 999, NOW), keep_body=True) for i in range(5)
    ]
    places: list[str] = []
    for _ in range(2):
        writer = EvidenceWriter(tmp_path, max_file_bytes=1200)
        places += [writer.append(member) for member in members]
        writer.close()
    found = [
        fetched.record
        for path in sorted((tmp_path / "evidence").iterdir())
        for fetched in read(path, name=f"evidence/{path.name}")
    ]
    assert found == places
    assert len({place.partition("#")[0] for place in places}) > 2


def _foreign(content: bytes, url: str = "http://a.example/", kind: WarcRecordType = WarcRecordType.response) -> bytes:
    buffer = io.BytesIO()
    record, writer = WarcRecord(), GzipWriter(buffer)
    record.init_headers(kind)
    record.headers["WARC-Target-URI"] = url
    record.headers["WARC-Date"] = "2026-01-02T03:04:05Z"
    record.headers["Content-Type"] = "application/http; msgtype=response"
    record.set_bytes_content(content)
    record.write(writer, checksum_data=True)
    writer.finish()
    return buffer.getvalue()


CODE: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "deflate": zlib.compress,
}


@pytest.mark.parametrize(
    "row",
    [pytest.param(row, id=row["id"]) for row in YAML(typ="safe", pure=True).load(TABLE.read_text(encoding="utf-8"))],
)
def test_answers_stored_by_others(row: dict[str, Any], tmp_path: Path) -> None:
    """Status, headers and body come out as they were sent."""
    end = "\n" if row.get("end") == "lf" else "\r\n"
    head = "".join(line + end for line in [*row["head"], ""]).encode("latin-1")
    body = CODE[row.get("coded", "")](row.get("body", "").encode())
    path = tmp_path / "x.warc.gz"
    path.write_bytes(_foreign(head + body))
    (found,) = read(path)
    expected = row["expected"]
    assert found == Fetched(
        "http://a.example/",
        expected["status"],
        tuple(map(tuple, expected.get("headers", ()))),
        expected.get("body", "").encode(),
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        FetchError(expected.get("error", "")),
        record="x.warc.gz#0",
    )


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200), st.lists(st.sampled_from(["chunked", "gzip", "br", "deflate", "zstd", "x"]), max_size=3)
)
def test_no_bytes_break_the_decoder(body: bytes, codings: list[str]) -> None:
    """Whatever is announced; and what is not coded at all is left alone."""
    decode(body, codings[:1], codings[1:], 10_000)
    assert decode(b"<html>" + body, ["gzip"], ["zstd"], 10_000) == b"<html>" + body


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate"])
def test_a_bomb_is_too_large(coding: str) -> None:
    """Decoding stops at the limit, and a body just within it is whole."""
    body = CODE[coding](b"\0" * 5_000_000)
    with pytest.raises(TooLargeError):
        decode(body, [], [coding], 4_999_999)
    assert len(decode(body, [], [coding], 5_000_000)) == 5_000_000


@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")
def test_the_real_pages_are_read() -> None:
    """18 records, two of them robots.txt."""
    found = list(read(DATA))
    assert (len(found), {fetched.status for fetched in found}) == (18, {200})
    assert all(fetched.body and fetched.fetched_at for fetched in found)
    files = index_site_files(DATA, ["/robots.txt"])
    assert sorted(host for _, host, _, _ in files) == ["creativecommons.org", "en.wikipedia.org"]
    assert files["https", "en.wikipedia.org", 443, "/robots.txt"].record == "web_dev.warc.gz#373289"


MEMBERS = [_foreign(b"HTTP/1.1 200 OK\r\n\r\n" + bytes([i]) * 3000, f"http://a.example/{i}") for i in range(5)]


def _plain(members: list[bytes]) -> bytes:
    return b"".join(map(gzip.decompress, members))


def _zst(members: list[bytes]) -> bytes:
    return b"".join(zstd.compress(gzip.decompress(member)) for member in members)


@pytest.mark.parametrize("join", [b"".join, _plain, _zst], ids=["gz", "plain", "zst"])
def test_all_three_kinds_of_file_are_read(join: Callable[[list[bytes]], bytes], tmp_path: Path) -> None:
    """.warc.gz, .warc, .warc.zst; and each that breaks off is said to."""
    path = tmp_path / "x.warc"
    whole = join(MEMBERS)
    path.write_bytes(whole)
    assert len(list(read(path))) == 5
    for cut in (10, 60, len(join(MEMBERS[-1:])) - 20):
        path.write_bytes(whole[:-cut])
        found, error = _read_all(path)
        assert len(found) >= 4
        assert isinstance(error, DamagedError), cut
        assert sum(not fetched.error for fetched in found) == (5 if join is _plain and cut < 4 else 4) or cut == 10


@pytest.mark.parametrize(("at", "join"), [(1, b"".join), (60, b"".join), (200, b"".join), (1, _zst)])
def test_reading_goes_on_after_a_damaged_record(at: int, join: Callable[[list[bytes]], bytes], tmp_path: Path) -> None:
    """The four others are read, and the error at the end says where it was."""
    start = len(join(MEMBERS[:2]))
    content = bytearray(join(MEMBERS))
    content[start + at] ^= 0xFF
    path = tmp_path / "x.warc.gz"
    path.write_bytes(content)
    found, error = _read_all(path)
    sound = [fetched.url[-1] for fetched in found if not fetched.error]
    assert sound == ["0", "1", "3", "4"]
    assert isinstance(error, DamagedError)
    assert "damaged or broken off at" in str(error)


def test_a_record_whose_digest_does_not_fit_is_broken(tmp_path: Path) -> None:
    """It gets an outcome of its own, since its address is known."""
    path = tmp_path / "x.warc"
    path.write_bytes(_plain(MEMBERS).replace(b"\2\2", b"\2\3", 1))
    found, error = _read_all(path)
    assert [fetched.error for fetched in found] == ["", "", FetchError.BROKEN, "", ""]
    assert isinstance(error, DamagedError)


def test_what_is_no_exchange_is_passed_over(tmp_path: Path) -> None:
    """Requests, DNS answers and file information; a revisit is an exchange whose body is elsewhere."""
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    path = tmp_path / "x.warc.gz"
    path.write_bytes(
        _foreign(b"GET / HTTP/1.1\r\n\r\n", kind=WarcRecordType.request)
        + _foreign(b"20260102 a.example 1.2.3.4", "dns:a.example")
        + _foreign(b"software: x\r\n", kind=WarcRecordType.warcinfo)
        + _foreign(b"{}", kind=WarcRecordType.metadata)
        + _foreign(head, kind=WarcRecordType.revisit)
    )
    assert [(fetched.url, fetched.error) for fetched in read(path)] == [("http://a.example/", FetchError.NOT_RECORDED)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("html", b"<html>"),
        ("empty", b""),
        ("gz", gzip.compress(b"hello", mtime=0)),
        ("zeros", bytes(999)),
        ("arc", b"filedesc://x"),
    ],
)
def test_what_is_no_warc_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    """One error that says what to give; the same for a file that is not there."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"Give a \.warc"):
        list(read(path))
    with pytest.raises(SourceError, match="cannot be read: No such file"):
        list(read(tmp_path / "nowhere"))


def _site_file(url: str, status: int = 200, body: bytes = b"", location: str = "") -> bytes:
    headers = (("Location", location),) if location else ()
    return record_bytes(Fetched(url, status, headers, body, NOW), keep_body=True)


def test_site_files_are_found_wherever_they_stand(tmp_path: Path) -> None:
    """By scheme, host and port; the last record counts; bodies are cut; redirects are followed within the archive."""
    path = _store(
        tmp_path,
        _site_file("http://a.example/page", body=b"page"),
        _site_file("http://a.example/robots.txt", body=b"old"),
        _site_file("http://A.example:80/robots.txt", body=b"0123456789abc"),
        _site_file("http://a.example/robots.txt?x=1", body=b"a query is another resource"),
        _site_file("http://a.example:8080/robots.txt", body=b"8080"),
        _site_file("http://b.example/robots.txt", 301, location="https://b.example/robots.txt"),
        _site_file("https://b.example/robots.txt", body=b"b"),
        _site_file("http://c.example/robots.txt", 302, location="/elsewhere.txt"),
        _site_file("http://d.example/robots.txt", 302, location="/robots.txt"),
        record_bytes(Fetched("http://e.example/robots.txt", 0, error=FetchError.TIMEOUT), keep_body=True),
        _site_file("http://g.example/robots.txt", 300, location="http://b.example/robots.txt"),
        _site_file("http://h.example/robots.txt", 302, location="  "),
        record_bytes(Fetched("http://i.example/robots.txt", 200, body=b"marked", site_file=True), keep_body=True),
        _site_file("http://i.example/robots.txt", body=b"judged as a page"),
        record_bytes(Fetched("http://f.example/terms", 200, body=b"marked", site_file=True), keep_body=True),
        _site_file("http://f.example/license.xml?v=1", body=b"asked for"),
        _site_file("http://f.example/license.xml", body=b"not that"),
    )
    further = ("http", "f.example", 80, "/license.xml?v=1")
    found = index_site_files(path, ["/robots.txt", "/.well-known/tdmrep.json"], addresses=[further], max_bytes=10)
    assert {
        f"{scheme}://{host}:{port}{target}": (file.body, file.error, file.final_url)
        for (scheme, host, port, target), file in found.items()
    } == {
        "http://a.example:80/robots.txt": (b"0123456789", "", ""),
        "http://a.example:8080/robots.txt": (b"8080", "", ""),
        "http://b.example:80/robots.txt": (b"b", "", "https://b.example/robots.txt"),
        "https://b.example:443/robots.txt": (b"b", "", ""),
        "http://c.example:80/robots.txt": (b"", "not-recorded", "http://c.example/elsewhere.txt"),
        "http://d.example:80/robots.txt": (b"", "too-many-redirects", ""),
        "http://e.example:80/robots.txt": (b"", "timeout", ""),
        "http://g.example:80/robots.txt": (b"", "", ""),
        "http://h.example:80/robots.txt": (b"", "", ""),
        "http://i.example:80/robots.txt": (b"marked", "", ""),
        "http://f.example:80/terms": (b"marked", "", ""),
        "http://f.example:80/license.xml?v=1": (b"asked for", "", ""),
    }


def _read_all(path: Path) -> tuple[list[Fetched], SourceError | None]:
    found: list[Fetched] = []
    try:
        found.extend(read(path))  # what was read before the error stays
    except SourceError as error:
        return found, error
    return found, None
