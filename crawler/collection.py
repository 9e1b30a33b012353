"""The crawl's folder: every outcome gets its ledger line here, whoever brings it; layout in docs/audit.md.

Order of writing, for each URL: where it leads to, its evidence, its facts, its records, then its ledger lines, in one
system call. What has no line never was: a run that goes on (crawler/resuming.py) cuts it away, so that after `kill -9`
no outcome is lost and none is there twice. From time to time all of it is brought to the disk, in the same order, and
the ledger is signed: after a crash of the machine the run goes on from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic
from types import MappingProxyType, TracebackType
from typing import Any, Protocol, Self

from crawler import stored_rules
from crawler.arguments import AGENT, Judging
from crawler.audit.checkpoint import read_files
from crawler.audit.facts import FactsWriter
from crawler.audit.files import listing
from crawler.audit.frontier import Frontier
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.ledger import Ledger
from crawler.audit.line import line_of
from crawler.audit.signing import SigningKey
from crawler.audit.signing import default_key_path as default_ledger_key_path
from crawler.claim import claim
from crawler.document import Evidence, Fact, Fetched, Judged, Outcome, Result
from crawler.duplicates import FILE as FILE_OF_DUPLICATES
from crawler.duplicates import Duplicates, of_policy
from crawler.durable import WriteError
from crawler.feed import Feed, SharedFeed
from crawler.known.incremental import Incremental
from crawler.known.intervals import Intervals
from crawler.pending import UNKNOWN, Meta
from crawler.pii.mask import mask_url
from crawler.policy.policy import Policy
from crawler.registries import Registries
from crawler.resuming import Found, agree, begun, open_pending
from crawler.retention import expire
from crawler.run_file import RunFile, first_content
from crawler.shards.shard_set import ShardSet
from crawler.shared import SharedFrontier
from crawler.sources.cut import cut_after
from crawler.sources.evidence import BODIES
from crawler.sources.evidence import FOLDER as EVIDENCE
from crawler.sources.warc import BodyWriter, EvidenceWriter, record_bytes
from crawler.tally import End
from crawler.training_record import training_record
from crawler.workers import AnyWorkers
from crawler.working import Working, pseudonym_key, start_workers, work_of
from crawler.written_facts import note_of, written

REVIEW = "review"
MAX_RECORDS = 10_000  # of a shard: what a run that dies has to do again
MAX_FACTS = 100_000  # rows of a file of facts; they wait in memory until then
SYNC_LINES, SYNC_SECONDS = 1_000, 10.0  # whichever comes first: what a crash of the machine may undo
INTERVALS = Intervals()
NOBODY: Mapping[str, str] = MappingProxyType({})


class Syncable(Protocol):
    """What stands on the disk once it was synced."""

    def sync(self) -> None: ...


class Collection:
    """Writes one crawl's folder, and knows what it has accepted and decided.

    Args:
        judging: What to judge by, and where to.
        working: How.
        facts_of_run: What run.json says besides: seeds, user agent, settings.
        identity: Request headers that say who crawls.
        loopback_only: Nothing else may be seen: there is no contact for publishers.
        go_on: Whether to go on with the crawl that is in the folder.
        arguments: What the operator gave, for a run that goes on with this one.
        workers: Who judges, where somebody has them already; a pool of the crawl's own where not.
        known: The book of known pages, or a crawl that stands for one; None where every page is new.
        intervals: When a known page is visited again.
        shared: The frontier that the addresses come from; None for one of the crawl's own.

    Attributes:
        feed: Where addresses come from.
        known: The book in the hands of this crawl; None without one.
        resumed: What the run found of the one before, in words; "" when there was none.
        recorded_at: When the last address got its lines, by the monotonic clock; at first, when the crawl began.
        synced: How many lines of the ledger were on the disk, and when, by the same clock.

    Raises:
        ArgumentError: The folder is in use, or holds a crawl under other policies.
        WriteError: The disk refused.
        LedgerError: The ledger of the crawl to go on with is not as it was left.
        KeyFileError, SigningKeyError: A key can be neither read nor made.
    """

    def __init__(
        self,
        judging: Judging,
        working: Working,
        *,
        facts_of_run: Mapping[str, Any],
        identity: Mapping[str, str] = NOBODY,
        loopback_only: bool = False,
        go_on: bool = False,
        arguments: Mapping[str, str] = NOBODY,
        workers: AnyWorkers | None = None,
        known: Path | None = None,
        intervals: Intervals = INTERVALS,
        shared: SharedFrontier | None = None,
    ) -> None:
        self.judging, self.out = judging, judging.out
        self.identity, self.loopback_only = identity, loopback_only
        self.decided = 0
        self.resumed = ""
        self.recorded_at = monotonic()
        self._digests = {policy.id: policy.digest for policy in judging.policies}
        self._looked_at = {
            (policy.id, rule.id): tuple(rule.when) for policy in judging.policies for rule in policy.rules
        }
        self._closed = self._books_are_open = False
        self.known: Incremental | None = None
        self.registries = Registries(working.registries)
        before = begun(self.out) if go_on else None
        with claim(self.out, before, judging.policies) as stack:
            self._begin(working, facts_of_run, before)
            self._frontier = Frontier(self.out)
            self.addresses, self._same_boot = open_pending(self.out, arguments)
            self._open_books(goes_on=before is not None)
            self.feed = self._feed(shared, goes_on=before is not None)
            if known is not None:
                self.known = self._open_known(known, intervals, goes_on=before is not None)
                stack.callback(self.known.abandon)
            self.workers = workers or self._own_workers(working)
            self._lock = stack.pop_all()

    def _begin(self, working: Working, facts_of_run: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
        """Write run.json, and what is judged by."""
        self._run = RunFile(self.out, before or first_content(self.judging, working, facts_of_run))
        self.id, self._started = self._run.id, self._run.started
        self._ledger_key = SigningKey.load_or_create(working.ledger_key_file or default_ledger_key_path())
        self._origin = f"usufruct/{self.id}"
        self._run.begin(str(self._ledger_key.verifier(self._origin)))
        stored_rules.store(self.out, self.judging.policies, self.judging.records_file)

    def _own_workers(self, working: Working) -> AnyWorkers:
        key = pseudonym_key(working, self.id)
        return start_workers(work_of(self.judging, working, key, self._started.date()), working)

    def _open_books(self, *, goes_on: bool) -> None:
        """The ledger, then all that must fit it."""
        found = Found(self.addresses)
        with self.addresses.together():
            self.addresses.begin_again()
            self.ledger = Ledger(
                self.out,
                key=self._ledger_key,
                origin=self._origin,
                group_size=len(self.judging.policies),
                on_line=found,
                trust_unsynced=self._same_boot,
            )
        self.addresses.settle()
        self.decided = found.decided
        self.tally = found.tally
        agree(self._frontier, self.addresses, same_boot=self._same_boot)
        self._listed = read_files(self.out / LEDGER) or {}
        self.duplicates = Duplicates(
            self.out / FILE_OF_DUPLICATES,
            self.judging.duplicates,
            lambda url, facts, policy: self.workers.again(url, facts, policy),
        )
        self.duplicates.cut(self.ledger.size)
        self.ledger.unseal()
        cut = sum(cut_after(self.out / folder, found.last.get(folder), self._listed) for folder in (EVIDENCE, BODIES))
        self._expire()
        self._evidence = EvidenceWriter(self.out)
        self._bodies = BodyWriter(self.out, clock=lambda: datetime.now(UTC))
        self._facts = FactsWriter(self.out, max_rows=MAX_FACTS, ledger_size=self.ledger.size)
        self._shards = {
            (policy.id, held): self._shard_set(policy, REVIEW if held else "")
            for policy in self.judging.policies
            for held in (False, True)
        }
        self._books_are_open = True
        self.synced = self.ledger.size, monotonic()
        if goes_on:
            self._tell_of_resuming(cut)

    def _open_known(self, path: Path, intervals: Intervals, *, goes_on: bool) -> Incremental:
        judging = self.judging
        return Incremental(
            path,
            self.out,
            crawl=self.id,
            started=self._started,
            policies=judging.policies,
            intervals=intervals,
            records=judging.records,
            today=self._started.date(),
            goes_on=goes_on,
        )

    def _tell_of_resuming(self, cut: int) -> None:
        records = sum(shards.resumed for shards in self._shards.values())
        self.resumed = (
            f"{self.decided} addresses were decided, {self.addresses.waiting} go on; "
            f"{records} records taken up from journals; {self.ledger.dropped} unfinished ledger lines "
            f"and {cut} bytes of evidence that no line speaks of dropped"
        )
        if not self._same_boot:
            self.resumed += "; the machine was started anew: went back to the last checkpoint"
        self._run.resume(self.resumed)

    def _feed(self, shared: SharedFrontier | None, *, goes_on: bool) -> Feed:
        if shared is None:
            return Feed(self._take_in, self.addresses)
        feed = SharedFeed(self._take_in, self.addresses, shared)
        facts = {f"{name}={value}": "" for name, value in self.judging.run.items()}
        feed.join(self.id, {**self._digests, **facts}, str(self.out), goes_on=goes_on)
        if shared.name:
            self._run.share(shared.name)
        return feed

    def _take_in(self, url: str, meta: Meta) -> None:
        """An address is in the crawl from now on."""
        self._frontier.accept(url, mask_url(url))
        if self.known:
            self.known.accept(url, meta)

    def accept(self, url: str, meta: Meta = UNKNOWN, *, counts: bool = True, waits: bool = False) -> bool:
        """Take a URL into the crawl; see `Feed.accept`."""
        return self.feed.accept(url, meta, counts=counts, waits=waits)

    @property
    def accepted(self) -> int:
        """How many URLs were accepted."""
        return self.addresses.accepted

    @property
    def results(self) -> dict[str, Counter[str]]:
        """Policy -> result -> number of URLs."""
        return self.tally.results(policy.id for policy in self.judging.policies)

    @property
    def today(self) -> date:
        """The day on which the crawl was begun: whose rules hold, and on which licenses must be valid."""
        return self._started.date()

    @property
    def pending(self) -> int:
        """How many accepted URLs have no outcome yet."""
        return self.accepted - self.decided

    @property
    def under_way(self) -> int:
        """How many of them do not wait on the disk."""
        return self.pending - self.addresses.waiting

    def evidence_of(self, url: str) -> Evidence:
        """What is known of a URL before anything was fetched."""
        return Evidence(url, AGENT, run=self.judging.run_of(url), classes=self.judging.classes_of(url))

    def store_site_file(self, file: Fetched) -> str:
        """Keep a site file, with its body, as evidence; says where."""
        return self._evidence.append(record_bytes(replace(file, site_file=True), keep_body=True))

    def record(self, judged: Judged) -> Judged | None:
        """Write all there is to write about one URL, and return it as it was written. Raises WriteError.

        None: nothing was written, since another process that shares the frontier has taken it over.
        """
        if not self.feed.hold(judged.url):
            return None
        judged = new = self.duplicates.settle(judged)
        if self.known:
            judged = self.known.settle(judged)
        if self._facts.is_full:
            self.sync()  # what is published must have its lines on the disk
        masked, first = mask_url(judged.url), self.ledger.size
        own = [self._evidence.append(judged.record)] if judged.record else []
        own += [self._bodies.append(judged.body_record)] if judged.body_record else []
        facts = tuple(map(written, judged.facts))
        self._facts.write(judged.url, masked, facts, seq=first)
        self.duplicates.commit(new, first)
        lines = [
            line_of(
                judged,
                outcome,
                digest=self._digests[outcome.policy],
                time=datetime.now(UTC),
                masked_url=masked,
                evidence=(*own, *judged.site_records),
                shard=self._write_document(outcome, masked, position),
                note=self._note(outcome, facts),
            )
            for position, outcome in enumerate(judged.outcomes, first)
        ]
        self.ledger.append([line.as_mapping() for line in lines])
        self.feed.decided(lines[0].url_sha256)
        self.decided += 1
        self.tally.add((End(line.policy, line.result, line.stage, line.rule) for line in lines), judged.facts)
        self.recorded_at = monotonic()
        self._sync_in_time()
        return judged

    def sync(self) -> tuple[int, str]:
        """Bring everything to the disk, the ledger last; its size and head. Raises WriteError."""
        self.addresses.commit()
        books: list[Syncable] = [self._frontier, self._evidence, self._bodies, self._facts, self.duplicates]
        books += self._shards.values()
        books += [self.known] if self.known else []
        for book in books:
            book.sync()
        synced = self.ledger.sync_head()
        self.feed.synced()
        self.synced = self.ledger.size, monotonic()
        return synced

    def _sync_in_time(self) -> None:
        size, time = self.synced
        if self.ledger.size - size >= SYNC_LINES or monotonic() - time >= SYNC_SECONDS:
            self.sync()

    def abort(self) -> None:
        """The disk refused: leave everything as it is, for a run that goes on."""
        self._closed = True
        for shards in self._shards.values():
            shards.abort()
        self._facts.abort()
        self.duplicates.close()
        if self.known:
            self.known.abandon()
        self.addresses.abandon()
        self._lock.close()

    def close(self) -> None:
        """Publish what was begun and say when the run ended. A second call does nothing. Raises WriteError."""
        if self._closed:
            return
        self.sync()
        frontier = self.feed.leave()
        self._facts.close()
        for shards in self._shards.values():
            shards.close()
        self._evidence.close()
        self._bodies.close()
        self._expire()
        self._frontier.close()
        self.duplicates.close(remove=not (self.pending or self.addresses.keeps))
        self._run.finish(frontier=frontier.as_json() if frontier and frontier.name else None)
        if self.known:
            self.known.close(is_complete=not self.pending)
        self.ledger.seal(listing(self.out, self._listed))
        self.ledger.close()
        self._closed = True
        if frontier and not frontier.complete:
            self.addresses.abandon()  # others may bring more: the segment can go on
        else:
            self.addresses.close()
        self._lock.close()

    def _expire(self) -> None:
        """Delete page bodies whose days are over. Raises WriteError."""
        for name in expire(self.out, self.ledger, self.judging.retention, datetime.now(UTC).date()):
            self._listed.pop(name, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, WriteError):
            self.abort()
        else:
            self.close()

    def _write_document(self, outcome: Outcome, masked: str, position: int) -> str:
        """Write the record of a kept or held page, with its place in the ledger; "" for all others."""
        if outcome.document is None:
            return ""
        digest = self._digests[outcome.policy]
        record = training_record(
            outcome.document, outcome, url=masked, digest=digest, position=position, source=self.id
        )
        return self._shards[outcome.policy, outcome.result is Result.HELD].write(record)

    def _note(self, outcome: Outcome, facts: tuple[Fact, ...]) -> str:
        """The facts that the deciding rule looked at: "tdm-reservation=1 (header:tdm-reservation)"."""
        deciding = outcome.decision.deciding
        names = self._looked_at.get((outcome.policy, deciding.rule), ()) if deciding else ()
        return note_of(names, of_policy(facts, outcome.policy))

    def _shard_set(self, policy: Policy, below: str) -> ShardSet:
        return ShardSet(
            self.out / policy.id / below,
            prefix=f"{policy.id}/{below}".rstrip("/"),
            header={"crawl": self.id, "policy": policy.id, "digest": policy.digest},
            sync_ledger=lambda: self.sync() if self._books_are_open else (self.ledger.size, self.ledger.head),
            format=self.judging.format,
            max_records=MAX_RECORDS,
            ledger_size=self.ledger.size,
        )
