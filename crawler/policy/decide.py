"""Facts -> decision. Strongest wins, all rules that fire are recorded, order never matters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from crawler.document import Decision, Fact, Gate, Treatment
from crawler.policy.policy import Policy, Ready, Stated, stated
from crawler.policy.records import Record, held

ANY_KIND = "any"  # the kind of the fact pii.any: whatever was found


def decide(
    policy: Policy,
    facts: Iterable[Fact],
    *,
    records: Sequence[Record] = (),
    url: str = "",
    today: date | None = None,
) -> Decision:
    """What the policy makes of the facts.

    A rule fires when every fact name in its `when` is stated with one of its values. The gate is the strongest
    of those that fired, without the requirements that a record meets; with no rule at all it is keep.

    Args:
        policy: What to apply.
        facts: In any order; repeats change nothing.
        records: Licenses and consents on file.
        url: The page, to find the records of its source; "" matches none.
        today: The day on which records must be valid; the policy's own day when left out.
    """
    known = {stated(fact.name, fact.value) for fact in facts}
    firing = list(_firing(policy, known))
    liftable = {rule.lifted_by for rule in firing} - {""}
    on_file = held(records, liftable, url, known, today or policy.day) if records and liftable else {}
    deciding = min(firing, key=lambda rule: _rank(rule, on_file), default=None)
    return Decision(
        gate=_gate(deciding, on_file) if deciding else Gate.KEEP,
        treatments=_treatments(firing),
        fired=tuple(rule.fired for rule in firing),
        deciding=deciding.fired if deciding else None,
        met=tuple(sorted(on_file.values())),
    )


def treatment_of(decision: Decision, kind: str) -> Treatment:
    """The treatment of one kind of personal data; what was asked for any kind counts for each."""
    treatments = decision.treatments
    return max(treatments.get(kind, Treatment.KEEP), treatments.get(ANY_KIND, Treatment.KEEP))


def _firing(policy: Policy, known: Collection[Stated]) -> Iterator[Ready]:
    """Rules whose conditions all hold, in the order of the policy, which is by id."""
    hits: dict[int, set[str]] = {}
    for key in known:
        for place, name in policy.index.get(key, ()):
            hits.setdefault(place, set()).add(name)
    for place in sorted(hits):
        if len(hits[place]) == policy.ready[place].conditions:
            yield policy.ready[place]


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
