"""What a crawl's folder teaches the book: read once, line by line, and no line twice.

    ledger -> what was decided    evidence -> validators and digests    facts -> where they stand    frontier -> the way

A crawl that died is learnt as far as its records are published; the rest when it went on, or never, if it never does.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from crawler.audit.crawl_folder import Published
from crawler.audit.fact_places import fact_files, places
from crawler.audit.line import LOOKED_FOR, site_of
from crawler.audit.read_run import RUN, read_run
from crawler.crawl_archive import Recorded, recorded
from crawler.document import Fetched, FetchError, Result, Stage, url_id
from crawler.judge import ROBOTS_TXT
from crawler.known.book import Book, BookError, Crawled, Page, Record, Stand
from crawler.known.intervals import Intervals
from crawler.known.ways import left, ways
from crawler.shards import manifest
from crawler.signals import needs
from crawler.sources.one_record import read_record
from crawler.sources.storage import SourceError
from crawler.sources.warc_record import CONTENT, NO_BODY
from crawler.urls import origin

T = TypeVar("T")
MOST_FILES = 10_000  # of site files whose names are remembered
UNREADABLE = "?"  # a file that no site has: nothing is known of what stood there
BATCH = 500  # pages learnt together
NEW, CHANGED, UNCHANGED, GONE = "new", "changed", "unchanged", "gone"
REFUSED, FAILED, OTHER, AGAIN = "refused", "failed", "other", "judged again"  # AGAIN: nothing was asked for
LEFT = "left"  # found, and never asked for
_WRITTEN = (Result.KEPT, Result.HELD)
_GONE = (404, 410)
_MASK = re.compile(r"(?:\[|%5B)[A-Z_]+(?:\]|%5D)")  # what stands for an identifier in a stored header
_BODY = re.compile(r"sha256=([0-9a-f]{64})")
_SITE_PLACE = re.compile(r"\((?:robots\.txt|file:|registry:)")  # in a note, behind each fact
# Rules that looked at nothing but the exchange: the page is gone, moved or not to be had. No opt-out.
_EXCHANGE = re.compile(r"(?:access=(?:not-found|client-error|redirected|server-error|rate-limited)|fetch\.error=)")


@dataclass(frozen=True, slots=True)
class _Seen:
    """The exchange behind a page's lines, as the evidence tells it; `status` 0 and no error where there was none."""

    status: int = 0
    error: FetchError = FetchError.NONE
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    content: bytes = b""

    def header(self, name: str) -> str:
        """A header that the server sent, as it sent it; "" where it holds what was masked."""
        value = (self.headers or {}).get(name, "")
        return "" if _MASK.search(value) else value


def learn(folder: Path, book: Book, intervals: Intervals) -> int:
    """Teach the book what it does not know of a crawl yet; how many pages that were.

    Raises:
        BookError: The folder holds no crawl, or the book refuses.
        FactsError: The crawl's facts cannot be read.
    """
    run = read_run(folder)
    try:
        assert run is not None
        name, started = str(run["id"]), datetime.fromisoformat(str(run["started"])).timestamp()
    except (AssertionError, KeyError, ValueError) as error:
        raise BookError(f"{folder}: holds no crawl: {RUN} cannot be read") from error
    crawl = book.enter(name, folder, started)
    learner = _Learner(folder, book, crawl, intervals)
    pages = 0
    for entries in _in_batches(_not_learnt(folder, crawl)):
        with book.together():
            now = book.crawl(crawl.number)
            assert now is not None
            for entry in entries:
                if _end(entry) > now.learnt:
                    learner.take(entry)
                    pages += 1
            book.run("UPDATE crawl SET learnt = MAX(learnt, ?) WHERE number = ?", _end(entries[-1]), crawl.number)
    if pages:
        learner.place_facts()
        learner.tell_ways()
    learner.take_links()
    return pages


def _in_batches(found: Iterator[T]) -> Iterator[list[T]]:
    while some := list(islice(found, BATCH)):
        yield some


def _end(entry: Recorded) -> int:
    return 1 + max(int(line["seq"]) for _, line in entry.lines)


def _not_learnt(folder: Path, crawl: Crawled) -> Iterator[Recorded]:
    """The pages that come next, up to the first whose record is not published."""
    published = Published(folder, manifest.read)
    for entry in recorded(folder):
        if _end(entry) <= crawl.learnt:
            continue
        if not all(published.lists(str(line["shard"]), int(line["seq"])) for _, line in entry.lines if line["shard"]):
            return
        yield entry


