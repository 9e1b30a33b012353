"""A policy as it is applied: one or more profiles, flattened, on one day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from crawler.document import FactValue, Fired, Gate, Treatment
from crawler.policy.model import Basis, Citation, Effect, Retention, Rule, Share, Watch
from crawler.policy.set_rules import SetRule

Stated = tuple[str, FactValue, bool]  # name, value, "is it true or false": Python takes 1 for True
Readings = frozenset[str]  # open points that are read the other way
AS_SPECIFIED: Readings = frozenset()
Value = tuple[FactValue, bool]
Index = Mapping[str, Mapping[Value, tuple[int, ...]]]  # name -> value -> places of the rules that ask for it

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
class Part:
    """What a policy says to people about one profile it is made of; nothing here decides."""

    profile: str
    title: str
    summary: str
    basis: Basis | None
    retention: Retention


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules in force on one day; built by `load`, never changed.

    Attributes:
        id: The spec as given ("jp+eu"), for a file its stem; it names the folder of the outputs.
        title: For people.
        day: The day whose rules these are.
        rules: Flattened, in force, sorted by id, each with the citations in force only.
        citations: Citation key as it is cited by rules, set rules, share, basis or retention -> its entry.
        digest: SHA-256, in hex, over the canonical JSON (RFC 8785) of all that decides: rules, set rules, readings,
            share, retention, and what they cite.
        bodies_days: How long fetched bodies may be kept, in days; the shortest of all parts.
        readings: Readings -> ids of the rules that look at the facts so read. A rule that two parts share, and read
            differently, stands under both readings and fires under either.
        set_rules: Rules about the whole set, flattened, in force, sorted by id.
        requires: Run fact -> the values of which any will do; with any other the run is refused.
        share: How far data may be passed on, the strictest of all parts; None: no limit.
        outputs: What has to be written or filed besides the data.
        watch: What may change the law.
        parts: The profiles, for people.
        warnings: For the operator; none of them changes a decision.
    """

    id: str
    title: str
    day: date
    rules: tuple[Rule, ...]
    citations: Mapping[str, Citation]
    digest: str
    bodies_days: int
    readings: Mapping[Readings, Collection[str]]
    set_rules: tuple[SetRule, ...] = ()
    requires: Mapping[str, tuple[FactValue, ...]] = field(default_factory=dict)
    share: Share | None = None
    outputs: tuple[str, ...] = ()
    watch: tuple[Watch, ...] = ()
    parts: tuple[Part, ...] = ()
    warnings: tuple[str, ...] = ()
    ready: tuple[Ready, ...] = field(init=False, repr=False, compare=False)
    indexes: tuple[tuple[Readings, Index], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Derive what deciding needs: for each way of reading, an index from a fact to the rules that ask for it."""
        places = list(enumerate(self.rules))
        indexes = (
            (readings, _index((place, rule) for place, rule in places if rule.id in ids))
            for readings, ids in self.readings.items()
        )
        object.__setattr__(self, "ready", tuple(map(_ready, self.rules)))
        object.__setattr__(self, "indexes", tuple(indexes))


def _index(rules: Iterable[tuple[int, Rule]]) -> Index:
    index: dict[str, dict[Value, tuple[int, ...]]] = {}
    for place, rule in rules:
        for name, values in rule.when.items():
            places = index.setdefault(name, {})
            for value in values:
                key = value, isinstance(value, bool)
                places[key] = (*places.get(key, ()), place)
    return index


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


def looked_at_by(policies: Iterable[Policy]) -> frozenset[str]:
    """The names of the facts that some rule looks at."""
    return frozenset(name for policy in policies for rule in policy.rules for name in rule.when)
