"""The crawl's folder: every outcome gets its ledger line here, whoever brings it; layout in docs/crawl-folder.md.

Order of writing, for each URL: its evidence, its facts, its records into the shards begun, then its ledger lines.
Shards are published only when the lines are on the disk (crawler/shards/shard_set.py), so that a run that dies in
between leaves lines whose shard no manifest lists: those URLs count as pending.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

from crawler.arguments import AGENT, ArgumentError, Judging
from crawler.audit.facts import FactsWriter
from crawler.audit.frontier import Frontier
from crawler.audit.ledger import Ledger
from crawler.audit.line import line_of
from crawler.document import Document, Evidence, Fact, Fetched, Judged, Outcome, Result, url_id
from crawler.duplicates import FILE as FILE_OF_DUPLICATES
from crawler.duplicates import Duplicates, of_policy
from crawler.durable import WriteError, make_folder, write_whole
from crawler.pii.mask import mask_text, mask_url
from crawler.pii.pseudonym import default_key_path, load_or_create_key, new_key
from crawler.policy.policy import Policy
from crawler.registries import Registries
from crawler.shards.record import json_text, moment
from crawler.shards.shard_set import ShardSet
from crawler.sources.warc import EvidenceWriter, record_bytes
from crawler.waiting import Waiting
from crawler.workers import Work, Workers

RUN = "run.json"
REVIEW = "review"
MOST_OF_NOTE, MOST_OF_PLACE = 300, 150  # characters
MAX_RECORDS = 10_000  # of a shard: what a run that dies has to do again
MAX_FACTS = 10_000  # rows of a file of facts; they wait in memory until then
NOBODY: Mapping[str, str] = MappingProxyType({})
PACKAGES = ("scrapy", "robotexclusionrulesparser", "presidio-analyzer", "spacy", "resiliparse", "fastwarc", "pyarrow")


def check_unused(out: Path) -> None:
    """Raise ArgumentError when the folder holds something already: a crawl never writes into another one."""
    if out.exists() and not out.is_dir():
        raise ArgumentError(f"-a out={out}: is a file; give a folder that does not exist yet")
    if out.exists() and any(out.iterdir()):
        owner = _owner(out)
        raise ArgumentError(f"-a out={out}: {owner}; give a folder that does not exist yet, or remove this one")


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

    Raises:
        ArgumentError: The folder is in use.
        WriteError: The disk refused.
        KeyFileError: The key can be neither read nor made.
    """

    def __init__(
        self,
        judging: Judging,
        working: Working,
        *,
        facts_of_run: Mapping[str, Any],
        identity: Mapping[str, str] = NOBODY,
        loopback_only: bool = False,
    ) -> None:
        self.judging, self.out = judging, judging.out
        self.identity, self.loopback_only = identity, loopback_only
        self.accepted = self.decided = 0
        self.results: dict[str, Counter[str]] = {policy.id: Counter() for policy in judging.policies}
        self._digests = {policy.id: policy.digest for policy in judging.policies}
        self._looked_at = {
            (policy.id, rule.id): tuple(rule.when) for policy in judging.policies for rule in policy.rules
        }
        self._closed = False
        self.registries = Registries(working.registries)
        check_unused(self.out)
        make_folder(self.out)
        try:
            self._begin(working, facts_of_run)
        except BaseException:
            shutil.rmtree(self.out, ignore_errors=True)  # it was new, and holds nothing yet
            raise

    def _begin(self, working: Working, facts_of_run: Mapping[str, Any]) -> None:
        judging, started = self.judging, datetime.now(UTC)
        self.id = f"{started:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
        self._run: dict[str, Any] = {
            "id": self.id,
            "started": started.isoformat(timespec="seconds"),
            "finished": None,
            "agent": AGENT,
            "policies": [_policy_entry(policy) for policy in judging.policies],
            "run": dict(judging.run),
            "bodies": "kept" if judging.keep_bodies else "not kept",
            "format": judging.format,
            "duplicates": judging.duplicates,
            "names": dict(sorted(working.engines.items())),
            "pseudonyms": working.pseudonyms,
            "pseudonym_key": "thrown away" if working.throw_key_away else "kept outside this folder",
            "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
            **facts_of_run,
        }
        self._write_run()
        self.ledger = Ledger(self.out)
        self._frontier = Frontier(self.out)
        self.duplicates = Duplicates(
            self.out / FILE_OF_DUPLICATES,
            judging.duplicates,
            lambda url, facts, policy: self.workers.again(url, facts, policy),
        )
        self.waiting = Waiting(self.out / "frontier" / "waiting.sqlite")
        self._evidence = EvidenceWriter(self.out)
        self._facts = FactsWriter(self.out, max_rows=MAX_FACTS)
        self._shards = {
            (policy.id, held): self._shard_set(policy, REVIEW if held else "")
            for policy in judging.policies
            for held in (False, True)
        }
        work = Work(
            policies=judging.policies,
            key=pseudonym_key(working, self.id),
            pseudonyms=working.pseudonyms,
            engines=working.engines,
            asked=working.asked,
            keep_bodies=judging.keep_bodies,
            links=working.links,
            records=judging.records,
            today=started.date(),
            memory_mib=working.memory_mib,
            duplicates=judging.duplicates,
        )
        self.workers = Workers(
            work,
            processes=working.processes or os.cpu_count() or 1,
            timeout_s=working.timeout_s,
            pages_per_worker=working.pages_per_worker,
        )

    def accept(self, url: str) -> bool:
        """Take a URL into the crawl; False when it is in already."""
        if not self.waiting.is_new(url):
            return False
        self._frontier.accept(url, mask_url(url))
        self.accepted += 1
        return True

    @property
    def pending(self) -> int:
        """How many accepted URLs have no outcome yet."""
        return self.accepted - self.decided

    @property
    def under_way(self) -> int:
        """How many of them do not wait on the disk."""
        return self.pending - len(self.waiting)

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
        masked = mask_url(judged.url)
        own = (self._evidence.append(judged.record),) if judged.record else ()
        facts = tuple(map(_masked, judged.facts))
        self._facts.write(judged.url, masked, facts)
        self.duplicates.commit(judged, self.ledger.size)
        for outcome in judged.outcomes:
            shard = self._write_document(judged, outcome, masked)
            line = line_of(
                judged,
                outcome,
                digest=self._digests[outcome.policy],
                time=datetime.now(UTC),
                masked_url=masked,
                evidence=(*own, *judged.site_records),
                shard=shard,
                note=self._note(outcome, facts),
            )
            self.ledger.append(line.as_mapping())
            self.results[outcome.policy][outcome.result.value] += 1
        self.decided += 1
        return judged

    def abort(self) -> None:
        """The disk refused: leave what is published, remove what was begun."""
        self._closed = True
        for shards in self._shards.values():
            shards.abort()
        self.waiting.close()
        self.duplicates.close()

    def close(self) -> None:
        """Publish what was begun and say when the crawl ended. A second call does nothing. Raises WriteError."""
        if self._closed:
            return
        self._closed = True
        self._facts.close()
        for shards in self._shards.values():
            shards.close()
        self._evidence.close()
        self.ledger.close()
        self._frontier.close()
        self.waiting.close()
        self.duplicates.close(remove=not self.pending)
        self._run["finished"] = datetime.now(UTC).isoformat(timespec="seconds")
        self._write_run()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, WriteError):
            self.abort()
        else:
            self.close()

    def _write_document(self, judged: Judged, outcome: Outcome, masked: str) -> str:
        """Write the record of a kept or held page, with its place in the ledger; "" for all others."""
        if outcome.document is None:
            return ""
        record = _record_of(outcome.document, outcome, masked, self._digests[outcome.policy], self.ledger.size, self.id)
        return self._shards[outcome.policy, outcome.result is Result.HELD].write(record)

    def _note(self, outcome: Outcome, facts: tuple[Fact, ...]) -> str:
        """The facts that the deciding rule looked at: "tdm-reservation=1 (header:tdm-reservation)"."""
        deciding = outcome.decision.deciding
        names = self._looked_at.get((outcome.policy, deciding.rule), ()) if deciding else ()
        said = (
            f"{fact.name}={fact.value}" + (f" ({fact.where})" if fact.where else "")
            for fact in of_policy(facts, outcome.policy)
            if fact.name.partition("@")[0] in names
        )
        return "; ".join(said)[:MOST_OF_NOTE]

    def _shard_set(self, policy: Policy, below: str) -> ShardSet:
        return ShardSet(
            self.out / policy.id / below,
            prefix=f"{policy.id}/{below}".rstrip("/"),
            header={"crawl": self.id, "policy": policy.id, "digest": policy.digest},
            sync_ledger=self.ledger.sync,
            format=self.judging.format,
            max_records=MAX_RECORDS,
        )

    def _write_run(self) -> None:
        write_whole(self.out / RUN, json.dumps(self._run, indent=2, ensure_ascii=False).encode() + b"\n")


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


def _masked(fact: Fact) -> Fact:
    value = _mask(fact.value) if isinstance(fact.value, str) else fact.value
    return Fact(fact.name, value, _mask(fact.where)[:MOST_OF_PLACE], _mask(fact.quote))


@lru_cache(maxsize=4_096)
def _mask(words: str) -> str:
    """Values and quotes repeat from page to page."""
    return mask_text(words)
