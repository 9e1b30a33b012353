"""Check that ledger, checkpoint, manifests, shards and run.json agree, and name whatever does not.

Found is every change that does not also recompute all hashes after it; against one that does, keep a checkpoint
elsewhere. Memory does not grow with the crawl: lines and records are read side by side, both in the order of `seq`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from crawler.audit import frontier
from crawler.audit.chain import Chain, Entry
from crawler.audit.crawl_folder import REVIEW, RUN, CrawlFolder, ReadManifest, ReadShard, split_place
from crawler.audit.listing import ListedShard, Listing, check_listings
from crawler.audit.report import Report
from crawler.audit.signatures import check_signatures
from crawler.audit.signing import VerifierKey
from crawler.document import Result

_WRITTEN = {Result.KEPT.value: "", Result.HELD.value: f"/{REVIEW}"}  # result -> folder below the policy's
_UNWRITTEN = {Result.DROPPED.value, Result.FAILED.value}


def verify(
    crawl: CrawlFolder,
    read_manifest: ReadManifest,
    read_shard: ReadShard,
    *,
    key: VerifierKey | None = None,
    older: Sequence[Path] = (),
) -> Report:
    """Check a whole crawl. What cannot be read is a problem, never an exception.

    Args:
        crawl: The folder.
        read_manifest, read_shard: The shards' readers.
        key: Of the ledger, as the auditor got it elsewhere.
        older: Checkpoints that the auditor kept: the ledger must still begin with what they sign.
    """
    report = Report()
    if crawl.run_problem:
        report.problem(RUN, crawl.run_problem)
    listings = check_listings(crawl, read_manifest, report)
    heads: dict[int, list[Listing]] = {}
    for listing in listings.values():
        heads.setdefault(listing.size, []).append(listing)
    heads.pop(0, None)
    marks = check_signatures(crawl.path, older, key, report)
    chain, join = Chain(crawl.path, report, marks), _Join(crawl, listings, read_shard, report)
    for entry in chain:
        join.check(entry)
        for listing in heads.pop(entry.seq + 1, ()):
            if listing.head != entry.line["hash"]:
                report.problem(listing.name, f"its head is not the hash of {entry.where}")
    for size, late in heads.items():
        for listing in late:
            report.problem(listing.name, f"was written after {size} ledger lines; the last of them is not there")
    join.end()
    for where in frontier.unreadable(crawl.path):
        report.problem(where, "changed: no accepted URL")
    report.checked.insert(0, f"ledger: {chain.size} line(s) in {chain.files} file(s), head {chain.head}")
    return report


class _Join:
    """Compares each line with the record it names, and each record with the line it names."""

    def __init__(
        self, crawl: CrawlFolder, listings: Mapping[str, Listing], read_shard: ReadShard, report: Report
    ) -> None:
        self._crawl, self._listings, self._report = crawl, listings, report
        self._records = {
            shard.name: _Records(shard, read_shard(shard.path), report)
            for listing in listings.values()
            for shard in listing.shards.values()
            if shard.sound
        }
        self._unpublished = 0

    def check(self, entry: Entry) -> None:
        """Compare one line with run.json, and with its record if it has one."""
        policy, result, place = (str(entry.line.get(name)) for name in ("policy", "result", "shard"))
        digest = self._crawl.policies.get(policy)
        if digest is None and not self._crawl.run_problem:
            self._report.problem(entry.where, f"changed: run.json names no policy {policy!r}")
        elif digest not in (None, entry.line.get("digest")):
            self._report.problem(entry.where, "its policy digest is not the one of run.json")
        if result in _UNWRITTEN and place:
            self._report.problem(entry.where, f"changed: {result}, but names the record {place}")
        elif result in _WRITTEN and (place or result == Result.KEPT):
            self._check_place(entry, policy + _WRITTEN[result], place)
        elif result not in _WRITTEN and result not in _UNWRITTEN:
            self._report.problem(entry.where, f"changed: the result is {result!r}")

    def end(self) -> None:
        """Report the records that no line was about."""
        for records in self._records.values():
            records.end()
        if self._unpublished:
            self._report.notes.append(
                f"{self._unpublished} line(s) name a record in a shard that was not published before the run ended; "
                "the summary counts them as pending"
            )

    def _check_place(self, entry: Entry, wanted: str, place: str) -> None:
        try:
            folder, name, index = split_place(place)
        except ValueError:
            folder, name, index = "", "", 0
        if folder != wanted:
            self._report.problem(entry.where, f"changed: names no record in {wanted}/, but {place!r}")
            return
        listing = self._listings.get(folder)
        if listing is None:  # said before: the manifest is missing or cannot be read
            return
        shard = listing.shards.get(name)
        if shard and shard.first <= entry.seq < shard.end:
            if shard.name in self._records:
                self._records[shard.name].match(entry, index)
        elif (shard and entry.seq >= shard.end) or (not shard and entry.seq < listing.size):
            self._report.problem(entry.where, f"names the record {place}, which was never listed")
        else:
            self._unpublished += 1


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
            self._record["id"] == f"{entry.line.get('url_sha256')}:{entry.line.get('policy')}",
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
