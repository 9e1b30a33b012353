"""A release, from question to receipt: census, reviews, set rules, then new shards, their manifest, `release.json`.

Two passes over the shards: the first takes every record up into the census, where the set is measured on the disk; the
second writes. Nothing of the crawl is changed. The receipt is written last: a folder without one is no release.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import date
from itertools import chain
from typing import Any

from crawler.audit.read_facts import FactsError, read_facts
from crawler.claim import check_unused
from crawler.durable import PART, make_folder
from crawler.policy.model import SHARE_LEVELS
from crawler.policy.set_rules import SetEffect, SetRule
from crawler.release.asked import Asked
from crawler.release.census import BATCH, Census, Known, Place
from crawler.release.latest import Latest
from crawler.release.measures import Measured, State, measure, take_out
from crawler.release.parts import Parts, open_parts
from crawler.release.problem import ReleaseError
from crawler.release.receipt import HELD, SAMPLE, Receipt, RuleResult, release_id, write_receipt
from crawler.release.review import Sheet, mark_all, mark_reviewed, read_assessments
from crawler.release.suppress import Suppressed
from crawler.shards.shard_set import ShardSet
from crawler.urls import host_of

REVIEW = "review"
SAFETY, CLASS, KIND = "safety.", "source.class", "media.kind"
FACTS = ("safety.class", "safety.checked", CLASS, KIND)
FAILED = "failed_assessment"
_STRENGTH = {SetEffect.DROP_SOURCE: 0, SetEffect.HOLD: 1, SetEffect.REFUSE_RELEASE: 2}  # the strongest first


def make(asked: Asked, *, today: date) -> Receipt:
    """Make a release, or say in its receipt why there is none.

    Raises:
        ReleaseError, ArgumentError: Something asked for cannot be done; the folder `out` is not there.
        WriteError: The disk refused; the folder `out` is gone again.
    """
    check_unused(asked.out)
    _check_sharing(asked)
    if any(asked.out.resolve().is_relative_to(crawl.resolve()) for crawl in asked.crawls):
        raise ReleaseError(f"-a out={asked.out}: lies in the crawl, which a release never changes; name another folder")
    parts = open_parts(asked.crawls, asked.policy)
    suppressed = Suppressed(asked.suppress)
    make_folder(asked.out)
    try:
        return _Making(asked, parts, suppressed).make(today)
    except BaseException:
        shutil.rmtree(asked.out, ignore_errors=True)  # it was new
        raise


def _check_sharing(asked: Asked) -> None:
    """How the release will be passed on is no wider than the policy allows."""
    allowed = asked.policy.share
    if allowed and SHARE_LEVELS.index(asked.share) > allowed.rank:
        cite = f" ({', '.join(allowed.cite)})" if allowed.cite else ""
        raise ReleaseError(
            f"-a share={asked.share}: {asked.policy.id} allows {allowed.level} at most{cite}: {allowed.says}"
        )


class _Making:
    """One release on its way."""

    def __init__(self, asked: Asked, parts: Parts, suppressed: Suppressed) -> None:
        self._asked, self._parts, self._suppressed = asked, parts, suppressed
        self._census = Census(asked.out / f"census.sqlite{PART}", asked.seed)
        self._strangers = self._overruled = 0
        self._rules = asked.policy.set_rules
        self._first: dict[str, Measured] = {}

    def make(self, today: date) -> Receipt:
        """Count, measure, write, tell."""
        try:
            self._take_up()
            self._apply()
            receipt = self._receipt(today)
            self._write_reviews()
            if not receipt.reasons:
                self._write_shards(receipt.id)
        finally:
            self._census.close()
        write_receipt(self._asked.out, receipt)
        return receipt

    def _take_up(self) -> None:
        """Every record, what people decided about it, and what programs found."""
        census = self._census
        try:
            self._add_records()
            census.all_taken_up()
            self._state_facts()
        except FactsError as error:
            raise ReleaseError(str(error)) from error
        except (KeyError, AttributeError, TypeError, ValueError) as error:
            raise ReleaseError(
                f"{self._parts.newest.folder}: holds what is no record of ours; judge it again"
            ) from error
        self._strangers = sum(mark_all(census, path) for path in self._asked.review)
        for number, part in enumerate(self._parts.each):
            strangers, overruled = mark_reviewed(census, part.folder, part.policy, number)
            self._strangers += strangers
            self._overruled += overruled
        if self._asked.assessment:
            census.many("INSERT OR REPLACE INTO assessed VALUES (?, ?, ?)", read_assessments(self._asked.assessment))
        census.settle()

    def _add_records(self) -> None:
        """Of one crawl, as they are; of several, each with why a later one lets it stand no more."""
        with ExitStack() as stack:
            latest = None
            if len(self._parts.each) > 1:
                path = self._asked.out / f"latest.sqlite{PART}"
                latest = Latest(path, self._parts.each, self._asked.policy.digest)
                stack.callback(latest.close)
            for record, was_held, part in self._parts.records():
                reason = latest.reason(record, self._parts.crawls[part]) if latest else None
                is_out = record in self._suppressed
                self._census.add(record, was_held=was_held, suppressed=is_out, part=part, reason=reason or "")

    def _state_facts(self) -> None:
        """What the crawl stated about records that a set rule asks about."""
        found: dict[str, list[tuple[Any, ...]]] = {"finding": [], "failed": [], "kind": []}
        for url, name, value in chain.from_iterable(read_facts(part.folder, FACTS) for part in self._parts.each):
            if name == CLASS:
                found["failed"] += [(1, url)] * (value == FAILED)
            elif name == KIND:
                found["kind"].append((value, url))
            else:
                found["finding"].append((int(name != "safety.checked"), url))
            for column, rows in found.items():
                if len(rows) >= BATCH:
                    self._state_column(column, rows)
        for column, rows in found.items():
            self._state_column(column, rows)

    def _state_column(self, column: str, rows: list[tuple[Any, ...]]) -> None:
        new = "MAX(COALESCE(finding, 0), ?)" if column == "finding" else "?"
        self._census.many(f"UPDATE record SET {column} = {new} WHERE url = ?", rows)
        rows.clear()

    def _apply(self) -> None:
        """Hold all rules against the set until no more is taken out, so that what is released keeps them all."""
        out_takers = [rule for rule in self._rules if rule.effect is not SetEffect.REFUSE_RELEASE]
        out_takers.sort(key=lambda rule: (_STRENGTH[rule.effect], rule.id))
        taken = 1
        while taken:
            for rule in out_takers:
                measured = measure(self._census, rule)
                self._first.setdefault(rule.id, measured)
            taken = sum(take_out(self._census, rule) for rule in out_takers)
        for rule in self._rules:
            if rule.effect is SetEffect.REFUSE_RELEASE:
                self._first[rule.id] = measure(self._census, rule)

    def _receipt(self, today: date) -> Receipt:
        results = tuple(self._result(rule) for rule in self._rules)
        return Receipt(
            id=release_id(self._asked, self._parts),
            asked=self._asked,
            parts=self._parts,
            suppressed_by=self._census.suppressed_by(),
            results=results,
            counts=self._census.counts(),
            strangers=self._strangers,
            overruled=self._overruled,
            age_of_bodies=self._parts.age_of_bodies(today),
            reasons=tuple(self._reasons(results)),
        )

    def _result(self, rule: SetRule) -> RuleResult:
        return RuleResult(rule, self._first[rule.id], measure(self._census, rule), self._census.taken_out(rule.id))

    def _reasons(self, results: tuple[RuleResult, ...]) -> list[str]:
        """Why there is no release; empty when there is one."""
        refusing = [
            result.rule.id
            for result in results
            if result.rule.effect is SetEffect.REFUSE_RELEASE and result.released.state is not State.KEPT
        ]
        return refusing or ([] if self._census.counts()[Place.IN] else ["no record is left to release"])

    def _write_reviews(self) -> None:
        """The sheets for people: samples that are not looked at yet, and what is held."""
        folder = self._asked.out / REVIEW
        open_ = self._census.number("SELECT 1 FROM sample JOIN record USING (id) WHERE mark = '' LIMIT 1")
        with Sheet(folder / SAMPLE) as sample, Sheet(folder / HELD) as held:
            for (record, _, _), known in self._second_pass():
                if known.is_sampled and open_:
                    sample.write(record, host_of(record["url"]), known.mark)
                if known.place in (Place.WAITING, Place.HELD):
                    held.write(record, host_of(record["url"]), known.mark)

    def _write_shards(self, release: str) -> None:
        with ExitStack() as stack:
            released = self._shard_set(release, "")
            stack.callback(released.abort)
            held = self._shard_set(release, REVIEW) if self._census.counts()[Place.HELD] else None
            if held:
                stack.callback(held.abort)
            for (record, was_held, _), known in self._second_pass():
                if known.place == Place.IN:
                    released.write(_approved(record) if was_held else record)
                elif held and known.place == Place.HELD:
                    held.write(record)
            if held:
                held.close()
            released.close()

    def _second_pass(self) -> Iterator[tuple[tuple[dict[str, Any], bool, int], Known]]:
        """The records again, each with what the census says of it."""
        for item, (name, known) in zip(self._parts.records(), self._census.known(), strict=True):
            if item[0]["id"] != name:
                raise ReleaseError(
                    f"{self._parts.each[item[2]].folder}: was changed while the release was made; make it again"
                )
            yield item, known

    def _shard_set(self, release: str, below: str) -> ShardSet:
        newest = self._parts.newest
        return ShardSet(
            self._asked.out / below,
            prefix=below or ".",
            header={
                "release": release,
                "crawl": newest.run["id"],
                **({"crawls": list(self._parts.crawls)} if len(self._parts.each) > 1 else {}),
                "policy": newest.policy,
                "digest": self._asked.policy.digest,
            },
            sync_ledger=lambda: (newest.ledger.size, newest.ledger.head),
            format=self._asked.format,
        )


def _approved(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record that was held says that a person let it in."""
    return {**record, "metadata": {**record["metadata"], "review": "approve"}}
