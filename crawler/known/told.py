"""What an incremental crawl leaves for its readers: `changes.json`, a few numbers, and `drift.jsonl`, a line each.

Drift: what was kept or held is refused now, by what its site or the page says, or by another policy. Neither file holds
an address that is not masked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.durable import part_of, publish, write_error, write_whole
from crawler.known.book import Book
from crawler.known.learning import CHANGED, GONE, NEW, UNCHANGED

CHANGES, DRIFT = "changes.json", "drift.jsonl"
_COLUMNS = ("time", "url", "url_sha256", "site", "policy", "was", "now", "rule", "because", "crawl", "ledger")


@dataclass(frozen=True, slots=True)
class Told:
    """What was written. `drifted` pages of so many `sites` were kept and are refused now."""

    changes: Mapping[str, int]
    drifted: int
    sites: int


def in_words(pages: int, sites: int) -> str:
    """How much has drifted: "2 pages of 1 site"."""
    return f"{pages} page{'s' * (pages != 1)} of {sites} site{'s' * (sites != 1)}"


def tell(book: Book, number: int, folder: Path) -> Told:
    """Write both files for a crawl that the book has learnt. Raises WriteError."""
    _write(folder / DRIFT, map(_line, drift_of(book, number)))
    pages, sites = book.run(
        "SELECT COUNT(DISTINCT name), COUNT(DISTINCT site) FROM drift JOIN page USING (name) WHERE drift.crawl = ?",
        number,
    ).fetchone()
    found = dict(book.run("SELECT said, COUNT(*) FROM page WHERE crawl = ? GROUP BY said", number).fetchall())
    changes = {said: int(found.get(said, 0)) for said in (NEW, CHANGED, UNCHANGED, GONE)}
    changes |= {"not_due": _not_due(book, number), "drift": pages}
    write_whole(folder / CHANGES, json.dumps(changes).encode() + b"\n")
    return Told(changes, pages, sites)


def drift_of(book: Book, number: int | None = None) -> Iterator[dict[str, Any]]:
    """What a crawl refused of that which was kept, or all crawls, in their order."""
    rows = book.run(
        "SELECT time, masked, lower(hex(name)), site, policy, was, now, rule, because, crawl.id, ledger "
        "FROM drift JOIN page USING (name) JOIN crawl ON crawl.number = drift.crawl "
        f"WHERE {'1' if number is None else 'drift.crawl = ?'} ORDER BY crawl.started, drift.crawl, ledger",
        *(() if number is None else (number,)),
    )
    return (dict(zip(_COLUMNS, row, strict=True)) for row in rows)


def read_drift(folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of a crawl's file; none where it has none. What is no line of ours is passed by."""
    try:
        lines = (folder / DRIFT).open("rb")
    except OSError:
        return
    with lines:
        for content in lines:
            try:
                line = json.loads(content)
            except ValueError:
                continue
            if isinstance(line, dict) and line.keys() >= set(_COLUMNS):
                yield line


def _not_due(book: Book, number: int) -> int:
    """How many known pages rested while the crawl ran."""
    return int(
        book.value(
            "SELECT COUNT(*) FROM page WHERE crawl != ? AND due > (SELECT started FROM crawl WHERE number = ?)",
            number,
            number,
        )
    )


def _write(path: Path, lines: Iterable[bytes]) -> None:
    try:
        with part_of(path).open("wb") as file:
            file.writelines(lines)
        publish(path)
    except OSError as error:
        raise write_error(path, error) from error


def _line(found: Mapping[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
