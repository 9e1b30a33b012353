"""Shards are loaded by those that trainers use, without code of ours: all records, all texts, one schema."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"  # before the import: it is read there
os.environ["HF_DATASETS_OFFLINE"] = "1"

import datasets
import duckdb
import fsspec
from datatrove.pipeline.readers import JsonlReader, ParquetReader

from crawler.shards import formats
from crawler.shards.record import COLUMNS, METADATA, json_text

NAMES = tuple(formats())
TEXTS = (
    'Plain words.\nA second line, with "quotes", a \\ and a tab\t.',
    "日本語の文章です。二つ目の文。",
    "한국어 문장입니다.",
    "نص عربي من اليمين إلى اليسار.",
    "हिन्दी का एक वाक्य।",
    "Ελληνικά, русский, עברית, ไทย, ქართული",
    "Emoji \U0001f469\u200d\U0001f469\u200d\U0001f467 and a letter beyond the plane \U00020bb7.",
    "lines\u2028that\u2029only\u0085some\x0bbreak\x0chere\rand there",
    "controls \x01\x02\x1f and a mark \ufeff inside",
    "a lone \ud800 surrogate",
    "[1, 2]",
    '{"text": "not this one"}',
    "2026-11-23",
    "x" * 200_000,
)
# What differs from record to record in a crawl: found data, rules, dates that are not known, a held record let in.
VARIANTS: tuple[dict[str, Any], ...] = (
    {"metadata": {"ledger": 0, "fetched": "2026-11-23T09:00:00.000Z"}},
    {"created": "2020-01-31Z", "metadata": {"pii": json_text({"EMAIL_ADDRESS": 2}), "rules": json_text(["a.b"])}},
    {"title": "題", "author": "[PERSON]", "license": "CC-BY-4.0", "metadata": {"pii": json_text({"PERSON": 1})}},
    {"metadata": {"gate": "review", "review": "approve", "treatments": json_text({"contact": "redact"})}},
)


def _records(first: int, count: int, variant: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    for number in range(first, first + count):
        yield {
            "id": f"{number:064x}:jp+eu",
            "text": TEXTS[number % len(TEXTS)],
            "url": f"https://www.example.org/{number}?q=ü",
            "source": "20261123T090000-abcdef",
            "added": "2026-11-23T09:00:00.000Z",
            "language": "ja",
            **(variant or VARIANTS[number % len(VARIANTS)]),
        }


def _write(folder: Path, name: str, *shards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write shards as a policy's folder has them; the records as they can be written."""
    folder.mkdir()
    for number, records in enumerate(shards):
        writer = formats()[name].Writer(folder / f"{number:05d}{formats()[name].SUFFIX}")
        for record in records:
            writer.write(record)
        writer.close()
    said = [record for records in shards for record in records]
    return [{**record, "text": record["text"].replace("\ud800", "?")} for record in said]


@pytest.fixture(params=NAMES)
def crawl(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path, list[dict[str, Any]]]:
    """Several shards of one policy; in the first nobody found anything and every page has a date."""
    dated = {"created": "2020-01-31Z", "metadata": {"fetched": "2026-11-23T09:00:00.000Z"}}
    undated: dict[str, Any] = {"metadata": {"pii": json_text({"URL": 3})}}
    shards = [list(_records(0, 30, dated)), list(_records(30, 30, undated)), list(_records(60, 300))]
    records = _write(tmp_path / "jp", request.param, *shards)
    _write(tmp_path / "jp" / "review", request.param, list(_records(900, 3)))  # beside what was kept: held pages,
    (tmp_path / "jp" / "manifest.json").write_text("{}")  # and the manifest
    return request.param, tmp_path / "jp", records


def _files(folder: Path, name: str) -> str:
    return f"{folder}/*{formats()[name].SUFFIX}"


