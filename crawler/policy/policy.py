"""A policy as it is applied: one or more profiles, flattened, on one day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from crawler.document import FactValue, Fired, Gate, Treatment
from crawler.policy.model import Citation, Effect, Rule

Stated = tuple[str, FactValue, bool]  # name, value, "is it true or false": Python takes 1 for True

LIFTED_BY = {Effect.REQUIRE_LICENSE: "license", Effect.REQUIRE_CONSENT: "consent"}


def stated(name: str, value: FactValue) -> Stated:
    """A fact as rules and records look it up."""
    return name, value, isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Ready:
    """A rule made ready for deciding.

    Attributes:
        fired: What the decision records of it.
        gate: The gate it asks for.
        lifted_by: Kind of record that lifts it: "license", "consent", or "" for none.
        once_met: The gate that is left when it was lifted.
        kind: The kind of personal data it treats; "" when it treats none.
        treatment: How.
        conditions: How many fact names must hold.
    """

    fired: Fired
    gate: Gate
    lifted_by: str
    once_met: Gate
    kind: str
    treatment: Treatment
    conditions: int


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules in force on one day; built by `load`, never changed.

    Attributes:
        id: The spec as given ("jp+eu"), for a file its stem; it names the folder of the outputs.
        title: For people.
        day: The day whose rules these are.
        rules: Flattened, in force, sorted by id, each with the citations in force only.
        citations: Citation key as the rules cite it -> the entry it resolves to.
        digest: SHA-256, in hex, over the canonical JSON (RFC 8785) of rules, citations and retention.
        bodies_days: How long fetched bodies may be kept, in days; the shortest of all parts.
        warnings: For the operator; none of them changes a decision.
    """

    id: str
    title: str
    day: date
    rules: tuple[Rule, ...]
    citations: Mapping[str, Citation]
    digest: str
    bodies_days: int
    warnings: tuple[str, ...] = ()
    ready: tuple[Ready, ...] = field(init=False, repr=False, compare=False)
    index: Mapping[Stated, tuple[tuple[int, str], ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Derive what deciding needs: the index leads from a fact to the rules that ask for it."""
        index: dict[Stated, tuple[tuple[int, str], ...]] = {}
        for place, rule in enumerate(self.rules):
            for name, values in rule.when.items():
                for value in values:
                    key = stated(name, value)
                    index[key] = (*index.get(key, ()), (place, name))
        object.__setattr__(self, "ready", tuple(map(_ready, self.rules)))
        object.__setattr__(self, "index", index)


def _ready(rule: Rule) -> Ready:
    return Ready(
        fired=Fired(rule.id, rule.effect.value, rule.cite, rule.status),
        gate=rule.effect.gate,
        lifted_by=rule.lifted_by or LIFTED_BY.get(rule.effect, ""),
        once_met=rule.once_met.gate,
        kind=rule.kind,
        treatment=rule.effect.treatment,
        conditions=len(rule.when),
    )
