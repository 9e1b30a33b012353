"""Check that ledger, checkpoints, manifests, shards, evidence, facts and run.json agree, and name whatever does not.

Found is every change by anybody who has not the key that signs the ledger, and every change that the holder of the key
made to what an older checkpoint signs, if an auditor kept that. Memory grows by 8 bytes for each record of evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from crawler.audit import frontier
from crawler.audit.chain import Chain, Entry
from crawler.audit.check_facts import check_facts
from crawler.audit.crawl_folder import CrawlFolder, ReadManifest, ReadShard
from crawler.audit.digests import Digests
from crawler.audit.files import Files
from crawler.audit.join import Join
from crawler.audit.listing import Listing, check_listings
from crawler.audit.outcomes import Outcomes
from crawler.audit.read_run import RUN
from crawler.audit.references import ReadPlaces, References
from crawler.audit.report import Report
from crawler.audit.signatures import Mark, check_signatures
from crawler.audit.signing import VerifierKey

POLICIES = "policies"


@dataclass(frozen=True, slots=True)
class Readers:
    """What other rooms read: manifests, shards, and where the records of a WARC file begin."""

    manifest: ReadManifest
    shard: ReadShard
    places: ReadPlaces


def verify(
    crawl: CrawlFolder,
    readers: Readers,
    *,
    key: VerifierKey | None = None,
    older: Sequence[Path] = (),
    merged: Sequence[Mark] = (),
) -> Report:
    """Check a whole crawl. What cannot be read is a problem, never an exception.

    Args:
        crawl: The folder.
        readers: Of what is not the audit's.
        key: Of the ledger, as the auditor got it elsewhere; None for the one in the folder.
        older: Checkpoints that the auditor kept: the ledger must still begin with what they sign.
        merged: What a merged folder says of the ledger.

    Returns:
        A report whose first problem is the first bad line, if the chain has one.
    """
    report, of_lines, digests = Report(), Report(), Digests()
    if crawl.run_problem:
        report.problem(RUN, crawl.run_problem)
    listings = check_listings(crawl, readers.manifest, digests, report)
    marks = [*check_signatures(crawl.path, older, key, report), *merged]
    chain = Chain(crawl.path, of_lines, marks)
    files, references = Files(crawl.path, digests, report), References(crawl.path, readers.places, report)
    heads, join = _Heads(listings.values(), report), Join(crawl, listings, readers.shard, report)
    with Outcomes(tuple(crawl.policies), report, chain.place_of) as outcomes:
        for entry in chain:
            heads.check(entry)
            if "event" in entry.line and "result" not in entry.line:
                files.event(entry)
                continue
            files.outcome(entry)
            references.check(entry)
            outcomes.decide(entry, published=join.check(entry))
        heads.end()
        join.end()
        _read_frontier(crawl.path, outcomes, report)
        outcomes.end()
    references.end(files)
    check_facts(crawl.path, files, report)
    _check_policies(crawl, report)
    files.end()
    report.checked.insert(0, f"ledger: {chain.size} line(s) in {chain.files} file(s), head {chain.head}")
    report.merge(of_lines)
    return report


def _read_frontier(crawl: Path, outcomes: Outcomes, report: Report) -> None:
    where = f"{frontier.FOLDER}/{frontier.FILE}"
    try:
        for number, accepted in frontier.entries(crawl):
            if not accepted or not outcomes.accept(accepted.url_sha256):
                report.problem(f"{where} line {number}", "changed: no accepted URL")
    except OSError as error:
        report.problem(where, f"cannot be read: {error.strerror}")


def _check_policies(crawl: CrawlFolder, report: Report) -> None:
    """Whether the text of each policy, where it is stored, is the one that the lines name by its digest."""
    for policy, digest in crawl.policies.items():
        path = crawl.path / POLICIES / f"{policy}.json"
        try:
            if sha256(path.read_bytes().removesuffix(b"\n")).hexdigest() != digest:
                report.problem(f"{POLICIES}/{path.name}", "changed: its SHA-256 is not the digest in run.json")
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            report.problem(f"{POLICIES}/{policy}.json", f"cannot be read: {error}")


class _Heads:
    """Compares the heads that manifests name with the lines."""

    def __init__(self, listings: Iterable[Listing], report: Report) -> None:
        self._report = report
        self._ahead: dict[int, list[Listing]] = {}  # size -> manifests that name the head at that size
        for listing in listings:
            if listing.size:
                self._ahead.setdefault(listing.size, []).append(listing)

    def check(self, entry: Entry) -> None:
        for listing in self._ahead.pop(entry.seq + 1, ()):
            if listing.head != entry.line["hash"]:
                self._report.problem(listing.name, f"its head is not the hash of {entry.where}")

    def end(self) -> None:
        for size, late in self._ahead.items():
            for listing in late:
                what = f"was written after {size} ledger lines; the last of them is not there"
                self._report.problem(listing.name, what)
