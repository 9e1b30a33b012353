"""The columns of a training record, named as training pipelines already read them (Dolma, datatrove)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

TEXT_COLUMNS = ("id", "text", "url", "source", "added", "created", "title", "author", "language", "license")
COLUMNS = (*TEXT_COLUMNS, "metadata")


def row_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with every column, in order, "" or {} where it has none; lone surrogates become "?".

    Raises:
        ValueError: A column that there is not, or a value that is no text.
    """
    if unknown := record.keys() - set(COLUMNS):
        raise ValueError(f"unknown column(s) {', '.join(sorted(unknown))}; known: {', '.join(COLUMNS)}")
    row: dict[str, Any] = {column: _text(column, record.get(column, "")) for column in TEXT_COLUMNS}
    row["metadata"] = json.loads(metadata_text(record.get("metadata", {})))
    return row


def metadata_text(metadata: Mapping[str, Any]) -> str:
    """The metadata as JSON text, keys sorted."""
    return _text("metadata", json.dumps(metadata, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def _text(column: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"column {column} holds text, not {type(value).__name__}")
    return value.encode("utf-8", "replace").decode()
