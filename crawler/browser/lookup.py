"""One URL as its page shows it: its lines read from the ledger, its facts from Parquet, what was decided by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from crawler.audit.chain import parse
from crawler.audit.fact_places import ShownFact, facts_at
from crawler.audit.facts import FOLDER as FACTS
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.ledger import file_name
from crawler.audit.ledger_files import MAX_LINE_BYTES
from crawler.audit.read_facts import FactsError
from crawler.audit.segments import crawls_in
from crawler.browser.schema import SEGMENT


class Review(NamedTuple):
    """What a person decided about a held record."""

    time: str
    mark: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class UrlLine:
    """One ledger line about a URL.

    Attributes:
        policy: Its id.
        outcome: The result, or `pending` where no manifest lists the record.
        counts: Whether it is the last about this URL and policy.
        where: "ledger/00000.jsonl byte 4711"; "" for what has no line yet.
        members: The line as it stands there; {} where it has none or it was changed since.
        reviews: Oldest first.
    """

    policy: str
    outcome: str
    counts: bool
    where: str
    members: dict[str, Any]
    reviews: tuple[Review, ...]


@dataclass(frozen=True, slots=True)
class UrlFound:
    """What is known of one URL, and in which crawl or segment.

    `facts_problem` says why facts cannot be shown, "" when they can.
    """

    sha256: str
    url: str
    site: str
    lines: tuple[UrlLine, ...]
    facts: tuple[ShownFact, ...]
    crawl: Path
    facts_problem: str = ""


def url(crawl: Path, database: sqlite3.Connection, sha256: str) -> UrlFound | None:
    """Everything about the URL of that SHA-256; None when the crawl, or the merged folder, has none such."""
    crawls = crawls_in(crawl)
    try:
        name = bytes.fromhex(sha256)
    except ValueError:
        return None
    row = database.execute(
        "SELECT urls.id, url, host FROM urls LEFT JOIN sites ON sites.id = urls.site WHERE sha256 = ?", (name,)
    ).fetchone()
    if row is None:
        return None
    number, address, site = row
    found = database.execute(
        "SELECT policies.name, outcome, counts, file, start FROM lines JOIN policies ON policies.id = lines.policy "
        "WHERE url = ? ORDER BY counts DESC, policies.id, number",
        (number,),
    )
    rows = found.fetchall()
    lines = tuple(_line(crawls, database, name.hex(), *row) for row in rows)
    try:
        facts, problem = tuple(_facts(crawls, database, name)), ""
    except FactsError as error:
        facts, problem = (), str(error).replace(f"{crawl}/", "")
    file = next((row[3] for row in rows if row[3] is not None), 0)
    return UrlFound(name.hex(), address, site or "", lines, facts, crawls[file // SEGMENT], problem)


def reviews(database: sqlite3.Connection, record: str) -> tuple[Review, ...]:
    """What people decided about the record of that id, oldest first."""
    found = database.execute(
        "SELECT time, mark, by, reason FROM events WHERE id = ? AND event = 'review' ORDER BY number", (record,)
    )
    return tuple(Review(*row) for row in found)


def _line(
    crawls: tuple[Path, ...],
    database: sqlite3.Connection,
    sha256: str,
    policy: str,
    outcome: str,
    counts: int,
    file: int | None,
    start: int | None,
) -> UrlLine:
    where, members = "", {}
    if file is not None and start is not None:
        segment, number = divmod(file, SEGMENT)
        crawl = crawls[segment]
        prefix = f"{crawl.name}/" if len(crawls) > 1 else ""
        where = f"{prefix}{LEDGER}/{file_name(number)} byte {start}"
        try:
            with (crawl / LEDGER / file_name(number)).open("rb") as ledger:
                ledger.seek(start)
                members = parse(ledger.readline(MAX_LINE_BYTES)) or {}
        except OSError:
            members = {}
        if members.get("url_sha256") != sha256:
            members = {}
    return UrlLine(policy, outcome, bool(counts), where, members, reviews(database, f"{sha256}:{policy}"))


def _facts(crawls: tuple[Path, ...], database: sqlite3.Connection, name: bytes) -> Iterator[ShownFact]:
    """Those stated last: a URL that was judged again has them a second time."""
    place = database.execute(
        "SELECT file, first, rows FROM facts WHERE sha256 = ? ORDER BY rowid DESC LIMIT 1", (name,)
    ).fetchone()
    if place:
        segment, _, file = str(place[0]).rpartition("/")
        yield from facts_at(crawls[int(segment or 0)] / FACTS / file, place[1], place[2])
