"""The crawl's folder: every outcome gets its ledger line here, whoever brings it; layout in docs/audit.md.

Order of writing, for each URL: where it leads to, its evidence, its facts, its records, then its ledger lines, in one
system call. What has no line never was: a run that goes on (crawler/resuming.py) cuts it away, so that after `kill -9`
no outcome is lost and none is there twice. From time to time all of it is brought to the disk, in the same order, and
the ledger is signed: after a crash of the machine the run goes on from there.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from types import MappingProxyType, TracebackType
from typing import Any, Protocol, Self

from crawler import stored_rules
from crawler.arguments import AGENT, ArgumentError, Judging
from crawler.audit.checkpoint import read_files, render_files
from crawler.audit.facts import FactsWriter
from crawler.audit.files import UNCHANGING
from crawler.audit.frontier import Frontier
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.ledger import Ledger
from crawler.audit.line import line_of
from crawler.audit.signing import SigningKey
from crawler.audit.signing import default_key_path as default_ledger_key_path
from crawler.document import Document, Evidence, Fact, Fetched, Judged, Outcome, Result, url_id
from crawler.duplicates import FILE as FILE_OF_DUPLICATES
from crawler.duplicates import Duplicates, of_policy
from crawler.durable import (
    JOURNAL,
    LOCK,
    PART,
    InUseError,
    WriteError,
    locked,
    make_folder,
    write_error,
    write_whole,
)
from crawler.pending import UNKNOWN, Meta, Pending
from crawler.pii.mask import mask_url
from crawler.pii.pseudonym import default_key_path, load_or_create_key, new_key
from crawler.policy.policy import Policy
from crawler.registries import Registries
from crawler.resuming import ARGUMENTS, BOOT, RUN, STATE, Found, begun, boot_id, cannot_go_on
from crawler.retention import expire
from crawler.shards.record import json_text, moment
from crawler.shards.shard_set import ShardSet
from crawler.sources.cut import cut_after
from crawler.sources.evidence import BODIES
from crawler.sources.evidence import FOLDER as EVIDENCE
from crawler.sources.warc import BodyWriter, EvidenceWriter, record_bytes
from crawler.workers import Work, Workers
from crawler.written_facts import note_of, written

REVIEW = "review"
MAX_RECORDS = 10_000  # of a shard: what a run that dies has to do again
MAX_FACTS = 100_000  # rows of a file of facts; they wait in memory until then
SYNC_LINES, SYNC_SECONDS = 1_000, 10.0  # whichever comes first: what a crash of the machine may undo
BEGINNINGS = (LOCK, RUN + PART)  # what a run leaves that dies before it has written anything
NOBODY: Mapping[str, str] = MappingProxyType({})
PACKAGES = ("scrapy", "robotexclusionrulesparser", "presidio-analyzer", "spacy", "resiliparse", "fastwarc", "pyarrow")


class Syncable(Protocol):
    """What stands on the disk once it was synced."""

    def sync(self) -> None: ...


def check_unused(out: Path) -> None:
    """Raise ArgumentError when the folder holds something already: a crawl never writes into another one."""
    if out.exists() and not out.is_dir():
        raise ArgumentError(f"-a out={out}: is a file; give a folder that does not exist yet")
    if out.exists() and any(path.name not in BEGINNINGS for path in out.iterdir()):
        owner = _owner(out)
        raise ArgumentError(
            f"-a out={out}: {owner}; give a folder that does not exist yet, remove this one, or go on with --resume"
        )


def _owner(out: Path) -> str:
    try:
        run = json.loads((out / RUN).read_text(encoding="utf-8"))
        return f"belongs to another crawl ({run['id']}, begun {run['started']})"
    except (OSError, ValueError, KeyError):
        return "is not empty and holds no crawl of ours"


@dataclass(frozen=True, slots=True)
class Working:
    """How pages are worked on.

    Attributes:
        processes: Workers; 0 for one a core.
        timeout_s: For one page.
        pages_per_worker: Then a worker is replaced.
        memory_mib: What a worker may take; 0 for no limit.
        ledger_key_file: Of the key that signs the ledger; None for the user's own, outside the folder.
        key_file: Of the pseudonyms; None for one of the crawl's own, outside its folder.
        throw_key_away: Whether the key is in memory only, and gone when the crawl ends.
        pseudonyms: "natural" or "token".
        engines: Which engine looks for names of persons in which language; see `crawler.pii.engines`.
        asked: Languages whose engine the operator named.
        links: Whether the links of pages are wanted.
        registries: Opt-out registries to ask, as `Registries` takes them.
    """

    processes: int = 0
    timeout_s: float = 60.0
    pages_per_worker: int = 5_000
    memory_mib: int = 0
    key_file: Path | None = None
    throw_key_away: bool = False
    pseudonyms: str = "natural"
    engines: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    links: bool = False
    registries: Mapping[str, str] = field(default_factory=dict)
    ledger_key_file: Path | None = None


def pseudonym_key(working: Working, crawl_id: str) -> bytes:
    """The key of a crawl's pseudonyms; one that is thrown away touches no file. Raises KeyFileError."""
    if working.throw_key_away:
        return new_key()
    return load_or_create_key(working.key_file or default_key_path(crawl_id))


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

    Attributes:
        resumed: What the run found of the one before, in words; "" when there was none.

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
    ) -> None:
        self.judging, self.out = judging, judging.out
        self.identity, self.loopback_only = identity, loopback_only
        self.accepted = self.decided = 0
        self.resumed = ""
        self.results: dict[str, Counter[str]] = {policy.id: Counter() for policy in judging.policies}
        self._digests = {policy.id: policy.digest for policy in judging.policies}
        self._looked_at = {
            (policy.id, rule.id): tuple(rule.when) for policy in judging.policies for rule in policy.rules
        }
        self._closed = self._books_are_open = False
        self.registries = Registries(working.registries)
        before = begun(self.out) if go_on else None
        if before is None:
            check_unused(self.out)
        else:
            _check_policies(before, judging.policies, self.out)
        make_folder(self.out)
        with ExitStack() as stack:
            try:
                stack.enter_context(locked(self.out))
            except InUseError as error:
                raise ArgumentError(f"-a out={error}") from error
            if before is None:
                stack.push(self._remove_if_failed)
            elif why := cannot_go_on(self.out):
                raise ArgumentError(f"-a out={self.out}: {why}")
            self._begin(working, facts_of_run, before)
            self._open_addresses(arguments)
            self._open_books(goes_on=before is not None)
            self.workers = self._start_workers(working)
            self._lock = stack.pop_all()

    def _remove_if_failed(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            shutil.rmtree(self.out, ignore_errors=True)  # it was new, and holds nothing yet

    def _begin(self, working: Working, facts_of_run: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
        """Write run.json, or read that of the run before."""
        now = datetime.now(UTC)
        if before is not None:
            self.id, self._started = str(before["id"]), datetime.fromisoformat(str(before["started"]))
            self._run = {**before, "finished": None}
        else:
            self.id, self._started = f"{now:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}", now
            self._run = self._first_run(working, facts_of_run)
        self._ledger_key = SigningKey.load_or_create(working.ledger_key_file or default_ledger_key_path())
        self._origin = f"usufruct/{self.id}"
        self._run["ledger_key"] = str(self._ledger_key.verifier(self._origin))
        self._write_run()
        stored_rules.store(self.out, self.judging.policies, self.judging.records_file)

    def _first_run(self, working: Working, facts_of_run: Mapping[str, Any]) -> dict[str, Any]:
        judging = self.judging
        return {
            "id": self.id,
            "started": self._started.isoformat(timespec="seconds"),
            "today": self._started.date().isoformat(),
            "finished": None,
            "agent": AGENT,
            "policies": [_policy_entry(policy) for policy in judging.policies],
            "run": dict(judging.run),
            "bodies": "kept" if judging.keep_bodies else "not kept",
            "retention": judging.retention.as_mapping(),
            "format": judging.format,
            "duplicates": judging.duplicates,
            "names": dict(sorted(working.engines.items())),
            "pseudonyms": working.pseudonyms,
            "pseudonym_key": "thrown away" if working.throw_key_away else "kept outside this folder",
            "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
            **facts_of_run,
        }

    def _open_addresses(self, arguments: Mapping[str, str]) -> None:
        """The books of what was accepted, and whether the machine was started anew since they were begun."""
        self._frontier = Frontier(self.out)
        self.addresses = Pending(self.out / STATE)
        boot = boot_id()
        self._same_boot = bool(boot) and self.addresses.noted(BOOT) in ("", boot)
        self.addresses.note(BOOT, boot)
        if arguments:
            self.addresses.note(ARGUMENTS, json.dumps(dict(arguments)))

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
        self.accepted, self.decided = self.addresses.accepted, found.decided
        for policy, counts in found.results.items():
            self.results.setdefault(policy, Counter()).update(counts)
        self._accept_again()
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
        self._synced = self.ledger.size, monotonic()
        if goes_on:
            self._tell_of_resuming(cut)

    def _accept_again(self) -> None:
        """The list of accepted addresses and the state agree again, whichever of the two lost its end."""
        self._frontier.cut_unknown(self.addresses.holds)
        if not self._same_boot:
            for url in self.addresses.urls():
                self._frontier.accept(url, mask_url(url))

    def _tell_of_resuming(self, cut: int) -> None:
        records = sum(shards.resumed for shards in self._shards.values())
        self.resumed = (
            f"{self.decided} addresses were decided, {self.addresses.waiting} go on; "
            f"{records} records taken up from journals; {self.ledger.dropped} unfinished ledger lines "
            f"and {cut} bytes of evidence that no line speaks of dropped"
        )
        if not self._same_boot:
            self.resumed += "; the machine was started anew: went back to the last checkpoint"
        entry = {"time": datetime.now(UTC).isoformat(timespec="seconds"), "found": self.resumed}
        self._run["resumed"] = [*self._run.get("resumed", ()), entry]
        self._write_run()

    def _start_workers(self, working: Working) -> Workers:
        judging = self.judging
        work = Work(
            policies=judging.policies,
            key=pseudonym_key(working, self.id),
            pseudonyms=working.pseudonyms,
            engines=working.engines,
            asked=working.asked,
            keep_bodies=judging.keep_bodies,
            links=working.links,
            records=judging.records,
            today=self._started.date(),
            memory_mib=working.memory_mib,
            duplicates=judging.duplicates,
        )
        return Workers(
            work,
            processes=working.processes or os.cpu_count() or 1,
            timeout_s=working.timeout_s,
            pages_per_worker=working.pages_per_worker,
        )

    def accept(self, url: str, meta: Meta = UNKNOWN, *, counts: bool = True, waits: bool = False) -> bool:
        """Take a URL into the crawl, to wait on the disk or to be asked for now; False when it is in already."""
        if not self.addresses.is_new(url):
            return False
        self._frontier.accept(url, mask_url(url))
        self.addresses.accept(url, meta, counts=counts, waits=waits)
        self.accepted += 1
        return True

    @contextmanager
    def accepting(self) -> Iterator[None]:
        """All addresses that are accepted within are in, or none."""
        with self.addresses.together():
            yield

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

    def record(self, judged: Judged) -> Judged:
        """Write all there is to write about one URL, and return it as it was written. Raises WriteError."""
        self.accept(judged.url)
        judged = self.duplicates.settle(judged)
        if self._facts.is_full:
            self.sync()  # what is published must have its lines on the disk
        masked, first = mask_url(judged.url), self.ledger.size
        own = [self._evidence.append(judged.record)] if judged.record else []
        own += [self._bodies.append(judged.body_record)] if judged.body_record else []
        facts = tuple(map(written, judged.facts))
        self._facts.write(judged.url, masked, facts, seq=first)
        self.duplicates.commit(judged, first)
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
        self.addresses.decided(lines[0].url_sha256)
        self.decided += 1
        for line in lines:
            self.results[line.policy][line.result] += 1
        self._sync_in_time()
        return judged

    def sync(self) -> tuple[int, str]:
        """Bring everything to the disk, the ledger last; its size and head. Raises WriteError."""
        self.addresses.commit()
        books: list[Syncable] = [self._frontier, self._evidence, self._bodies, self._facts, self.duplicates]
        books += self._shards.values()
        for book in books:
            book.sync()
        synced = self.ledger.sync_head()
        self.addresses.forget()
        self._synced = self.ledger.size, monotonic()
        return synced

    def _sync_in_time(self) -> None:
        size, time = self._synced
        if self.ledger.size - size >= SYNC_LINES or monotonic() - time >= SYNC_SECONDS:
            self.sync()

    def abort(self) -> None:
        """The disk refused: leave everything as it is, for a run that goes on."""
        self._closed = True
        for shards in self._shards.values():
            shards.abort()
        self._facts.abort()
        self.duplicates.close()
        self.addresses.abandon()
        self._lock.close()

    def close(self) -> None:
        """Publish what was begun and say when the run ended. A second call does nothing. Raises WriteError."""
        if self._closed:
            return
        self.sync()
        self._facts.close()
        for shards in self._shards.values():
            shards.close()
        self._evidence.close()
        self._bodies.close()
        self._expire()
        self._frontier.close()
        self.duplicates.close(remove=not self.pending)
        self._run["finished"] = datetime.now(UTC).isoformat(timespec="seconds")
        self._write_run()
        self.ledger.seal(self._listing())
        self.ledger.close()
        self._closed = True
        self.addresses.close()
        self._lock.close()

    def _expire(self) -> None:
        """Delete page bodies whose days are over. Raises WriteError."""
        for name in expire(self.out, self.ledger, self.judging.retention, datetime.now(UTC).date()):
            self._listed.pop(name, None)

    def _listing(self) -> bytes:
        """Every file of the crawl with its size and digest; those of an earlier run that never change are not read."""
        known = {name: file for name, file in self._listed.items() if name.endswith(UNCHANGING)}
        try:
            return render_files({name: known.get(name) or _digest_of(path) for name, path in _each_file(self.out)})
        except OSError as error:
            raise write_error(self.out, error) from error

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
        record = _record_of(outcome.document, outcome, masked, self._digests[outcome.policy], position, self.id)
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

    def _write_run(self) -> None:
        write_whole(self.out / RUN, json.dumps(self._run, indent=2, ensure_ascii=False).encode() + b"\n")


def _check_policies(before: Mapping[str, Any], policies: Sequence[Policy], out: Path) -> None:
    """A crawl goes on under the policies that it was begun with. Raises ArgumentError."""
    was = {policy["id"]: policy["digest"] for policy in before["policies"]}
    now = {policy.id: policy.digest for policy in policies}
    if was != now:
        changed = ", ".join(sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name)))
        raise ArgumentError(
            f"-a policy=: {changed}: not as in the crawl in {out}, which was begun under {', '.join(was)}, or their "
            "files have changed since; go on with the same, or judge the crawl again into a new folder (scrapy judge)"
        )


