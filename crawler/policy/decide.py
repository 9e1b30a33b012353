"""Facts -> decision. Strongest wins, all rules that fire are recorded, order never matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache

from crawler.document import Decision, Fact, Gate, Treatment
from crawler.policy.policy import AS_SPECIFIED, Index, Policy, Readings, Ready, stated
from crawler.policy.records import Record, held

ANY_KIND = "any"  # the kind of the fact pii.any: whatever was found
KINDS_APART = frozenset({"public_figure"})  # kinds that pii.any does not reach: people in their public role

Under = Callable[[Readings], Iterable[Fact]]


def decide(
    policy: Policy,
    facts: Iterable[Fact],
    *,
    under: Under | None = None,
    records: Sequence[Record] = (),
    url: str = "",
    today: date | None = None,
) -> Decision:
    """What the policy makes of the facts.

    A rule fires when every fact name in its `when` is stated with one of its values. The gate is the strongest
    of those that fired, without the requirements that a record meets; with no rule at all it is keep.

    Args:
        policy: What to apply.
        facts: As specified, in any order; repeats change nothing.
        under: The facts as they stand where open points are read the other way, for rules of profiles that do so.
            Left out, `facts` stand for every reading.
        records: Licenses and consents on file.
        url: The page, to find the records of its source; "" matches none.
        today: The day on which records must be valid; the policy's own day when left out.
    """
    said = tuple(facts)
    firing = list(_firing(policy, said, under))
    on_file = _on_file(records, firing, url, said, today or policy.day) if records else {}
    deciding = min(firing, key=lambda rule: _rank(rule, on_file), default=None)
    return Decision(
        gate=_gate(deciding, on_file) if deciding else Gate.KEEP,
        treatments=_treatments(firing),
        fired=tuple(rule.fired for rule in firing),
        deciding=deciding.fired if deciding else None,
        met=tuple(sorted(on_file.values())),
    )


def decide_all(
    policies: Iterable[Policy],
    under: Under,
    *,
    records: Sequence[Record] = (),
    url: str = "",
    today: date | None = None,
) -> dict[str, Decision]:
    """One decision a policy, by its id; policies that read open points alike share one reading of the facts."""

    @cache
    def read(readings: Readings) -> tuple[Fact, ...]:
        return tuple(under(readings))

    facts = read(AS_SPECIFIED)
    return {policy.id: decide(policy, facts, under=read, records=records, url=url, today=today) for policy in policies}


def treatment_of(decision: Decision, kind: str) -> Treatment:
    """The treatment of one kind of personal data; what was asked for any kind counts for each, but those apart."""
    own = decision.treatments.get(kind, Treatment.KEEP)
    return own if kind in KINDS_APART else max(own, decision.treatments.get(ANY_KIND, Treatment.KEEP))


def _firing(policy: Policy, facts: Sequence[Fact], under: Under | None) -> Iterator[Ready]:
    """Rules whose conditions all hold, each on the facts as its profile reads them; sorted by id, as the policy is."""
    places: set[int] = set()
    for readings, index in policy.indexes:
        places.update(_holding(policy, index, under(readings) if readings and under else facts))
    return (policy.ready[place] for place in sorted(places))


def _holding(policy: Policy, index: Index, facts: Iterable[Fact]) -> Iterator[int]:
    """Places of the rules of this index whose conditions all hold."""
    hits: dict[int, set[str]] = {}
    for fact in facts:
        if fact.name in index:  # most facts are none that a rule looks at
            for place in index[fact.name].get((fact.value, isinstance(fact.value, bool)), ()):
                hits.setdefault(place, set()).add(fact.name)
    return (place for place, names in hits.items() if len(names) == policy.ready[place].conditions)


def _on_file(
    records: Sequence[Record], firing: Iterable[Ready], url: str, facts: Iterable[Fact], day: date
) -> Mapping[str, str]:
    """Kind of record -> id of the one that lifts rules that fired."""
    liftable = {rule.lifted_by for rule in firing} - {""}
    if not liftable:
        return {}
    return held(records, liftable, url, {stated(fact.name, fact.value) for fact in facts}, day)


def _gate(rule: Ready, on_file: Mapping[str, str]) -> Gate:
    return rule.once_met if rule.lifted_by in on_file else rule.gate


def _rank(rule: Ready, on_file: Mapping[str, str]) -> tuple[int, bool, bool, str]:
    """Who decides: the strongest gate; among equals a rule about the page itself, not met by a record; then the id."""
    return -_gate(rule, on_file), rule.kind != "", rule.lifted_by in on_file, rule.fired.rule


def _treatments(firing: Iterable[Ready]) -> dict[str, Treatment]:
    treatments: dict[str, Treatment] = {}
    for rule in firing:
        if rule.kind:
            treatments[rule.kind] = max(rule.treatment, treatments.get(rule.kind, Treatment.KEEP))
    return treatments
