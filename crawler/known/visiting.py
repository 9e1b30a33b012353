"""What an incremental crawl asks of the book: which pages are due, under which condition, and whether all is as it was.

The book is only read while the crawl runs, so that a run that goes on decides as the one before did; what the crawl
found is learnt at its end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from crawler.audit.pages import StoredPage
from crawler.audit.read_run import read_run
from crawler.document import (
    RESULT_OF_GATE,
    Decision,
    Evidence,
    Fact,
    Fetched,
    Judged,
    Outcome,
    Result,
    Stage,
    Stands,
    url_id,
)
from crawler.judge import OPEN, Gated
from crawler.known.book import Book, Page, Record, Stand
from crawler.known.stored_facts import facts_of, files_say, is_of_file, may_be_replaced, of_page, renewed
from crawler.page_record import page_record
from crawler.policy.decide import treatment_of
from crawler.policy.policy import Policy
from crawler.policy.records import Record as LicenseRecord
from crawler.redecide import Assumptions, Redecided, redecide
from crawler.signals import read_all
from crawler.signals.normal_form import normal_form

BATCH = 200  # addresses read ahead


@dataclass(frozen=True, slots=True)
class Again:
    """A known page decided again from its facts.

    Attributes:
        judged: What each policy makes of it; failed, at the text, where it needs a text that does not stand.
        is_whole: Whether no policy needs one.
        is_refused: Whether a policy refuses now what it had let in.
    """

    judged: Judged
    is_whole: bool
    is_refused: bool


class Visiting:
    """One crawl with the book open.

    Args:
        book: What is known.
        crawl: The crawl's id.
        due_by: What is due until then is visited: when the crawl was begun, as seconds since 1970.
        policies: Under which it judges.
        records: Licenses and consents on file.
        today: The day on which they must be valid.
    """

    def __init__(
        self,
        book: Book,
        crawl: str,
        due_by: float,
        policies: Sequence[Policy],
        records: Sequence[LicenseRecord] = (),
        today: date | None = None,
    ) -> None:
        self.book, self._due_by, self._policies = book, due_by, policies
        known = book.crawl_named(crawl)
        self.number = known.number if known else -1
        self._looked_at = {(policy.id, rule.id): tuple(rule.when) for policy in policies for rule in policy.rules}
        self._assumed = Assumptions(records=records, today=today)
        self._is_here = lru_cache(maxsize=1_024)(self._look)

    def rests(self, url: str) -> bool:
        """Whether the page is known and not due, so that nobody asks for it now."""
        due = self.book.value("SELECT due FROM page WHERE name = ?", _name(url))
        return due is not None and due > self._due_by

    def due(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The known pages that are due, with the way to them, those that were due first first."""
        last: tuple[float, bytes] = (-1.0, b"")
        while rows := self.book.run(
            "SELECT url, meta, due, name FROM page WHERE url IS NOT NULL AND due <= ? AND (due, name) > (?, ?) "
            "ORDER BY due, name LIMIT ?",
            self._due_by, *last, BATCH,
        ).fetchall():  # fmt: skip
            yield from ((url, json.loads(meta) if meta else {}) for url, meta, *_ in rows)
            last = rows[-1][2], rows[-1][3]

    def kept_of(self, origin: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The known pages of an origin that have a record that stands, due or not."""
        last = b""
        while rows := self.book.run(
            "SELECT url, meta, name FROM page WHERE origin = ? AND url IS NOT NULL AND name > ? AND EXISTS (SELECT 1 "
            "FROM stand WHERE stand.name = page.name AND record_crawl IS NOT NULL) ORDER BY name LIMIT ?",
            origin, last, BATCH,
        ).fetchall():  # fmt: skip
            yield from ((url, json.loads(meta) if meta else {}) for url, meta, _ in rows)
            last = rows[-1][2]

    def is_refused_by_files(self, judged: Judged) -> bool:
        """Whether a policy refuses a page by what files of its site say that are read with it."""
        deciding = {(o.policy, o.decision.deciding.rule) for o in judged.outcomes if o.decision.deciding
                    if o.result is Result.DROPPED and o.stage is Stage.SIGNALS}  # fmt: skip
        looked_at = {name for rule in deciding for name in self._looked_at.get(rule, ())}
        return any(fact.name.partition("@")[0] in looked_at and is_of_file(fact) for fact in judged.facts)

    def takes_back(self, url: str, gated: Gated) -> bool:
        """Whether what the site says now refuses a page that some policy had let in."""
        stands = self.book.stands(_name(url))
        return any(
            RESULT_OF_GATE[decision.gate] is Result.DROPPED and _has_record(stands.get(policy))
            for policy, decision in gated.decisions.items()
        )

    def is_taken_back(self, judged: Judged) -> bool:
        """Whether a judged page is refused under a policy that had let it in."""
        stands = self.book.stands(_name(judged.url))
        return any(o.result is Result.DROPPED and _has_record(stands.get(o.policy)) for o in judged.outcomes)

    def conditions(self, evidence: Evidence) -> dict[str, str]:
        """The headers that ask for the page only if it has changed (RFC 9110, 13.1); {} where all of it is needed."""
        page = self.book.page(_name(evidence.url))
        if page is None or not (page.etag or page.modified):
            return {}
        if not evidence.site.keys() >= set(json.loads(page.files)):
            return {}  # it led to files of its own, which would not be read anew
        stands = self.book.stands(page.name)
        written = (self._standing(stands.get(policy.id)) for policy in self._policies)
        if not any(written) or not facts_of(self.book, page):
            return {}
        asked = {"If-None-Match": page.etag, "If-Modified-Since": page.modified}
        return {name: value for name, value in asked.items() if value}

    def not_modified(self, evidence: Evidence, gated: Gated, answer: Fetched) -> Judged | None:
        """The outcomes of a page that is as it was, by what its site and the answer's headers say now.

        Returns:
            None where that cannot be told without the page: some policy would keep what it does not hold, or hold it
            with other treatments.
        """
        page = self.book.page(_name(evidence.url))
        stored = facts_of(self.book, page) if page else ()
        if page is None or not stored:
            return None
        seen = replace(evidence, page=replace(answer, status=200, body=b""), html=None, embedded=None)
        said = [fact for fact in read_all(seen) if fact not in set(gated.stated)]
        before, now = files_say(of_page(stored)), files_say(said)
        new = {(before.get(word) or now[word]) for word in before.keys() ^ now.keys()}
        if may_be_replaced(stored, new):
            return None
        headers = {name.lower() for name, _ in answer.headers}
        facts = tuple(renewed(gated.stated, stored, said, headers, files=bool(new)))
        again = self.decide(evidence.url, page, facts, self._assumed)
        if not again.is_whole:
            return None
        record = page_record(answer, again.judged.content)
        return replace(again.judged, record=record, site_records=gated.records)

    def decide(self, url: str, page: Page, facts: tuple[Fact, ...], assumed: Assumptions) -> Again:
        """What becomes of a known page by these facts."""
        found = redecide(StoredPage(page.name.hex(), url, facts, bool(page.looked)), self._policies, assumed)
        stands = self.book.stands(page.name)
        outcomes = tuple(self._outcome(policy.id, found[policy.id], stands.get(policy.id)) for policy in self._policies)
        return Again(
            Judged(url, outcomes, (*facts, *normal_form(facts)), pii=json.loads(page.pii), content=page.content.hex()),
            is_whole=not any(_lacks_text(outcome) for outcome in outcomes),
            is_refused=any(o.result is Result.DROPPED and _has_record(stands.get(o.policy)) for o in outcomes),
        )

    def _outcome(self, policy: str, made: Redecided, stand: Stand | None) -> Outcome:
        if made.result in (Result.DROPPED, Result.FAILED):
            return Outcome(policy, Result(made.result), made.stage, made.decision)
        stood = self._same(stand, made.result, made.decision)
        if stood is None:
            return Outcome(policy, Result.FAILED, Stage.TEXT, made.decision)
        return Outcome(policy, Result.UNCHANGED, Stage.SHARD, made.decision, stands=stood)

    def settle(self, judged: Judged) -> Judged:
        """A judged page as it is to be recorded: what would be written again as it stands is unchanged."""
        if not judged.content or not any(outcome.document for outcome in judged.outcomes):
            return judged
        name = _name(judged.url)
        content = self.book.value("SELECT content FROM page WHERE name = ?", name)
        if content != bytes.fromhex(judged.content):
            return judged
        stands = self.book.stands(name)
        outcomes = tuple(self._settled(outcome, stands.get(outcome.policy)) for outcome in judged.outcomes)
        written = any(outcome.document for outcome in outcomes)
        return replace(judged, outcomes=outcomes, body_record=judged.body_record if written else b"")

    def _settled(self, outcome: Outcome, stand: Stand | None) -> Outcome:
        record = self._standing(stand)
        if outcome.document is None or record is None or record.result != outcome.result:
            return outcome
        if dict(record.treatments) != dict(outcome.document.treatments):
            return outcome
        return replace(outcome, result=Result.UNCHANGED, document=None, stands=self._stands(record))

    def _same(self, stand: Stand | None, result: str, decision: Decision) -> Stands | None:
        """The record that stands, if a decision asks for exactly that one."""
        record = self._standing(stand)
        if record is None or record.result != result:
            return None
        asked = {kind: treatment_of(decision, kind).name.lower() for kind in record.treatments}
        return self._stands(record) if asked == dict(record.treatments) else None

    def _standing(self, stand: Stand | None) -> Record | None:
        """The record that stands, where the folder that holds it is at hand."""
        record = stand.record if stand else None
        return record if record and self._is_here(record.crawl) else None

    def _stands(self, record: Record) -> Stands:
        crawl = self.book.crawl(record.crawl)
        assert crawl is not None
        return Stands(crawl.id, record.ledger, record.result, record.shard, record.treatments)

    def _look(self, number: int) -> bool:
        crawl = self.book.crawl(number)
        folder: Path | None = crawl.folder if crawl else None
        return folder is not None and crawl is not None and (read_run(folder) or {}).get("id") == crawl.id


def _lacks_text(outcome: Outcome) -> bool:
    """Whether it would be written, and no text stands for that; whatever else failed has a gate of its own."""
    return outcome.result is Result.FAILED and outcome.decision.gate in OPEN


def _has_record(stand: Stand | None) -> bool:
    return stand is not None and stand.record is not None


def _name(url: str) -> bytes:
    return bytes.fromhex(url_id(url))
