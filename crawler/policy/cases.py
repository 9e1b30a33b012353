"""A case: what is stated, and the whole decision that must follow from it under one policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crawler.document import Decision, Fact, Gate, Treatment
from crawler.policy.decide import decide
from crawler.policy.model import Profile
from crawler.policy.policy import Policy
from crawler.policy.records import Record


@dataclass(frozen=True, slots=True)
class Case:
    """One row under one policy: what is stated, and the whole decision that must follow.

    Attributes:
        where: File and line of the row.
        rule: The deciding rule; None when no rule may fire.
        cite: Its citations; None where a row speaks of the rules of several policies, and they are not compared.
        fired: All rules that must fire, the deciding one among them.
        bills: Whether bills are taken as law.
    """

    where: str
    id: str
    policy: str
    facts: tuple[Fact, ...]
    gate: Gate
    rule: str | None
    cite: tuple[str, ...] | None
    fired: frozenset[str]
    treatments: Mapping[str, Treatment]
    records: tuple[Record, ...] = ()
    url: str = ""
    met: tuple[str, ...] = ()
    bills: bool = False

    def decision(self, policy: Policy) -> Decision:
        """What the policy makes of the case."""
        return decide(policy, self.facts, records=self.records, url=self.url)

    def differences(self, policy: Policy) -> tuple[str, ...]:
        """What the policy decides otherwise than the row says; () when it fits."""
        decision = self.decision(policy)
        deciding = decision.deciding
        seen = {
            "gate": (self.gate, decision.gate),
            "rule": (self.rule, deciding and deciding.rule),
            "cite": (self.cite, deciding.citations if deciding and self.cite is not None else self.cite),
            "rules that fired": (self.fired, frozenset(fired.rule for fired in decision.fired)),
            "treatments": (dict(self.treatments), dict(decision.treatments)),
            "records": (self.met, decision.met),
        }
        return tuple(
            f"{what}: the row says {_said(wanted)}, the policy says {_said(found)}"
            for what, (wanted, found) in seen.items()
            if wanted != found
        )


@dataclass(frozen=True, slots=True)
class Ran:
    """A table that was run: how many cases it has, and for each that does not fit, what differs."""

    total: int
    differences: tuple[tuple[Case, tuple[str, ...]], ...]

    @property
    def fitting(self) -> int:
        """How many cases fit."""
        return self.total - len(self.differences)


def rules_without_row(profile: Profile, cases: Iterable[Case]) -> tuple[str, ...]:
    """Ids of the profile's own rules that no case fires, in the order of the file."""
    fired = {rule for case in cases for rule in case.fired}
    return tuple(rule.id for rule in profile.rules if rule.id not in fired)


def _said(found: Any) -> str:
    """One side of a difference, for a reader."""
    if isinstance(found, Gate | Treatment):
        return found.name.lower().replace("_", "-")
    if isinstance(found, Mapping):
        return ", ".join(f"{kind} {_said(treatment)}" for kind, treatment in sorted(found.items())) or "none"
    if isinstance(found, tuple | frozenset):
        return ", ".join(found if isinstance(found, tuple) else sorted(found)) or "none"
    return str(found or "none")