class _Learner:
    """Takes up the pages of one crawl."""

    def __init__(self, folder: Path, book: Book, crawl: Crawled, intervals: Intervals) -> None:
        self._folder, self._book, self._crawl, self._intervals = folder, book, crawl, intervals
        self._file_at = lru_cache(maxsize=MOST_FILES)(self._read_file_name)

    def take(self, entry: Recorded) -> None:
        """One page with all its lines."""
        name = bytes.fromhex(entry.name)
        lines = [line for _, line in entry.lines]
        before, seen = self._book.page(name), self._seen(entry)
        page = before or self._first(entry, name)
        page.first = page.first or str(lines[0]["time"])
        said = _said(before, seen, lines)
        visited = replace(page, crawl=self._crawl.number, said=said)
        if seen is not None:
            visited = self._visited(visited, seen, said, str(lines[0]["time"]), self._files(entry))
        elif any(line["result"] == Result.FAILED for line in lines):
            visited = replace(visited, due=0.0)  # what is stored is not enough for some policy
        if any(line.get("stage") in LOOKED_FOR for line in lines):
            found = [line["pii"] for line in lines if line.get("stage") in LOOKED_FOR]
            visited = replace(visited, looked=1, pii=json.dumps(found[0]))
        elif seen is not None and 200 <= seen.status < 300:
            visited = replace(visited, looked=0, pii="{}")
        self._book.write(visited)
        for line in lines:
            self._decide(name, line, of_page=seen is not None)

    def place_facts(self) -> None:
        """Where the facts of the crawl's pages stand."""
        number = self._crawl.number
        for path in fact_files(self._folder):
            with self._book.together():
                for place in places(path):
                    self._book.run(
                        "UPDATE page SET facts_crawl = ?, facts_file = ?, facts_first = ?, facts_rows = ? "
                        "WHERE name = ? AND crawl = ? AND said NOT IN (?, ?)",
                        number, path.name, place.first, place.rows, bytes.fromhex(place.url_sha256), number,
                        REFUSED, FAILED,
                    )  # fmt: skip

    def tell_ways(self) -> None:
        """How the crawl's pages were reached."""
        for some in _in_batches(ways(self._folder)):
            with self._book.together():
                for name, meta in some:
                    self._book.run("UPDATE page SET meta = ? WHERE name = ?", meta, bytes.fromhex(name))

    def take_links(self) -> None:
        """Addresses that the crawl had no room for are due at once; they are known by nothing else."""
        for some in _in_batches(left(self._folder)):
            with self._book.together():
                for url, meta in some:
                    self._book.run(
                        "INSERT OR IGNORE INTO page (name, url, masked, site, origin, meta, due, crawl, said, looked, "
                        "pii, first) VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?, 0, '{}', '')",
                        bytes.fromhex(url_id(url)), url, url, site_of(url), origin(url), meta, LEFT,
                    )  # fmt: skip

    def _first(self, entry: Recorded, name: bytes) -> Page:
        line = entry.lines[0][1]
        url = entry.url if url_id(entry.url) == entry.name else None
        return Page(name, url, entry.url, str(line["site"]), origin(entry.url), first=str(line["time"]))

    def _visited(self, page: Page, seen: _Seen, said: str, time: str, files: str) -> Page:
        """The page after it was asked for."""
        started = self._crawl.started
        passed = max(started - datetime.fromisoformat(page.last).timestamp(), 0.0) if page.last else 0.0
        if said == FAILED:
            return replace(page, last=time, due=started)
        if said == REFUSED:
            before = self._intervals.after(page.interval, passed=passed, changed=None)
            return replace(page, last=time, due=self._intervals.due(started, before))
        changed = {UNCHANGED: False, GONE: False, CHANGED: True}.get(said)
        interval = self._intervals.after(page.interval, passed=passed, changed=changed)
        due = self._intervals.due(started, interval, [seen.header("cache-control")])
        page = replace(page, status=seen.status, last=time, interval=interval, due=due)
        etag, modified = seen.header("etag"), seen.header("last-modified")
        if seen.status == 304:
            return replace(page, etag=etag or page.etag, modified=modified or page.modified)
        page = replace(page, etag=etag, modified=modified, body=seen.body, content=seen.content, files=files)
        return replace(page, changed=time) if said in (NEW, CHANGED) else page

    def _files(self, entry: Recorded) -> str:
        """The site files behind the lines that are not those which every page is judged by."""
        found = {self._file_at(reference, origin(entry.url)) for reference in entry.references}
        return json.dumps(sorted(found - {"", ROBOTS_TXT, *needs()}))

    def _read_file_name(self, reference: str, site: str) -> str:
        try:
            fetched = read_record(self._folder, reference).fetched
        except SourceError:
            return UNREADABLE
        return fetched.url.removeprefix(site) if fetched is not None and fetched.site_file else ""

    def _seen(self, entry: Recorded) -> _Seen | None:
        """The exchange behind its lines; None where nothing was asked for."""
        for reference in entry.references:
            try:
                record = read_record(self._folder, reference)
            except SourceError:
                continue  # a body whose days are over
            if record.fetched is not None and not record.fetched.site_file:
                return _seen(record.fetched, {key.lower(): value for key, value in record.headers})
        return None

    def _decide(self, name: bytes, line: Mapping[str, Any], *, of_page: bool) -> None:
        """What became of the page under one policy."""
        policy, result = str(line["policy"]), str(line["result"])
        before = self._book.stands(name).get(policy)
        if result == Result.FAILED and before is not None:
            return  # it says nothing about use
        told = Stand(
            policy, str(line["digest"]), result, str(line["rule"]), self._crawl.number, int(line["seq"]),
            self._record(line),
        )  # fmt: skip
        if before and before.record and before.crawl != self._crawl.number and _is_refusal(line):
            because = "policy" if not of_page else "site" if _is_of_site(line) else "page"
            self._book.run(
                "INSERT OR IGNORE INTO drift VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._crawl.number, told.ledger,
                name, policy, str(line["time"]), before.record.result, result, told.rule, because, str(line["stage"]),
            )  # fmt: skip
        self._book.decide(name, told)

    def _record(self, line: Mapping[str, Any]) -> Record | None:
        result, treatments = str(line["result"]), line.get("treatments")
        treatments = dict(treatments) if isinstance(treatments, Mapping) else {}
        if result in _WRITTEN:
            return Record(self._crawl.number, int(line["seq"]), result, str(line["shard"]), treatments)
        stands = line.get("unchanged")
        if result != Result.UNCHANGED or not isinstance(stands, Mapping):
            return None
        number = self._number_of(str(stands["crawl"]))
        return Record(number, int(stands["ledger"]), str(stands["result"]), str(stands["shard"]), treatments)

    def _number_of(self, crawl: str) -> int:
        """The number of a crawl that a line names; one that is not known lies beside this one, or nobody knows."""
        if known := self._book.crawl_named(crawl):
            return known.number
        beside = (path.parent for path in self._folder.parent.glob(f"*/{RUN}"))
        folder = next((path for path in beside if (read_run(path) or {}).get("id") == crawl), None)
        return self._book.enter(crawl, folder, 0.0).number


