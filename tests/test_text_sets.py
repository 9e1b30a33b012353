"""Sets of texts as exchanges: every row is one, wherever its text and address stand, however the file is packed."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawler.document import Fetched, FetchError
from crawler.sources.documents import AS_USUAL, Fields
from crawler.sources.inputs import is_text_set, pages_in
from crawler.sources.read_warc import DamagedError
from crawler.sources.storage import SourceError, expand, unit_name
from crawler.sources.warc_record import record_bytes

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

A, B = "https://a.example/1", "https://b.example/2"
DATATROVE = {"text": "One.", "id": "7", "metadata": {"url": A, "date": "2026-01-02T03:04:05Z"}}
DOLMA = {"id": "x", "text": "One.", "source": "cc", "added": "2026-01-02T03:04:05.000Z", "metadata": {"url": A}}
FINEWEB = {"text": "One.", "id": "<urn:uuid:1>", "dump": "CC-MAIN-2026-01", "url": A, "date": "2026-01-02T03:04:05Z"}
PACKED: dict[str, Callable[[bytes], bytes]] = {
    ".jsonl": bytes, ".jsonl.gz": gzip.compress, ".json.gz": gzip.compress, ".jsonl.zst": zstd.compress,
}  # fmt: skip


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Rows in a file of the kind that its name says."""
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
        path.write_bytes(next(pack for end, pack in PACKED.items() if path.name.endswith(end))(content))
    return path


def _told(pages: list[Fetched]) -> list[tuple[str, str]]:
    return [(page.url, page.body.decode()) for page in pages]


def _read_all(path: Path) -> tuple[list[Fetched], str]:
    """Every page, and what is said of damage at the end."""
    found: list[Fetched] = []
    try:
        for page in pages_in(path, AS_USUAL):
            found.append(page)  # one by one: those before the damage stay
    except DamagedError as error:
        return found, str(error)
    return found, ""


@pytest.mark.parametrize("row", [DATATROVE, DOLMA, FINEWEB], ids=["datatrove", "dolma", "fineweb"])
@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz", "x.json.gz", "x.jsonl.zst", "x.parquet"])
def test_each_kind_of_file_is_read(name: str, row: dict[str, Any], tmp_path: Path) -> None:
    """Text, address and time; what was never recorded is said to be."""
    [page] = pages_in(_write(tmp_path / name, [row]), AS_USUAL)
    assert page == Fetched(
        A, 200, (("Content-Type", "text/plain; charset=utf-8"),), b"One.", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        record=f"{name}#0", unrecorded=("headers", "html"),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["x.jsonl", "x.parquet"])
@pytest.mark.parametrize(
    ("row", "fields", "found"),
    [
        ({"text": "x", "url": A}, AS_USUAL, (A, "x")),
        ({"content": "x", "uri": A}, AS_USUAL, (A, "x")),
        ({"text": "x", "source": A}, AS_USUAL, (A, "x")),
        ({"text": "x", "source": "books", "id": A}, AS_USUAL, (A, "x")),
        ({"text": "x", "url": "no address", "metadata": {"url": A}}, AS_USUAL, (A, "x")),
        ({"text": "x", "metadata": json.dumps({"url": A})}, AS_USUAL, (A, "x")),
        ({"text": "no", "page": "x", "link_": A, "url": B}, Fields("page", "link_"), (A, "x")),
        ({"doc": {"body": "x", "at": A}}, Fields("doc.body", "doc.at"), (A, "x")),
        ({"doc.body": "x", "doc.at": A}, Fields("doc.body", "doc.at"), (A, "x")),
        ({"text": "", "url": A}, AS_USUAL, (A, "")),
        ({"text": "x", "url": "ftp://a.example/"}, AS_USUAL, ("urn", "x")),
        ({"text": "x"}, AS_USUAL, ("urn", "x")),
    ],
)
def test_text_and_address_are_found(
    name: str, row: dict[str, Any], fields: Fields, found: tuple[str, str], tmp_path: Path
) -> None:
    """By the names that are usual, or those that the operator gives; a text without an address gets a stable one."""
    if isinstance(row.get("metadata"), str) and name == "x.jsonl":
        pytest.skip("JSON in JSON is a habit of Parquet files")
    path = _write(tmp_path / name, [row])
    [(url, text)] = _told(list(pages_in(path, fields)))
    assert (url, text) == (found[0] if found[0] != "urn" else f"urn:usufruct:{unit_name(path)}:0", found[1])


@pytest.mark.parametrize("name", ["x.jsonl", "x.parquet"])
@pytest.mark.parametrize(
    ("row", "fields", "said"),
    [
        ({"words": "x", "url": A}, AS_USUAL, "the columns are words, url. Say where the text stands: -a text_field="),
        ({"text": "x"}, Fields("body"), "no column 'body'; the columns are text. Correct -a text_field="),
        (
            {"text": "x", "url": A},
            Fields(url="link"),
            "no column 'link'; the columns are text, url. Correct -a url_field=",
        ),
    ],
)
def test_a_column_that_is_not_there_is_told(
    name: str, row: dict[str, Any], fields: Fields, said: str, tmp_path: Path
) -> None:
    """With those that are."""
    with pytest.raises(SourceError, match=said.replace(".", r"\.")):
        list(pages_in(_write(tmp_path / name, [row]), fields))


