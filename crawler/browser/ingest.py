"""Ledger lines into the index: from where it ended to the last whole line, in the order of the ledger."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from crawler.audit.chain import parse
from crawler.audit.crawl_folder import Published
from crawler.audit.find import counts_as
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.ledger import ledger_files
from crawler.audit.lines import is_event, is_outcome
from crawler.browser.names import Names
from crawler.document import Result

_BATCH = 20_000  # rows written together
_MOST_LINES = 1 << 53  # as JSON numbers go
_FINAL = {result.value for result in Result if result is not Result.PENDING}
_LINE = f"INSERT INTO lines VALUES (NULL, {', '.join('?' * 14)})"
_MEMBERS = {"policy", "url_sha256", "site", "stage", "rule", "effect", "status", "citations", "shard", "seq"}
_TEXTS = itemgetter("time", "url", "url_sha256", "site", "policy", "digest", "result", "stage", "rule", "effect",
                    "status", "shard", "note")  # fmt: skip
_LISTS = itemgetter("citations", "rules", "met", "evidence")


class Position(NamedTuple):
    """A place between two lines of the ledger: file and byte."""

    file: int
    start: int


class _Line(NamedTuple):
    """An outcome line as far as the index wants it; `policy` and the others still as words."""

    sha256: bytes
    policy: str
    members: dict[str, Any]
    place: Position


class Ingest:
    """Writes outcome and event lines into the index.

    Args:
        database: The index.
        published: Of the crawl, or of the segment of a merged folder.
        begin: Where to go on.
        first: Number of its first ledger file.

    Attributes:
        end: Where the last whole line read ended.
        head: The `hash` member of that line, "" when it has none.
        unreadable: Lines that are neither outcome nor event.
        lines: Lines read.
    """

    def __init__(self, database: sqlite3.Connection, published: Published, begin: Position, first: int = 0) -> None:
        self._database, self._published, self._first = database, published, first
        self._policies = Names(database, "policies", "name")
        self._sites = Names(database, "sites", "host")
        self._rules = Names(database, "rules", "name")
        self._notes = Names(database, "notes", "text", unique=False)
        self._rows: list[tuple[Any, ...]] = []
        self._next_url = 1 + (database.execute("SELECT MAX(id) FROM urls").fetchone()[0] or 0)
        self.end, self.head, self.unreadable, self.lines = begin, "", 0, 0

    def run(self, crawl: Path) -> None:
        """Read to the end."""
        group: list[_Line] = []
        last = b""
        for place, content in self._contents(crawl):
            last = content
            line = self._read(content, place)
            if line is None:
                continue
            if group and group[0].sha256 != line.sha256:
                self._write(group)
                group = []
            group.append(line)
        if group:
            self._write(group)
        self._flush()
        if last:
            self.head = str((parse(last) or {}).get("hash", ""))

    def _contents(self, crawl: Path) -> Iterator[tuple[Position, bytes]]:
        for number, path in enumerate(ledger_files(crawl / LEDGER), self._first):
            if number < self.end.file:
                continue
            if number > self.end.file:
                self.end = Position(number, 0)
            with path.open("rb") as file:
                file.seek(self.end.start)
                for content in file:
                    if not content.endswith(b"\n"):
                        return  # torn, or still being written
                    yield self.end, content
                    self.end = Position(number, self.end.start + len(content))
                    self.lines += 1

    def _read(self, content: bytes, place: Position) -> _Line | None:
        """An outcome line; an event is written at once, and what is neither is counted."""
        line = parse(content)
        try:
            if b"\\ud" in content:  # no ledger of ours escapes these, and no file may hold a half of a pair
                line = parse(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace"))
            if line is None:
                raise ValueError("no object")
            if is_event(line):
                self._write_event(line)
                return None
            if not (_is_plain(line) or is_outcome(line)) or line["result"] not in _FINAL or not line.keys() >= _MEMBERS:
                raise ValueError("no outcome")
            if not 0 <= line["seq"] < _MOST_LINES:
                raise ValueError("no number of a line")
            return _Line(bytes.fromhex(line["url_sha256"]), line["policy"], line, place)
        except (ValueError, KeyError, TypeError, AttributeError):
            self.unreadable += 1
            return None

    def _write_event(self, line: dict[str, Any]) -> None:
        members = (line.get(name, "") for name in ("time", "event", "id", "mark", "by", "reason", "note"))
        texts = [member if isinstance(member, str) else "" for member in members]
        seq = line.get("seq")
        self._database.execute(
            f"INSERT INTO events VALUES (NULL, {', '.join('?' * 8)})", [seq if type(seq) is int else None, *texts]
        )

    def _write(self, group: list[_Line]) -> None:
        """Lines about one URL that stand together."""
        first = group[0].members
        address = first.get("url", "")
        counting = {line.policy: position for position, line in enumerate(group)}
        site = self._sites.id(first["site"])
        added = self._database.execute(
            "INSERT OR IGNORE INTO urls VALUES (?, ?, ?, ?, 0, ?)",
            (self._next_url, group[0].sha256, address, site, len(counting)),
        )
        if added.rowcount == 1:
            url, self._next_url = self._next_url, self._next_url + 1
        else:
            url = self._again(group[0].sha256, tuple(counting))
        for position, line in enumerate(group):
            self._rows.append(self._row(url, site, line, counting[line.policy] == position))
        if len(self._rows) >= _BATCH:
            self._flush()

    def _again(self, sha256: bytes, policies: tuple[str, ...]) -> int:
        """A URL that the index has: its earlier lines under these policies no longer count."""
        run = self._database.execute
        url, known = run("SELECT id, policies FROM urls WHERE sha256 = ?", (sha256,)).fetchone()
        if known:
            self._flush()
            for policy in policies:
                run("UPDATE lines SET counts = 0 WHERE url = ? AND policy = ?", (url, self._policies.id(policy)))
            known = run("SELECT COUNT(DISTINCT policy) FROM lines WHERE url = ? AND counts", (url,)).fetchone()[0]
        run("UPDATE urls SET policies = ? WHERE id = ?", (known + len(policies), url))
        return int(url)

    def _row(self, url: int, site: int, line: _Line, counts: bool) -> tuple[Any, ...]:
        found = line.members
        result, shard = found["result"], found["shard"]
        outcome = counts_as(found, bool(shard) and self._published.lists(shard, found["seq"]))
        return (
            url, site, self._policies.id(line.policy), result, outcome,
            found["stage"], self._rule(found), self._note(found), seconds(found.get("time")), found["seq"],
            shard, line.place.file, line.place.start, counts,
        )  # fmt: skip

    def _rule(self, found: dict[str, Any]) -> int | None:
        name: str = found["rule"]
        return (self._rules.known(name) or self._new_rule(name, found)) if name else None

    def _new_rule(self, name: str, found: dict[str, Any]) -> int:
        citations = found.get("citations")
        return self._rules.id(
            name,
            effect=str(found.get("effect", "")),
            status=str(found.get("status", "")),
            citations=json.dumps(citations if isinstance(citations, list) else [], ensure_ascii=False),
        )

    def _note(self, found: dict[str, Any]) -> int | None:
        note = found.get("note")
        return self._notes.id(note) if note and isinstance(note, str) else None

    def _flush(self) -> None:
        self._database.executemany(_LINE, self._rows)
        self._rows.clear()


def _is_plain(line: dict[str, Any]) -> bool:
    """Whether a line is an outcome with all that ours have: the same as `is_outcome`, at a third of its cost."""
    try:
        texts, lists = set(map(type, _TEXTS(line))), set(map(type, _LISTS(line)))
    except KeyError:
        return False
    return texts == {str} and lists == {list} and type(line["seq"]) is int


def seconds(time: object) -> int | None:
    """Seconds since 1970 of a time in a line; None for what is none."""
    try:
        return int(datetime.fromisoformat(str(time)).timestamp())
    except (ValueError, OverflowError):
        return None
