"""Two policies side by side: the rules in which they differ, and the pages of a crawl that they decide differently.

Rules are compared by what they look at, not by their ids: `jp.reservation` and `eu.reservation` both look at
`train-ai: reserved`, and that is what a lawyer wants to see in one line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from crawler.document import FactValue, Result
from crawler.policy.model import Rule
from crawler.policy.policy import Policy, stated
from crawler.redecide import UNKNOWN

OUTCOMES = (*(result.value for result in Result if result not in (Result.PENDING, Result.UNCHANGED)), UNKNOWN)

Condition = tuple[tuple[str, FactValue], ...]  # one value a fact name, sorted by name
When = Mapping[str, tuple[FactValue, ...]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What both policies look at, or one of them, and the rules of each; () where a policy has none about it."""

    when: When
    left: tuple[Rule, ...]
    right: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rules of two policies.

    Attributes:
        differing: Looked at by both, with other effects.
        only_left: Looked at by the first only.
        only_right: Looked at by the second only.
        agreeing: How many conditions have the same effects in both, by whatever rules.
        beside: What differs besides rules about pages: name -> (first, second).
    """

    differing: tuple[Difference, ...]
    only_left: tuple[Difference, ...]
    only_right: tuple[Difference, ...]
    agreeing: int
    beside: Mapping[str, tuple[str, str]]


def compare(left: Policy, right: Policy) -> Comparison:
    """Compare two policies rule by rule."""
    differing: list[Difference] = []
    only: tuple[list[Difference], list[Difference]] = ([], [])
    agreeing = 0
    for pair in _pairs(left.rules, right.rules):
        if not pair.left or not pair.right:
            only[0 if pair.left else 1].append(pair)
        elif _effects(pair.left) != _effects(pair.right):
            differing.append(pair)
        else:
            agreeing += 1
    return Comparison(tuple(differing), tuple(only[0]), tuple(only[1]), agreeing, _beside(left, right))


def _pairs(left: Sequence[Rule], right: Sequence[Rule]) -> Iterator[Difference]:
    """Conditions with the rules of each side that have exactly this condition, neighbors put together again."""
    ours, theirs = _by_condition(left), _by_condition(right)
    conditions: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Condition]] = defaultdict(list)
    for condition in sorted(ours.keys() | theirs.keys(), key=repr):
        sides = tuple(tuple(rule.id for rule in side.get(condition, ())) for side in (ours, theirs))
        conditions[sides[0], sides[1]].append(condition)
    for together in conditions.values():
        for when in _whole(together):
            first = tuple((name, values[0]) for name, values in when.items())
            yield Difference(when, tuple(ours.get(first, ())), tuple(theirs.get(first, ())))


def _by_condition(rules: Iterable[Rule]) -> dict[Condition, list[Rule]]:
    found: dict[Condition, list[Rule]] = defaultdict(list)
    for rule in rules:
        names = sorted(rule.when)
        for values in product(*(rule.when[name] for name in names)):
            found[tuple(zip(names, values, strict=True))].append(rule)
    return found


def _whole(conditions: Sequence[Condition]) -> list[When]:
    """One condition with lists of values where that says exactly the same; else each by itself."""
    groups: dict[tuple[str, ...], list[Condition]] = defaultdict(list)
    for condition in conditions:
        groups[tuple(name for name, _ in condition)].append(condition)
    found: list[When] = []
    for names, group in groups.items():
        values = [_each_once(column) for column in zip(*group, strict=True)]
        if prod(map(len, values)) == len(group):
            found.append(dict(zip(names, values, strict=True)))
        else:
            found += [{name: (value,) for name, value in condition} for condition in group]
    return found


def _each_once(column: Iterable[tuple[str, FactValue]]) -> tuple[FactValue, ...]:
    return tuple({stated(name, value): value for name, value in column}.values())


def _effects(rules: Iterable[Rule]) -> tuple[int, set[tuple[str, str]]]:
    """The strongest gate, and the treatments."""
    rules = list(rules)
    return max(rule.effect.gate for rule in rules), {(rule.kind, rule.effect.value) for rule in rules if rule.kind}


def _beside(left: Policy, right: Policy) -> dict[str, tuple[str, str]]:
    pairs = {name: (each, _about(right)[name]) for name, each in _about(left).items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _about(policy: Policy) -> dict[str, str]:
    readings = sorted({", ".join(sorted(reading)) or "as specified" for reading in policy.readings})
    return {
        "page bodies": f"{policy.bodies_days} days",
        "sharing": policy.share.level if policy.share else "no limit",
        "run": "; ".join(f"{n} {' or '.join(map(str, v))}" for n, v in sorted(policy.requires.items())) or "any",
        "open points": "; ".join(readings),
        "rules about the set": ", ".join(rule.id for rule in policy.set_rules) or "none",
        "outputs": ", ".join(policy.outputs) or "none",
    }
