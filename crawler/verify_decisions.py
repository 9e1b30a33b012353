"""Every decision of a crawl repeated from what the crawl stored; nothing is fetched and nothing written.

Each line is decided again from the stored facts. Where the page's body is stored, or the exchange brought no content,
the page is judged anew as well, and its facts are compared with the stored ones; where the body is gone, the site
files and headers are read again and compared with what the facts say of them. That a text was there before is taken
from the facts: it follows from the order of the pages. Memory does not grow with the crawl.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crawler.arguments import all_facts
from crawler.asking import Asking
from crawler.audit.pages import StoredPage
from crawler.compare_lines import (
    Difference,
    differing,
    differing_facts,
    masked_places,
    members_anew,
    members_of,
)
from crawler.crawl_archive import NOT_MODIFIED, Exchanges, FactsInOrder, Recorded, Shelf, recorded
from crawler.document import DUPLICATE, Evidence, Fact, Fetched, FetchError, Judged, Outcome, Result
from crawler.duplicates import WRITTEN, of_policy
from crawler.pii.engines import is_installed
from crawler.pii.pseudonym import new_key
from crawler.policy.model import RUN
from crawler.policy.policy import looked_at_by
from crawler.redecide import CLASS, Assumptions, redecide
from crawler.rejudge import PER_WORKER, judge_stored
from crawler.reread import differences
from crawler.sources.evidence import BODIES
from crawler.sources.warc import slim
from crawler.stored_rules import StoredRules, load, run_of
from crawler.text import RESILIPARSE, EngineMissing, extractor
from crawler.workers import Work, Workers, WorkersError
from crawler.working import Working, start_workers
from crawler.written_facts import written

_REGISTRY, _PLACE = "opt-out-registry", "registry:"
_OF_WORKERS = (FetchError.WORKER_DIED, FetchError.WORKER_TIMEOUT, FetchError.WORKER_ERROR)
_UNCHECKED = "pii.names-unchecked"

Found = tuple[str, str, str, str]  # policy, member, stored, now


@dataclass(slots=True)
class Verified:
    """What was compared.

    Attributes:
        lines: How many.
        from_bodies: Of these, how many were judged anew from the stored page.
        from_exchanges: And how many from an exchange that brought no content.
        read_again: How many had the site files and headers read again; the rest was decided from facts alone.
        differ: Lines that differ in anything.
        notes: What one must know.
    """

    lines: int = 0
    from_bodies: int = 0
    from_exchanges: int = 0
    read_again: int = 0
    differ: int = 0
    notes: dict[str, int] = field(default_factory=dict)

    def note(self, words: str) -> None:
        """Count one more URL of which this must be said."""
        self.notes[words] = self.notes.get(words, 0) + 1


@dataclass(frozen=True, slots=True)
class _Task:
    """One URL under way: what was found so far, and the page being judged anew, if it is."""

    entry: Recorded
    stored: StoredPage
    found: tuple[Found, ...]
    exchanges: Exchanges
    judging: asyncio.Task[Judged] | None


class DecisionCheck:
    """Repeats the decisions of one crawl.

    Args:
        crawl: Its folder.
        run: Its run.json.
        rules: What it decided by.
        workers: Judge pages anew, under the same policies and records and on the same day.
        missing: Languages whose engine for names is not here: their pages cannot be judged anew.
    """

    def __init__(
        self, crawl: Path, run: Mapping[str, Any], rules: StoredRules, workers: Workers, missing: frozenset[str]
    ) -> None:
        self._crawl, self._rules, self._workers, self._missing = crawl, rules, workers, missing
        self._agent = str(run.get("agent", ""))
        said = run.get("run")
        self._run = {str(name): str(value) for name, value in said.items()} if isinstance(said, dict) else {}
        self._policies = {policy.id: policy for policy in rules.policies}
        self._looked_at = {(policy.id, rule.id): tuple(rule.when) for policy in rules.policies for rule in policy.rules}
        wanted = looked_at_by(rules.policies).union(*(record.scope for record in rules.records))
        self._asking = Asking(_no_file, workers.gate, wanted)
        self._assumed = Assumptions(records=rules.records, today=rules.today)
        self.verified = Verified()

    async def run(self, tell: Callable[[Difference], None]) -> Verified:
        """Repeat every decision; `tell` gets each difference. Raises FactsError, WorkersError."""
        shelf, facts = Shelf(self._crawl), FactsInOrder(self._crawl)
        running: list[_Task] = []
        ahead = PER_WORKER * self._workers.processes
        for entry in recorded(self._crawl):
            running.append(await self._begin(entry, shelf.exchanges(entry), facts.of(entry.name)))
            if len(running) >= ahead:
                await self._end(running.pop(0), tell)
        for task in running:
            await self._end(task, tell)
        return self.verified

    async def _begin(self, entry: Recorded, exchanges: Exchanges, stored: StoredPage | None) -> _Task:
        found = [("", "evidence", "", what) for what in exchanges.damage]
        found += [("", "evidence", reference, "is not there") for reference in exchanges.gone if not _may_go(reference)]
        if stored is None:
            nothing = StoredPage(entry.name, entry.url, (), looked_for=False)
            return _Task(entry, nothing, (*found, ("", "facts", "", "none are stored")), exchanges, None)
        if exchanges.is_known:
            stored = replace(stored, url=exchanges.url)  # the operator's records speak of addresses as they are
        found += self._from_facts(entry, stored)
        judging = None
        if exchanges.page and not exchanges.is_known:
            self.verified.note("decided from facts only, as their addresses hold identifiers, which are not stored")
        elif exchanges.page and exchanges.page.status == NOT_MODIFIED:
            self.verified.note("decided from facts only, as the server said that nothing has changed (304)")
        elif exchanges.page and _can_be_judged(exchanges.page):
            judging = asyncio.create_task(self._anew(exchanges, exchanges.page, stored))
        elif exchanges.page:
            known, asking = self._known(exchanges, stored)
            evidence, _ = await asking.before(known)
            found += [("", *each) for each in differences(evidence, exchanges.site, exchanges.page, stored.facts)]
            self.verified.read_again += len(entry.lines)
        return _Task(entry, stored, tuple(found), exchanges, judging)

    def _from_facts(self, entry: Recorded, stored: StoredPage) -> Iterator[Found]:
        """What differs when each line is decided again from the stored facts."""
        said = {fact.name: str(fact.value) for fact in stored.facts if fact.name.startswith(RUN)}
        for name, value in self._run.items():
            if said.get(f"{RUN}{name}", value) != value:
                yield "", f"fact {RUN}{name}", said[f"{RUN}{name}"], f"{value}, says run.json"
        again = redecide(stored, self._rules.policies, self._assumed)
        for _, line in entry.lines:
            policy = str(line.get("policy"))
            if policy not in again:
                yield policy, "policy", policy, "not among those stored with the crawl"
                continue
            if line.get("digest") != self._policies[policy].digest:
                yield policy, "digest", str(line.get("digest")), self._policies[policy].digest
            members = members_of(again[policy])
            if line.get("result") == Result.FAILED and not entry.references:
                # Judged by what was stored of an earlier crawl: a text was needed that does not stand.
                members = {name: value for name, value in members.items() if name not in ("result", "stage")}
            for each in differing(line, members):
                yield policy, *each

    async def _anew(self, exchanges: Exchanges, page: Fetched, stored: StoredPage) -> Judged:
        known, asking = self._known(exchanges, stored)
        _, judged = await judge_stored(page, known, asking, self._workers)
        return judged

    def _known(self, exchanges: Exchanges, stored: StoredPage) -> tuple[Evidence, Asking]:
        """What the crawl knew of the address before it asked for any file, as the facts tell it; and the files."""

        async def get(address: str) -> Fetched:
            return slim(await exchanges.get(address))

        facts = stored.facts
        known = Evidence(
            exchanges.url,
            self._agent,
            run={fact.name.removeprefix(RUN): str(fact.value) for fact in facts if fact.name.startswith(RUN)},
            classes=tuple(str(fact.value) for fact in facts if fact.name == CLASS),
            registries={fact.where.removeprefix(_PLACE): fact.quote for fact in facts if fact.name == _REGISTRY},
        )
        return known, replace(self._asking, get=get)

    async def _end(self, task: _Task, tell: Callable[[Difference], None]) -> None:
        found = list(task.found)
        if task.judging:
            found += self._compared(task, await task.judging)
        entry = task.entry
        told: set[str] = set()
        for policy, member, before, now in dict.fromkeys(found):
            where = next((where for where, line in entry.lines if line.get("policy") == policy), entry.lines[0][0])
            told.update([where] if policy else [where for where, _ in entry.lines])
            tell(Difference(where, entry.url, policy, member, before, now))
        self.verified.lines += len(entry.lines)
        self.verified.differ += len(told)

    def _compared(self, task: _Task, judged: Judged) -> Iterator[Found]:
        """What differs when the page is judged anew."""
        page, stored = task.exchanges.page, task.stored
        assert page is not None
        now = tuple(map(written, judged.facts))
        if why := self._incomparable(now, stored.facts):
            self.verified.note(why)
            return
        if page.has_content:
            self.verified.from_bodies += len(task.entry.lines)
        else:
            self.verified.from_exchanges += len(task.entry.lines)
        masked = None if page.has_content else masked_places(page)  # the one that stays has no identifiers
        own = tuple(fact for fact in stored.facts if fact.name != DUPLICATE)
        yield from (("", *each) for each in differing_facts(own, now, masked=masked))
        outcomes = {outcome.policy: outcome for outcome in judged.outcomes}
        for _, line in task.entry.lines:
            if outcome := outcomes.get(str(line.get("policy"))):
                members = self._members(judged, outcome, now, stored)
                if masked is not None:
                    members.pop("note", None)
                for each in differing(line, members):
                    yield outcome.policy, *each

    def _members(self, judged: Judged, outcome: Outcome, now: tuple[Fact, ...], stored: StoredPage) -> dict[str, Any]:
        """What the line must say; a text that the crawl had already must have been one to write, but for that."""
        of_others = tuple(fact for fact in of_policy(stored.facts, outcome.policy) if fact.name == DUPLICATE)
        if not of_others:
            deciding = outcome.decision.deciding
            names = self._looked_at.get((outcome.policy, deciding.rule), ()) if deciding else ()
            return members_anew(judged, outcome, names, now)
        if outcome.result not in WRITTEN:
            return members_anew(judged, outcome, (), now)
        page = replace(stored, facts=(*now, *of_others))
        return members_of(redecide(page, [self._policies[outcome.policy]], self._assumed)[outcome.policy])

    def _incomparable(self, now: tuple[Fact, ...], stored: tuple[Fact, ...]) -> str:
        """Why a page could not be judged anew as it was judged; "" when it could."""
        failed = [fact.value for fact in now if fact.name == "fetch.error" and fact.value in _OF_WORKERS]
        if failed and not any(fact.name == "fetch.error" for fact in stored):
            return f"judged from facts only, as judging the page anew failed ({failed[0]})"
        languages = {fact.quote for fact in now if fact.name == _UNCHECKED} & self._missing
        if languages and not any(fact.name == _UNCHECKED for fact in stored):
            return f"judged from facts only, as the engine for names is not installed ({', '.join(languages)})"
        return ""


def _can_be_judged(page: Fetched) -> bool:
    """Whether all that the judge looked at is stored: the body, or an exchange whose body nobody looks at."""
    return page.error is not FetchError.NOT_RECORDED and page.error not in _OF_WORKERS


def _may_go(reference: str) -> bool:
    """Whether the file of a reference is one that is deleted when its days are over."""
    return reference.startswith(f"{BODIES}/")


async def _no_file(address: str) -> Fetched:
    return Fetched(address, 0, error=FetchError.NOT_RECORDED)


def _text_engine(run: Mapping[str, Any]) -> str:
    """What took the text out of the crawl's pages."""
    engine = str(run.get("text_engine", RESILIPARSE))
    try:
        extractor(engine)
    except (EngineMissing, KeyError) as error:
        raise WorkersError(f"the texts of this crawl were made by {engine!r}, which {error}") from error
    return engine


async def verify_decisions(crawl: Path, working: Working, tell: Callable[[Difference], None]) -> Verified:
    """Repeat every decision of a crawl.

    Args:
        crawl: Its folder; nothing is written there.
        working: How pages are worked on; engines and pseudonyms are those of the crawl.
        tell: Gets each difference as it is found.

    Raises:
        PolicyError: What it decided by is not there as it was.
        FactsError: Its facts cannot be read.
        WorkersError: What took the text out of its pages is not installed.
    """
    run = run_of(crawl)
    rules = load(crawl, run, all_facts())
    names = run.get("names")
    engines = {str(language): str(spec) for language, spec in names.items()} if isinstance(names, dict) else {}
    missing = frozenset(language for language, spec in engines.items() if not is_installed(language, spec))
    work = Work(
        policies=rules.policies,
        key=new_key(),  # pseudonyms decide nothing
        engines={language: spec for language, spec in engines.items() if language not in missing},
        records=rules.records,
        today=rules.today,
        memory_mib=working.memory_mib,
        text_engine=_text_engine(run),
    )
    workers = start_workers(work, working)
    try:
        check = DecisionCheck(crawl, run, rules, workers, missing)
        return await check.run(tell)
    finally:
        await workers.close()
