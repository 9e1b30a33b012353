"""Whether each ledger line has the record that it names, and each record the line that it names.

Lines and records are read side by side, both in the order of `seq`, so that memory does not grow with the crawl.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crawler.audit.chain import Entry
from crawler.audit.crawl_folder import REVIEW, CrawlFolder, ReadShard, split_place
from crawler.audit.elsewhere import Elsewhere
from crawler.audit.listing import ListedShard, Listing
from crawler.audit.report import Report
from crawler.document import Result

_WRITTEN = {Result.KEPT.value: "", Result.HELD.value: f"/{REVIEW}"}  # result -> folder below the policy's
_UNWRITTEN = {Result.DROPPED.value, Result.FAILED.value, Result.UNCHANGED.value}


class Join:
    """Compares each line with the record it names, and each record with the line it names."""

    def __init__(
        self, crawl: CrawlFolder, listings: Mapping[str, Listing], read_shard: ReadShard, report: Report
    ) -> None:
        self._crawl, self._listings, self._report = crawl, listings, report
        self._records = {
            shard.name: _Records(shard, _lazily(read_shard, shard.path), report)
            for listing in listings.values()
            for shard in listing.shards.values()
            if shard.sound
        }
        self._named: Counter[str] = Counter()  # shard -> lines about its records
        self._unpublished = 0
        self._elsewhere = Elsewhere(crawl.path, report)

    def check(self, entry: Entry) -> bool:
        """Compare an outcome line with run.json, and with its record if it has one; whether it counts as published."""
        policy, result, place = (str(entry.line.get(name)) for name in ("policy", "result", "shard"))
        digest = self._crawl.policies.get(policy)
        if digest is None and not self._crawl.run_problem:
            self._report.problem(entry.where, f"changed: run.json names no policy {policy!r}")
        elif digest not in (None, entry.line.get("digest")):
            self._report.problem(entry.where, "its policy digest is not the one of run.json")
        if result == Result.UNCHANGED:
            self._elsewhere.check(entry)
        if result in _UNWRITTEN and place:
            self._report.problem(entry.where, f"changed: {result}, but names the record {place}")
        elif result in _WRITTEN and (place or result == Result.KEPT):
            return self._check_place(entry, policy + _WRITTEN[result], place)
        elif result not in _WRITTEN and result not in _UNWRITTEN:
            self._report.problem(entry.where, f"changed: the result is {result!r}")
        return True

    def end(self) -> None:
        """Report the records that no line was about, and the lines about records of other crawls."""
        self._elsewhere.end()
        for records in self._records.values():
            records.end()
        for listing in self._listings.values():
            for shard in listing.shards.values():
                named = self._named[shard.name]
                if shard.name not in self._records and named != shard.records:
                    what = f"lists {shard.records} record(s) of {shard.name}, {named} line(s) name one"
                    self._report.problem(listing.name, what)
        if self._unpublished:
            self._report.notes.append(
                f"{self._unpublished} line(s) name a record in a shard that was not published before the run ended; "
                "the summary counts them as pending"
            )

    def _check_place(self, entry: Entry, wanted: str, place: str) -> bool:
        try:
            folder, name, index = split_place(place)
        except ValueError:
            folder, name, index = "", "", 0
        if folder != wanted:
            self._report.problem(entry.where, f"changed: names no record in {wanted}/, but {place!r}")
            return True
        listing = self._listings.get(folder)
        if listing is None:  # said before: the manifest is missing or cannot be read
            return True
        shard = listing.shards.get(name)
        if shard and shard.first <= entry.seq < shard.end:
            self._named[shard.name] += 1
            if shard.name in self._records:
                self._records[shard.name].match(entry, index)
        elif (shard and entry.seq >= shard.end) or (not shard and entry.seq < listing.size):
            self._report.problem(entry.where, f"names the record {place}, which was never listed")
        else:
            self._unpublished += 1
            return False
        return True


def _lazily(read_shard: ReadShard, path: Path) -> Iterator[Mapping[str, Any]]:
    """What the reader raises, it raises when the first record is asked for."""
    yield from read_shard(path)


class _Records:
    """The records of one sound shard, in order, matched with the lines that come by."""

    def __init__(self, shard: ListedShard, records: Iterator[Mapping[str, Any]], report: Report) -> None:
        self._shard, self._records, self._report = shard, records, report
        self._index = -1  # of the record looked at
        self._seq = -1
        self._record: Mapping[str, Any] = {}
        self._ended = False

    def match(self, entry: Entry, index: int) -> None:
        """Compare a line that names record `index` of this shard with the record that names the line."""
        if self._index < 0:
            self._advance()
        while not self._ended and self._seq < entry.seq:
            self._orphan()
            self._advance()
        if self._ended or self._seq > entry.seq:
            self._report.problem(
                entry.where, f"names the record {self._shard.name}#{index}, which does not name the line"
            )
            return
        metadata = self._record["metadata"]
        same = (
            index == self._index,
            self._record.get("id") == f"{entry.line.get('url_sha256')}:{entry.line.get('policy')}",
            metadata.get("policy") == entry.line.get("policy"),
            metadata.get("digest") == entry.line.get("digest"),
        )
        if not all(same):
            self._report.problem(self._place, f"is not the record of {entry.where}: id, policy, digest or place differ")
        self._advance()

    def end(self) -> None:
        """Report the records left over, and a count that does not fit."""
        if self._index < 0:
            self._advance()
        while not self._ended:
            self._orphan()
            self._advance()
        if self._index != self._shard.records:
            what = f"has {self._index} record(s), the manifest says {self._shard.records}"
            self._report.problem(self._shard.name, what)

    @property
    def _place(self) -> str:
        return f"{self._shard.name}#{self._index}"

    def _orphan(self) -> None:
        self._report.problem(self._place, f"no sound ledger line is about it (it names seq {self._seq})")

    def _advance(self) -> None:
        """Look at the next record, at once, so that the file is closed after the last."""
        self._index += 1
        try:
            self._record = next(self._records)
            self._seq = int(self._record["metadata"]["ledger"])
        except StopIteration:
            self._ended = True
        except (ValueError, KeyError, TypeError, OSError):
            self._ended = True
            self._report.problem(self._place, "cannot be read as a record of ours")