def _seen(page: Fetched, warc: Mapping[str, str]) -> _Seen:
    body = _BODY.search(warc.get(NO_BODY.lower(), ""))
    return _Seen(
        page.status,
        FetchError.NONE if page.error is FetchError.NOT_RECORDED else page.error,  # the body is not here, no more
        {name.lower(): value for name, value in page.headers},
        bytes.fromhex(body[1]) if body else hashlib.sha256(page.body).digest(),
        bytes.fromhex(warc.get(CONTENT.lower(), "")),
    )


def _said(before: Page | None, seen: _Seen | None, lines: Sequence[Mapping[str, Any]]) -> str:
    """What a crawl found of a page, in a word."""
    if seen is None:
        return AGAIN
    if seen.error is FetchError.NOT_ASKED:
        return REFUSED
    if seen.error is not FetchError.NONE or seen.status >= 500:
        return FAILED
    if before is None or before.interval is None:
        return NEW
    if seen.status in _GONE:
        return GONE
    same = before.body == seen.body or (bool(seen.content) and before.content == seen.content)
    if seen.status == 304 or any(line["result"] == Result.UNCHANGED for line in lines) or same:
        return UNCHANGED
    return CHANGED if 200 <= seen.status < 300 else OTHER


def _is_of_site(line: Mapping[str, Any]) -> bool:
    """Whether files of the site decided, before the page was asked for or read together with it."""
    return line["stage"] == Stage.FETCH or bool(_SITE_PLACE.search(str(line.get("note", ""))))


def _is_refusal(line: Mapping[str, Any]) -> bool:
    """Whether a line says that a page was refused for what its site, the page or a policy says."""
    decided = line["stage"] in (Stage.FETCH, Stage.SIGNALS) and bool(line["rule"])
    return line["result"] == Result.DROPPED and decided and not _EXCHANGE.match(str(line.get("note", "")))
