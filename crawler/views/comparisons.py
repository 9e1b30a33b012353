"""The rules in which two policies differ: as lines, and as values."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.comparing import Comparison, Difference
from crawler.policy.policy import Policy
from crawler.views import Values, keys, titled, wrapped
from crawler.views.policies import condition, rule_values


def comparison_values(left: Policy, right: Policy, found: Comparison) -> Values:
    """The rules in which two policies differ."""
    return {
        "left": {"policy": left.id, "digest": left.digest},
        "right": {"policy": right.id, "digest": right.digest},
        "differing": [_difference(each) for each in found.differing],
        "only_left": [_difference(each) for each in found.only_left],
        "only_right": [_difference(each) for each in found.only_right],
        "agreeing": found.agreeing,
        "beside_the_rules": {name: {"left": a, "right": b} for name, (a, b) in found.beside.items()},
    }


def _difference(each: Difference) -> Values:
    return {
        "when": {name: list(values) for name, values in each.when.items()},
        "left": [rule_values(rule) for rule in each.left],
        "right": [rule_values(rule) for rule in each.right],
    }


def comparison_lines(left: Policy, right: Policy, found: Comparison) -> Iterator[str]:
    """The same, for people."""
    yield f"{left.id} ({left.title}) and {right.id} ({right.title})"
    yield f"{found.agreeing} conditions have the same effect in both"
    differing = (line for each in found.differing for line in _both(left.id, right.id, each))
    yield from titled(f"in both, with another effect ({len(found.differing)})", differing)
    for policy, only in ((left, found.only_left), (right, found.only_right)):
        lines = (line for each in only for line in _only(each))
        yield from titled(f"only in {policy.id} ({len(only)})", lines)
    beside = found.beside.items()
    yield from titled(
        "beside the rules",
        (line for name, (a, b) in beside for line in wrapped(f"{name}: {left.id} {a}; {right.id} {b}", "  ")),
    )


def _both(left: str, right: str, each: Difference) -> Iterator[str]:
    yield from wrapped(f"when {condition(each.when)}", "  ")
    for side, rules in ((left, each.left), (right, each.right)):
        for rule in rules:
            yield from wrapped(f"{side}: {rule.effect}  {rule.id}  {keys(rule.cite)} {rule.says}", "    ")


def _only(each: Difference) -> Iterator[str]:
    yield from wrapped(f"when {condition(each.when)}", "  ")
    for rule in each.left or each.right:
        yield from wrapped(f"{rule.effect}  {rule.id}  {keys(rule.cite)} {rule.says}", "    ")
