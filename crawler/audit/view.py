"""Outcomes as a person reads them: one a line, or on a terminal each address once with its lines below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from crawler.audit.line import printable


def line(found: dict[str, Any]) -> str:
    """One found line as text."""
    rule = found.get("rule", "")
    citations = ", ".join(map(str, found.get("citations", ())))
    reason = f"{rule} ({citations})" if citations else rule
    place = found.get("shard", "") if found.get("published") else ""
    result = found["result"] + (" (not published)" if found.get("shard") and not found.get("published") else "")
    cells = (found.get("time", ""), found.get("policy", ""), result, found.get("stage", ""), reason, place)
    return "  ".join(printable(str(cell)) for cell in (*cells, found.get("note", ""), found.get("url", "")) if cell)


def grouped(lines: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The same for a terminal: each address once, with its lines below it."""
    address = ""
    for found in lines:
        if found.get("url", "") != address:
            address = found.get("url", "")
            yield printable(address)
        yield "  " + line({**found, "url": "", "time": found.get("time", "")[:19].replace("T", " ")})
