"""Which outcomes are asked for: by policy, site, rule, stage, effect, result, date and the beginning of the address."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from crawler.document import Result

WAITING = "frontier"  # the stage of a URL that was accepted and has no line yet
_TIME = b'"time":"'
_TIME_CHARACTERS = 24  # "2026-11-23T09:06:57.258Z"
_BELOW = "*."


@dataclass(frozen=True)
class Filters:
    """What a line must have; all that are given must hold, of several values any.

    Attributes:
        policies: Ids.
        sites: Hosts; `*.example.org` stands for example.org and all below it.
        rules: Ids of deciding rules.
        any_rule: Whether a rule that fired and did not decide will do, too.
        stages: Where it was decided; `frontier` for what has no line yet.
        effects: Of the deciding rule.
        results: As the summary counts them: what names a record that was not published is pending.
        since: First moment, as the ledger writes times; "" for none.
        until: First moment that is too late; "" for none.
        prefixes: What the address, identifiers masked, begins with.
    """

    policies: frozenset[str] = frozenset()
    sites: tuple[str, ...] = ()
    rules: frozenset[str] = frozenset()
    any_rule: bool = False
    stages: frozenset[str] = frozenset()
    effects: frozenset[str] = frozenset()
    results: frozenset[str] = frozenset()
    since: str = ""
    until: str = ""
    prefixes: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict, compare=False)  # as they were asked for, for messages

    def may_fit(self, content: bytes) -> bool:
        """Whether a stored line may fit; `fits` says whether it does."""
        for needles in self._needles:
            if not any(needle in content for needle in needles):
                return False
        return not (self.since or self.until) or self._is_in_time(content)

    def fits(self, line: Mapping[str, Any], result: str) -> bool:
        """Whether an outcome fits that counts as `result`."""
        rules = {str(line.get("rule"))} | (set(map(str, line.get("rules", ()))) if self.any_rule else set())
        time = str(line.get("time", ""))
        return (
            _one_of(self.policies, line.get("policy"))
            and _one_of(self.stages, line.get("stage"))
            and _one_of(self.effects, line.get("effect"))
            and _one_of(self.results, result)
            and (not self.rules or not rules.isdisjoint(self.rules))
            and (not self.since or time >= self.since)
            and (not self.until or (bool(time) and time < self.until))
            and self.fits_address(str(line.get("site", "")), str(line.get("url", "")))
        )

    def fits_address(self, site: str, url: str) -> bool:
        """Whether an accepted URL lies where it should."""
        return (not self.sites or any(_lies_in(site, wanted) for wanted in self.sites)) and (
            not self.prefixes or url.startswith(self.prefixes)
        )

    @property
    def may_wait(self) -> bool:
        """Whether a URL without a line may fit: it has no rule, effect or time."""
        return (
            not (self.rules or self.effects or self.since or self.until)
            and _one_of(self.stages, WAITING)
            and _one_of(self.results, Result.PENDING.value)
        )

    @cached_property
    def _needles(self) -> tuple[tuple[bytes, ...], ...]:
        """Of each group one must stand in a line; lines are canonical JSON, so that there is one way to write it."""
        results = self.results | {Result.KEPT.value, Result.HELD.value} if self.pending_asked else self.results
        rules = (f":{_quoted(rule)}" if not self.any_rule else _quoted(rule) for rule in sorted(self.rules))
        groups: tuple[Iterable[str], ...] = (
            _members("policy", self.policies),
            _members("stage", self.stages),
            _members("effect", self.effects),
            _members("result", results),
            (f"{_quoted(site.removeprefix(_BELOW))[1:]}" for site in self.sites),
            (f'"url":{_quoted(prefix)[:-1]}' for prefix in self.prefixes),
            rules,
        )
        found = (tuple(text.encode("utf-8", "replace") for text in group) for group in groups)
        return tuple(group for group in found if group)

    @property
    def pending_asked(self) -> bool:
        return Result.PENDING.value in self.results

    def _is_in_time(self, content: bytes) -> bool:
        at = content.find(_TIME)
        if at < 0:
            return False
        time = content[at + len(_TIME) :][:_TIME_CHARACTERS].decode("ascii", "replace")
        return (not self.since or time >= self.since) and (not self.until or time < self.until)


def moment(text: str, *, ends: bool = False) -> str:
    """A day or a time (ISO 8601, UTC unless it says otherwise) as the ledger writes times.

    A day stands for its first moment; as an end, for the first moment after it.

    Raises:
        ValueError: It is neither.

    >>> moment("2026-11-23"), moment("2026-11-23", ends=True), moment("2026-11-23T09:30+09:00")
    ('2026-11-23T00:00:00.000Z', '2026-11-24T00:00:00.000Z', '2026-11-23T00:30:00.000Z')
    """
    if len(text) <= len("2026-11-23"):
        day = date.fromisoformat(text) + timedelta(days=ends)
        return f"{day.isoformat()}T00:00:00.000Z"
    time = datetime.fromisoformat(text)
    time = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _one_of(wanted: Collection[str], found: object) -> bool:
    return not wanted or found in wanted


def _lies_in(site: str, wanted: str) -> bool:
    if wanted.startswith(_BELOW):
        return site == wanted[2:] or site.endswith(wanted[1:])
    return site == wanted


def _members(name: str, values: Iterable[str]) -> Iterator[str]:
    return (f'"{name}":{_quoted(value)}' for value in sorted(values))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
