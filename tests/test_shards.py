"""Shards: what is written is read again, and what is listed is whole."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.shards import ShardError, UnknownFormat, find_format, formats, parquet, read
from crawler.shards.manifest import ManifestError
from crawler.shards.manifest import read as read_manifest
from crawler.shards.record import COLUMNS, METADATA, TEXT_COLUMNS
from crawler.shards.shard_set import ShardSet

NAMES = ("jsonl.zst", "parquet")
RECORDS = st.fixed_dictionaries(
    {column: st.text(max_size=40) for column in TEXT_COLUMNS},
    optional={
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                name: st.integers(-9, 9) if like == 0 else st.text(max_size=5) for name, like in METADATA.items()
            },
        )
    },
)
HEADER = {"policy": "jp", "digest": "d"}


def _shard_set(folder: Path, **options: Any) -> ShardSet:
    options = {"sync_ledger": lambda: (7, "0" * 64), "header": HEADER, "prefix": "jp", **options}
    return ShardSet(folder, **options)


def test_formats_are_found_by_folder() -> None:
    """Both of them, and a wrong name is answered with the right ones."""
    assert tuple(sorted(formats())) == NAMES
    with pytest.raises(UnknownFormat, match=r"unknown shard format 'csv'; known: jsonl\.zst, parquet"):
        find_format("csv")
    with pytest.raises(UnknownFormat, match="known suffixes"):
        read(Path("x.csv"))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(records=st.lists(RECORDS, min_size=1, max_size=8))
def test_what_was_written_is_read_again(name: str, records: list[dict[str, Any]]) -> None:
    """Every column of every record, in order; what a record lacks is empty."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"x{formats()[name].SUFFIX}"
        writer = formats()[name].Writer(path)
        for record in records:
            writer.write(record)
        writer.close()
        assert list(read(path)) == [
            {**record, "metadata": {**METADATA, **record.get("metadata", {})}} for record in records
        ]


@pytest.mark.parametrize("name", NAMES)
def test_lone_surrogates_and_missing_columns_do_no_harm(name: str, tmp_path: Path) -> None:
    """Bad text from the web is written as far as it is text."""
    path = tmp_path / f"x{formats()[name].SUFFIX}"
    writer = formats()[name].Writer(path)
    writer.write({"id": "1", "text": "a\ud800b", "metadata": {"rule": "\udfff"}})
    writer.close()
    expected = {**dict.fromkeys(COLUMNS, ""), "id": "1", "text": "a?b", "metadata": {**METADATA, "rule": "?"}}
    assert list(read(path)) == [expected]


@pytest.mark.parametrize(
    "record",
    [
        {"txt": "a"},
        {"text": b"a"},
        {"id": None},
        {"metadata": {"color": "red"}},
        {"metadata": {"pii": {"EMAIL_ADDRESS": 1}}},
        {"metadata": {"ledger": "7"}},
    ],
)
def test_a_record_of_another_shape_is_refused(record: dict[str, Any], tmp_path: Path) -> None:
    """Nothing of it is written."""
    shards = _shard_set(tmp_path)
    with pytest.raises(ValueError, match="column"):
        shards.write(record)
    shards.close()
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_memory_is_bounded_by_row_groups(tmp_path: Path) -> None:
    """A row group ends by number of records; the schema is what pipelines expect."""
    writer = parquet.Writer(tmp_path / "x.parquet")
    for number in range(parquet.GROUP_RECORDS + 1):
        writer.write({"id": str(number), "text": "a"})
    writer.close()
    file = pq.ParquetFile(tmp_path / "x.parquet")
    assert file.num_row_groups == 2
    assert tuple(file.schema_arrow.names) == COLUMNS
    assert file.read().column("metadata")[0].as_py() == METADATA


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", [b"", b"PAR1", b"\x28\xb5\x2f\xfd", b"hello world" * 10])
def test_what_is_no_shard_is_said_to_be_none(name: str, content: bytes, tmp_path: Path) -> None:
    """One error, with the file's name, for any damage."""
    path = tmp_path / f"x{formats()[name].SUFFIX}"
    path.write_bytes(content)
    with pytest.raises(ShardError, match=r"x\."):
        list(read(path))


@pytest.mark.parametrize("name", NAMES)
def test_shards_are_published_whole_and_listed(name: str, tmp_path: Path) -> None:
    """Places, files, counts and hashes agree; the last shard is published at the end."""
    shards = _shard_set(tmp_path / "jp", format=name, max_records=3)
    suffix = formats()[name].SUFFIX
    places = [shards.write({"id": str(number), "text": "a"}) for number in range(7)]
    assert places == [f"jp/{number // 3:05d}{suffix}#{number % 3}" for number in range(7)]
    listed = read_manifest(tmp_path / "jp")
    assert listed is not None
    assert [shard["records"] for shard in listed["shards"]] == [3, 3]
    shards.close()
    listed = read_manifest(tmp_path / "jp")
    assert listed is not None
    assert (listed["policy"], listed["digest"], listed["format"], listed["records"]) == ("jp", "d", name, 7)
    assert listed["ledger"] == {"size": 7, "head": "0" * 64}
    for shard in listed["shards"]:
        content = (tmp_path / "jp" / shard["file"]).read_bytes()
        assert (shard["bytes"], shard["sha256"]) == (len(content), sha256(content).hexdigest())
    ids = [record["id"] for shard in listed["shards"] for record in read(tmp_path / "jp" / shard["file"])]
    assert ids == [str(number) for number in range(7)]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_records_give_the_same_files(name: str, tmp_path: Path) -> None:
    """Names, bytes and hashes; none holds more records than allowed, or more text but for its last record."""
    made = []
    for place in ("one", "two"):
        shards = _shard_set(tmp_path / place, format=name, max_records=50, max_bytes=4_000)
        for number in range(300):
            shards.write({"id": str(number), "text": f"{number} " * (number % 40)})
        shards.close()
        made.append({path.name: path.read_bytes() for path in (tmp_path / place).iterdir()})
    assert made[0] == made[1]
    files = sorted(set(made[0]) - {"manifest.json"})
    assert files == [f"{number:05d}{formats()[name].SUFFIX}" for number in range(len(files))]
    for file in files:
        sizes = [len(record["text"]) for record in read(tmp_path / "one" / file)]
        assert len(sizes) <= 50
        assert sum(sizes[:-1]) < 4_000


