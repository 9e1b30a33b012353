"""How many addresses came to which end: one count, for the console, the metrics and a run that goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from crawler.document import Fact

FETCH_ERROR = "fetch.error"  # the fact


class End(NamedTuple):
    """Where an address ended for a policy, in the words of its ledger line."""

    policy: str
    result: str
    stage: str
    rule: str


@dataclass(slots=True)
class Tally:
    """Counts of one crawl.

    Attributes:
        ends: How many addresses ended there.
        errors: Kind of failure -> how many exchanges failed so, in this process; the ledger does not say it alone.
    """

    ends: Counter[End] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, ends: Iterable[End], facts: Iterable[Fact] = ()) -> None:
        """One address was recorded."""
        self.ends.update(ends)
        self.errors.update(str(fact.value) for fact in facts if fact.name == FETCH_ERROR)

    def results(self, policies: Iterable[str]) -> dict[str, Counter[str]]:
        """Policy -> result -> number of addresses, those policies first."""
        counts: dict[str, Counter[str]] = {policy: Counter() for policy in policies}
        for end, number in self.ends.items():
            counts.setdefault(end.policy, Counter())[end.result] += number
        return counts
