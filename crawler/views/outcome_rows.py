"""Ledger lines as CSV that a spreadsheet opens: a header, a line a row, no cell that it would take for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from typing import IO, Any

COLUMNS = (
    "time", "policy", "result", "stage", "rule", "effect", "status", "citations", "rules", "met", "url", "site",
    "url_sha256", "pii", "treatments", "shard", "published", "evidence", "note", "digest", "seq", "where",
)  # fmt: skip
_BETWEEN = "; "
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a cell may not begin with (OWASP, CSV injection)


def print_csv(lines: Iterable[Mapping[str, Any]], out: IO[str]) -> None:
    """One row a line, as the lines come."""
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for line in lines:
        rows.writerow([cell(line.get(name, "")) for name in COLUMNS])


def cell(value: object) -> str:
    """A value as one cell: lists with "; ", yes and no, and an apostrophe before what would be a formula.

    >>> cell(["EU-CDSM-4-3", "DE-UrhG-44b"]), cell({"PERSON": 2}), cell(True), cell("=1+1")
    ('EU-CDSM-4-3; DE-UrhG-44b', 'PERSON 2', 'yes', "'=1+1")
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        value = [f"{name} {each}" for name, each in value.items()]
    text = _BETWEEN.join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