def test_no_row_is_lost(tmp_path: Path) -> None:
    """Empty ones, null ones, those that are no object, and those before a file breaks off."""
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "1"}\n\n{"text": ""}\n{"text": null}\n[1]\n{"text": "br\n{"text": "\\ud800"}\n')
    found, said = _read_all(path)
    assert "2 line(s) damaged" in said
    assert [(page.body, page.error) for page in found] == [
        (b"1", ""), (b"", ""), (b"", ""), (b"", FetchError.BROKEN), (b"", FetchError.BROKEN), (b"?", ""),
    ]  # fmt: skip
    assert len({page.url for page in found}) == 6
    whole = gzip.compress(b"".join(b'{"text": "%d"}\n' % number for number in range(50_000)))
    (tmp_path / "y.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    found, said = _read_all(tmp_path / "y.jsonl.gz")
    assert "broken off" in said
    assert 10_000 < len(found) < 50_000


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "2026-13-01", 7, None])
def test_a_time_that_is_none_costs_no_line(date: Any, tmp_path: Path) -> None:
    """Nor one that no calendar here can say."""
    path = _write(tmp_path / "x.jsonl", [{"text": "1", "url": A, "date": date}, {"text": "2", "url": B}])
    found, said = _read_all(path)
    assert (_told(found), said) == ([(A, "1"), (B, "2")], "")
    assert found[0].fetched_at is None


_BAD_UTF8 = pa.Array.from_buffers(
    pa.string(), 2, [None, pa.py_buffer(bytes([0, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0])), pa.py_buffer(b"1a\xffb")]
)


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        ({"date": pa.array([10**18, 5], pa.timestamp("us"))}, ["1", "2"]),
        ({"date": pa.array([10**8, 5], pa.date32())}, ["1", "2"]),
        ({"date": pa.array([10, 5], pa.timestamp("us", tz="Nowhere/Land"))}, ["1", "2"]),
        ({"metadata": pa.array([{"date": 10**8}, None], pa.struct([("date", pa.date32())]))}, ["1", "2"]),
        ({"text": _BAD_UTF8}, ["1", "a\ufffdb"]),
    ],
    ids=["late time", "late day", "no zone", "late day within", "no UTF-8"],
)  # fmt: skip
def test_a_value_that_python_cannot_hold_costs_itself_only(
    column: dict[str, pa.Array], texts: list[str], tmp_path: Path
) -> None:
    """Not its row, not the file."""
    pq.write_table(pa.table({"text": ["1", "2"], "url": [A, B], **column}), tmp_path / "x.parquet")
    assert _told(list(pages_in(tmp_path / "x.parquet", AS_USUAL))) == list(zip([A, B], texts, strict=True))


def test_times_of_nanoseconds_are_read(tmp_path: Path) -> None:
    """As pandas writes them, whether pandas is installed or not."""
    times = pa.array([1_767_323_045_000_000_999], pa.timestamp("ns", tz="UTC"))
    pq.write_table(pa.table({"text": ["1"], "url": [A], "date": times}), tmp_path / "x.parquet")
    [page] = pages_in(tmp_path / "x.parquet", AS_USUAL)
    assert page.fetched_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert type(page.fetched_at) is datetime


@pytest.mark.parametrize("name", ["x.parquet", "x.jsonl", "x.jsonl.gz"])
@pytest.mark.parametrize("content", [b"PAR1 nothing of it", b"\x1f\x8bnothing", b"[]\n"])
def test_what_is_no_set_of_texts_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    """One message that says which file."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=name):
        list(pages_in(tmp_path / name, AS_USUAL))


def test_wet_files_are_read(tmp_path: Path) -> None:
    """Common Crawl's texts are conversions: no headers, no HTML."""
    path = tmp_path / "CC-MAIN-1.warc.wet.gz"
    headers = (("Content-Type", "text/plain"),)
    text = Fetched(
        A, 200, headers, "Ünïcode.".encode(), datetime(2026, 1, 2, tzinfo=UTC), unrecorded=("headers", "html")
    )
    path.write_bytes(record_bytes(text, keep_body=True))
    [page] = pages_in(path, AS_USUAL)
    assert (page.url, page.status, page.body.decode(), page.unrecorded) == (A, 200, "Ünïcode.", ("headers", "html"))
    assert is_text_set(path)
    path.write_bytes(record_bytes(text, keep_body=False))
    [page] = pages_in(path, AS_USUAL)
    assert (page.error, page.unrecorded) == (FetchError.NOT_RECORDED, ("headers", "html"))


def test_patterns_stand_for_files(tmp_path: Path) -> None:
    """Sorted; one that nothing fits is told."""
    for name in ("b.jsonl", "a.jsonl", "c.txt"):
        (tmp_path / name).touch()
    assert [Path(each).name for each in expand(f"{tmp_path}/*.jsonl")] == ["a.jsonl", "b.jsonl"]
    with pytest.raises(SourceError, match="no file fits"):
        expand(f"{tmp_path}/*.parquet")
    with pytest.raises(SourceError, match="no store is called 'what'"):
        expand("what://ever/*.warc")