def test_a_shard_ends_by_bytes(tmp_path: Path) -> None:
    """The record that passes the limit is the last of its shard."""
    shards = _shard_set(tmp_path, max_bytes=10)
    assert [shards.write({"text": "ä" * 3})[-1] for _ in range(5)] == ["0", "1", "0", "1", "0"]


def test_the_ledger_is_on_the_disk_before_a_shard_is_published(tmp_path: Path) -> None:
    """Also with the line of the shard's last record: the shard is published when the next record comes."""
    lines: list[str] = []
    published: list[tuple[int, list[str]]] = []

    def sync() -> tuple[int, str]:
        published.append((len(lines), sorted(path.name for path in tmp_path.glob("*.parquet"))))
        return len(lines), "0" * 64

    shards = _shard_set(tmp_path, sync_ledger=sync, max_records=2)
    for _ in range(5):
        lines.append(shards.write({"text": "a"}))
    shards.close()
    assert published == [
        (0, []),  # the manifest, at once
        (0, []),  # the first shard begins
        (2, []),  # and is full
        (2, ["00000.parquet"]),
        (4, ["00000.parquet"]),
        (4, ["00000.parquet", "00001.parquet"]),
        (5, ["00000.parquet", "00001.parquet"]),
    ]
    manifest = read_manifest(tmp_path)
    assert manifest is not None
    assert [shard["ledger"] for shard in manifest["shards"]] == [
        {"from": 0, "to": 2},
        {"from": 2, "to": 4},
        {"from": 4, "to": 5},
    ]


def test_abort_removes_what_was_not_published(tmp_path: Path) -> None:
    """What was published stays."""
    shards = _shard_set(tmp_path, max_records=1)
    shards.write({"text": "a"})
    shards.write({"text": "b"})
    shards.abort()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00000.parquet", "manifest.json"]


def test_a_run_that_died_is_continued_without_its_remains(tmp_path: Path) -> None:
    """A part and a shard that no manifest lists are removed, their names are used again."""
    shards = _shard_set(tmp_path, max_records=1)
    shards.write({"text": "a"})
    shards.write({"text": "b"})
    (tmp_path / "00001.parquet").write_bytes(b"renamed, but not listed")
    again = _shard_set(tmp_path, max_records=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00000.parquet", "manifest.json"]
    assert again.write({"text": "c"}) == "jp/00001.parquet#0"


@pytest.mark.parametrize("header", [{"policy": "us", "digest": "d"}, {"policy": "jp", "digest": "e"}])
def test_a_folder_of_other_rules_is_refused(header: dict[str, str], tmp_path: Path) -> None:
    """Nothing in it is touched."""
    _shard_set(tmp_path).close()
    (tmp_path / "00000.parquet.part").touch()
    with pytest.raises(ManifestError, match="Take another folder"):
        _shard_set(tmp_path, header=header)
    assert (tmp_path / "00000.parquet.part").exists()


FULL_DISK = """
import os, resource, signal, sys
from pathlib import Path
from crawler.durable import WriteError
from crawler.shards.shard_set import ShardSet
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
shards = ShardSet(Path(sys.argv[1]), prefix="jp", header={"policy": "jp"}, format=sys.argv[2], max_records=100,
                  sync_ledger=lambda: (0, "0" * 64))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    for number in range(150):
        shards.write({"id": str(number), "text": os.urandom(2000).hex()})
    shards.close()
except WriteError as error:
    print(error)
"""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("limit", [1, 1_000, 150_000, 210_000])
def test_a_full_disk_leaves_no_half_shard(name: str, limit: int, tmp_path: Path) -> None:
    """No .part, no file that is not listed, one clear error."""
    arguments = [sys.executable, "-c", FULL_DISK, str(tmp_path), name, str(limit)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent)
    assert "cannot be written: File too large" in done.stdout
    assert "make room" in done.stdout
    assert not done.stderr
    manifest = read_manifest(tmp_path)
    assert manifest is not None
    listed = {shard["file"] for shard in manifest["shards"]}
    assert {path.name for path in tmp_path.iterdir()} == {"manifest.json", *listed}
    assert all(len(list(_records(tmp_path, file))) == 100 for file in listed)


def _records(folder: Path, file: str) -> Iterator[dict[str, Any]]:
    return read(folder / file)
