"""Why a policy decides as it does about one page: what fired, what nearly fired, and what would change the outcome.

Whatever is said to change it was decided again with that change, by the judge's own `decide`; nothing here guesses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from crawler.audit.line import site_of
from crawler.audit.pages import StoredPage
from crawler.document import Decision, Fact, FactValue
from crawler.policy.dates import turning_days
from crawler.policy.library import Library
from crawler.policy.load import build
from crawler.policy.model import RUN, Rule
from crawler.policy.policy import Policy, stated
from crawler.policy.records import Record
from crawler.policy.spec import parse
from crawler.policy.vocabulary import POINT, VOCABULARY
from crawler.redecide import Assumptions, Redecided, redecide

FETCHED_BY = "run.fetched-by"  # it is as it is; nobody can choose it afterwards
KINDS_OF_RECORDS = ("license", "consent")
MOST_DAYS = 6  # on which the rules change and that are looked at
_ASSUMED_ID = "assumed"


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that fired, and the facts that made it fire."""

    rule: Rule
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """A rule that one fact kept from firing: it would need `name` to be one of `wanted`; `found` is what is stated."""

    rule: Rule
    name: str
    wanted: tuple[FactValue, ...]
    found: tuple[FactValue, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What would change the outcome, in words, and what would follow; `to` is None for what only may change it."""

    what: str
    to: Redecided | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """One page under one policy.

    Attributes:
        policy: The policy.
        outcome: What it makes of the page.
        fired: Every rule that fired, the deciding one first.
        nearly: Rules that one fact kept from firing, the most telling first.
        bills: Rules that no parliament has passed, which would fire.
        changes: What would change the outcome.
    """

    policy: Policy
    outcome: Redecided
    fired: tuple[Fired, ...]
    nearly: tuple[Near, ...]
    bills: tuple[Rule, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Selected:
    """A policy with its neighbors: as it will stand on later days, and with bills taken as law."""

    policy: Policy
    later: tuple[tuple[date, Policy], ...] = ()
    with_bills: Policy | None = None


def select(
    specs: str, known_facts: Collection[str], today: date, *, include_bills: bool = False
) -> tuple[Selected, ...]:
    """The policies of a list with commas, each with its neighbors. Raises PolicyError."""
    library = Library(known_facts, include_bills=include_bills)
    bills = Library(known_facts, include_bills=True)
    return tuple(_selected(spec.strip(), library, bills, today) for spec in specs.split(","))


def _selected(spec: str, library: Library, bills: Library, today: date) -> Selected:
    policy = build(library, spec, today)
    days = () if parse(spec).day else _days_to_come(spec, library, today)
    with_bills = None if library.include_bills else build(bills, spec, today)
    return Selected(policy, tuple((day, build(library, spec, day)) for day in days), with_bills)


def _days_to_come(spec: str, library: Library, today: date) -> tuple[date, ...]:
    """The next days on which a rule begins or ceases to be in force."""
    parts = (part for part in parse(spec).parts if part != "strictest")
    chains = [library.standing(part, today).chain for part in parts]
    contents = [source.content for chain in chains for source in chain]
    entries = {key: entry for content in contents for key, entry in content.citations.items()}
    rules = [rule for content in contents for rule in content.rules if rule.status != "bill"]
    return tuple(day for day in turning_days(rules, entries) if day > today)[:MOST_DAYS]


def explain(page: StoredPage, selected: Selected, assumed: Assumptions, today: date) -> Explanation:
    """Everything there is to say about one page under one policy."""
    policy = selected.policy
    outcome = redecide(page, [policy], assumed)[policy.id]
    known = _by_name(outcome.facts)
    ids = [each.rule for each in outcome.decision.fired]
    rules = {rule.id: rule for rule in policy.rules}
    deciding = outcome.rule
    fired = [
        Fired(rules[id_], _facts_of(rules[id_], outcome.facts)) for id_ in sorted(ids, key=lambda i: i != deciding)
    ]
    bills = selected.with_bills
    return Explanation(
        policy=policy,
        outcome=outcome,
        fired=tuple(fired),
        nearly=tuple(_nearly(policy, set(ids), known)),
        bills=tuple(_bills(page, bills, assumed)) if bills else (),
        changes=tuple(_changes(page, selected, assumed, outcome, [each.rule for each in fired], today)),
    )


def _by_name(facts: Iterable[Fact]) -> dict[str, tuple[FactValue, ...]]:
    known: dict[str, tuple[FactValue, ...]] = {}
    for fact in facts:
        known[fact.name] = (*known.get(fact.name, ()), fact.value)
    return known


def _facts_of(rule: Rule, facts: Iterable[Fact]) -> tuple[Fact, ...]:
    asked = {stated(name, value) for name, values in rule.when.items() for value in values}
    return tuple(dict.fromkeys(fact for fact in facts if stated(fact.name, fact.value) in asked))


def _nearly(policy: Policy, fired: Collection[str], known: Mapping[str, tuple[FactValue, ...]]) -> list[Near]:
    """All conditions but one hold; or the only one is stated with another value."""
    found = []
    for rule in policy.rules:
        missing = [name for name, values in rule.when.items() if not _holds(name, values, known)]
        if rule.id in fired or len(missing) != 1:
            continue
        name = missing[0]
        if len(rule.when) > 1 or name in known:
            found.append(Near(rule, name, rule.when[name], tuple(dict.fromkeys(known.get(name, ())))))
    return sorted(found, key=_telling)


def _holds(name: str, values: Iterable[FactValue], known: Mapping[str, tuple[FactValue, ...]]) -> bool:
    said = {stated(name, value) for value in known.get(name, ())}
    return any(stated(name, value) in said for value in values)


def _telling(near: Near) -> tuple[bool, bool, bool, int, str]:
    """Rules of which something about the page holds come first, then those that a profile adds to base, the stronger
    before the weaker."""
    holds = any(name != near.name and not name.startswith(RUN) for name in near.rule.when)
    strength = max(near.rule.effect.gate, near.rule.effect.treatment)
    return not holds, near.rule.id.startswith("base."), strength == 0, -strength, near.rule.id


def _bills(page: StoredPage, bills: Policy, assumed: Assumptions) -> Iterator[Rule]:
    fired = {each.rule for each in redecide(page, [bills], assumed)[bills.id].decision.fired}
    return (rule for rule in bills.rules if rule.status == "bill" and rule.id in fired)


def _changes(
    page: StoredPage,
    selected: Selected,
    assumed: Assumptions,
    outcome: Redecided,
    fired: Sequence[Rule],
    today: date,
) -> Iterator[Change]:
    """What was tried and changes the outcome; then what may change it."""
    for what, policy, assumption in _what_ifs(page, selected, assumed, outcome, fired):
        other = redecide(page, [policy], assumption)[policy.id]
        if _essence(other) != _essence(outcome):
            yield Change(what, other)
    before = outcome
    for day, policy in selected.later:
        other = redecide(page, [policy], assumed)[policy.id]
        if _essence(other) != _essence(before):
            yield Change(f"from {day} on", other)
        before = other
    yield from _reviews(fired, today)
    ids = {rule.id for rule in fired}
    for entry in selected.policy.watch:
        if touched := sorted(ids.intersection(entry.touches)):
            yield Change(f"{entry.when}: {entry.what} (may change {', '.join(touched)})")


def _reviews(fired: Iterable[Rule], today: date) -> Iterator[Change]:
    """Rules that somebody has to look at again, or should have."""
    for rule in fired:
        if rule.review_by:
            overdue = rule.review_by + timedelta(days=1)
            when = f"since {overdue}" if overdue <= today else f"from {overdue} on"
            yield Change(f"{when}: review of {rule.id} overdue")


def _what_ifs(
    page: StoredPage, selected: Selected, assumed: Assumptions, outcome: Redecided, fired: Sequence[Rule]
) -> Iterator[tuple[str, Policy, Assumptions]]:
    """Words, policy and assumptions of everything that is tried."""
    policy, host = selected.policy, site_of(page.url)
    for kind in KINDS_OF_RECORDS if host else ():
        record = Record.model_construct(id=_ASSUMED_ID, kind=kind, source=host)
        yield f"with a {kind} on file for this source", policy, replace(assumed, records=(*assumed.records, record))
    known = _by_name(outcome.facts)
    run_facts = {name for rule in policy.rules for name in rule.when if name.startswith(RUN)}
    for name in sorted(run_facts - {FETCHED_BY, *policy.requires}):
        for value in VOCABULARY.get(name) or ():
            if value not in known.get(name, ()):
                run = {**assumed.run, name.removeprefix(RUN): str(value)}
                yield f"with {name}={value}", policy, replace(assumed, run=run)
    for fact in _decisive(outcome, fired):
        without = assumed.without | {stated(fact.name, fact.value)}
        yield f"without {fact.name}={text_of(fact.value)}", policy, replace(assumed, without=without)
    for point in sorted({fact.name.partition(POINT)[2] for fact in page.facts} - {""}):
        yield f"where '{point}' is read the other way", _reading(policy, point), assumed
    if selected.with_bills:
        yield "if bills became law", selected.with_bills, assumed


def _reading(policy: Policy, point: str) -> Policy:
    """The policy as if all its profiles read that open point the other way."""
    readings: dict[frozenset[str], frozenset[str]] = {}
    for reading, ids in policy.readings.items():
        readings[reading | {point}] = readings.get(reading | {point}, frozenset()).union(ids)
    return replace(policy, readings=readings)


def _decisive(outcome: Redecided, fired: Sequence[Rule]) -> list[Fact]:
    """What the deciding rule looked at, but for the run."""
    deciding = [rule for rule in fired if rule.id == outcome.rule]
    facts = [fact for rule in deciding for fact in _facts_of(rule, outcome.facts) if not fact.name.startswith(RUN)]
    return list({stated(fact.name, fact.value): fact for fact in facts}.values())


def _essence(outcome: Redecided) -> tuple[str, str, dict[str, str]]:
    decision: Decision = outcome.decision
    return outcome.result, decision.gate.name, {kind: each.name for kind, each in decision.treatments.items()}


def text_of(value: FactValue) -> str:
    """A fact's value as it is written in a policy file."""
    return str(value).lower() if isinstance(value, bool) else str(value)
