"""The columns of a training record, named as training pipelines already read them (Dolma, datatrove).

Every record of every shard has the same columns and the same `metadata`, each of one type, none of them ever null. The
readers of others need that: `datasets` takes the types from the first 10 MB of the first file and fails where a later
record has another member, an empty list or an empty date; DuckDB samples. Hence `metadata` is flat, what has parts is
JSON text in it, and dates that may be missing are written so that no reader takes them for a type of its own.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

TEXT_COLUMNS = ("id", "text", "url", "source", "added", "created", "title", "author", "language", "license")
COLUMNS = (*TEXT_COLUMNS, "metadata")

# What stands in `metadata`: name -> what it is where nobody says anything. Text or a whole number, as this value is.
METADATA: Mapping[str, str | int] = MappingProxyType(
    {
        "policy": "",
        "digest": "",
        "gate": "",  # keep, or review for a held one
        "rule": "",  # the deciding one
        "rules": "[]",  # JSON text: ids of all that fired
        "met": "[]",  # JSON text: ids of the records on file that met a requirement
        "ledger": 0,  # seq of the line about it
        "pii": "{}",  # JSON text: type -> how many were found
        "treatments": "{}",  # JSON text: kind -> what was done to it
        "engine": "",  # what extracted the text
        "fetched": "",
        "boilerplate_lines": 0,  # lines that other pages of its site had before
        "review": "",  # what a person said of a held one, in a release
    }
)


def row_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with every column, in order, "" where it has none; lone surrogates become "?".

    Raises:
        ValueError: A column that there is not, or a value of another type.
    """
    _check_names("column(s)", record, COLUMNS)
    row: dict[str, Any] = {column: _text(column, record.get(column, "")) for column in TEXT_COLUMNS}
    row["metadata"] = _metadata(record.get("metadata", {}))
    return row


def moment(time: datetime) -> str:
    """A time as Dolma writes it; with milliseconds, since Arrow takes those without for another type.

    >>> moment(datetime(2026, 11, 23, 9, tzinfo=UTC))
    '2026-11-23T09:00:00.000Z'
    """
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def json_text(value: Any) -> str:
    """A value with parts as it stands in `metadata`: compact, members sorted.

    >>> json_text({"b": 1, "a": ["x"]})
    '{"a":["x"],"b":1}'
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _metadata(given: Mapping[str, Any]) -> dict[str, str | int]:
    _check_names("column(s) of metadata", given, METADATA)
    return {name: _like(default, f"metadata.{name}", given.get(name, default)) for name, default in METADATA.items()}


def _like(default: str | int, column: str, value: object) -> str | int:
    if isinstance(default, str):
        return _text(column, value)
    if not isinstance(value, int):
        raise ValueError(f"column {column} holds a whole number, not {type(value).__name__}")
    return value


def _check_names(what: str, given: Mapping[str, Any], known: Collection[str]) -> None:
    if unknown := given.keys() - set(known):
        raise ValueError(f"unknown {what} {', '.join(sorted(unknown))}; known: {', '.join(known)}")


def _text(column: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"column {column} holds text, not {type(value).__name__}")
    return value.encode("utf-8", "replace").decode()