def test_datasets(crawl: tuple[str, Path, list[dict[str, Any]]], tmp_path: Path) -> None:
    """All shards together are one split, and both formats have the same features."""
    name, folder, records = crawl
    builder = "parquet" if name == "parquet" else "json"
    loaded = datasets.load_dataset(builder, data_files=_files(folder, name), cache_dir=str(tmp_path / "cache"))["train"]
    text, number = datasets.Value("string"), datasets.Value("int64")
    columns = dict.fromkeys(COLUMNS[:-1], text)
    metadata = {member: text if isinstance(like, str) else number for member, like in METADATA.items()}
    assert dict(loaded.features) == {**columns, "metadata": metadata}
    assert [(row["id"], row["text"], row.get("created", "")) for row in loaded] == [
        (record["id"], record["text"], record.get("created", "")) for record in records
    ]
    assert loaded[65]["metadata"] == {**METADATA, **records[65]["metadata"]}
    assert [json.loads(row["metadata"]["pii"]) for row in loaded] == [
        json.loads(record["metadata"].get("pii", "{}")) for record in records
    ]


def test_datasets_in_a_stream(crawl: tuple[str, Path, list[dict[str, Any]]]) -> None:
    """Without a cache, record by record."""
    name, folder, records = crawl
    builder = "parquet" if name == "parquet" else "json"
    stream = datasets.load_dataset(builder, data_files=_files(folder, name), streaming=True)["train"]
    assert [row["text"] for row in stream] == [record["text"] for record in records]


def test_datatrove(crawl: tuple[str, Path, list[dict[str, Any]]]) -> None:
    """Documents with text, id and metadata; what else a record has stands in their metadata."""
    name, folder, records = crawl
    reader = ParquetReader if name == "parquet" else JsonlReader
    documents = list(reader(str(folder), glob_pattern=f"*{formats()[name].SUFFIX}").run())
    assert [(each.id, each.text) for each in documents] == [(record["id"], record["text"]) for record in records]
    said = documents[65].metadata
    assert said["url"] == records[65]["url"]
    assert {member: said[member] for member in METADATA} == {**METADATA, **records[65]["metadata"]}


def test_duckdb(crawl: tuple[str, Path, list[dict[str, Any]]]) -> None:
    """One table over all files, whose columns are text, without an extension from elsewhere."""
    name, folder, records = crawl
    database = duckdb.connect(config={"autoinstall_known_extensions": "false", "threads": "1"})
    table = f"read_parquet('{folder}/*.parquet')" if name == "parquet" else f"read_json('{folder}/*.jsonl.zst')"
    found = database.sql(f"SELECT id, text, created, metadata.ledger, metadata.pii FROM {table} ORDER BY id").fetchall()
    assert found == [
        (
            record["id"],
            record["text"],
            record.get("created", ""),
            record["metadata"].get("ledger", 0),
            record["metadata"].get("pii", "{}"),
        )
        for record in records
    ]
    counts = f"SELECT SUM(CAST(metadata.pii->>'$.EMAIL_ADDRESS' AS INT)) FROM {table}"
    assert database.sql(counts).fetchall() == [(2 * sum("EMAIL" in str(record) for record in records),)]


def test_duckdb_samples_and_is_not_misled(tmp_path: Path) -> None:
    """It takes the types from the first 20,480 records; what comes after them still fits."""
    dated = {"text": "a", "created": "2020-01-31Z"}
    rest: list[dict[str, Any]] = [{"text": "b", **VARIANTS[number]} for number in range(len(VARIANTS))]
    _write(tmp_path / "jp", "jsonl.zst", [dated] * 21_000 + rest)
    counts = f"SELECT count(*), count(DISTINCT created) FROM read_json('{tmp_path}/jp/*.jsonl.zst')"
    assert duckdb.execute(counts).fetchall() == [(21_000 + len(rest), 2)]


def test_lines_are_what_dolma_reads(tmp_path: Path) -> None:
    """Dolma's data format: a JSON object a line, text in these fields, metadata an object; `created` may be a guess.

    Source: allenai/dolma, docs/data-format.md, read 2026-11-23. Dolma itself needs older packages than ours.
    """
    _write(tmp_path / "jp", "jsonl.zst", list(_records(0, 40)))
    stream = fsspec.open(str(tmp_path / "jp" / "00000.jsonl.zst"), compression="zstd")
    with stream as lines:
        rows = [json.loads(line) for line in lines.read().split(b"\n")[:-1]]
    assert len(rows) == 40
    for row in rows:
        assert all(isinstance(row[name], str) for name in ("id", "text", "source", "added", "created"))
        assert row["id"]
        assert row["source"]
        assert isinstance(row["metadata"], dict)