def _each_file(out: Path) -> Iterator[tuple[str, Path]]:
    """Name, as seen from the crawl, and path of every file but the ledger's own and those of a run under way."""
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        if (
            path.is_file()
            and not name.startswith((f"{LEDGER}/", STATE, FILE_OF_DUPLICATES))
            and not name.endswith((LOCK, PART, JOURNAL))
        ):
            yield name, path


def _digest_of(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _policy_entry(policy: Policy) -> dict[str, Any]:
    return {
        "id": policy.id,
        "title": policy.title,
        "day": policy.day.isoformat(),
        "digest": policy.digest,
        "bodies_days": policy.bodies_days,
        "readings": sorted({point for readings in policy.readings for point in readings}),
    }


def _record_of(
    document: Document, outcome: Outcome, masked: str, digest: str, position: int, source: str
) -> dict[str, Any]:
    """A training record, with the field names that training pipelines read."""
    deciding = outcome.decision.deciding
    return {
        "id": f"{url_id(document.url)}:{outcome.policy}",
        "text": document.text,
        "url": masked,
        "source": source,
        "added": moment(datetime.now(UTC)),
        "created": f"{document.date}Z" if document.date else "",
        "title": document.title,
        "author": document.author,
        "language": document.language,
        "license": mask_url(document.license),
        "metadata": {
            "policy": outcome.policy,
            "digest": digest,
            "gate": outcome.decision.gate.name.lower(),
            "rule": deciding.rule if deciding else "",
            "rules": json_text([fired.rule for fired in outcome.decision.fired]),
            "met": json_text(outcome.decision.met),
            "ledger": position,
            "pii": json_text(dict(document.pii)),
            "treatments": json_text(dict(document.treatments)),
            "engine": document.engine,
            "boilerplate_lines": document.boilerplate_lines,
            "fetched": moment(document.fetched_at) if document.fetched_at else "",
        },
    }
