"""When a rule is in force: within its own dates, while one of its citations applies; a rule of ours needs none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

from crawler.policy.model import Citation, Rule
from crawler.policy.set_rules import SetRule

Dated = TypeVar("Dated", Rule, SetRule)
Citations = Mapping[str, Citation]

_ONE_DAY = timedelta(days=1)


def resolve(key: str, citations: Citations) -> Citation | None:
    """The entry with the longest key that the cited key begins with: EU-CDSM-4-3 -> EU-CDSM."""
    while key not in citations:
        key, dash, _ = key.rpartition("-")
        if not dash:
            return None
    return citations[key]


def in_force(key: str, citations: Citations, day: date) -> bool:
    """Whether the entry that the key resolves to applies on that day."""
    entry = resolve(key, citations)
    return entry is not None and entry.in_force(day)


def is_on(day: date, rule: Rule | SetRule, citations: Citations) -> bool:
    """Whether the rule is in force on that day."""
    return (rule.valid_from or date.min) <= day <= (rule.valid_until or date.max) and (
        rule.status == "ours" or any(in_force(key, citations, day) for key in rule.cite)
    )


def on(day: date, rule: Dated, citations: Citations) -> Dated | None:
    """The rule with the citations in force on that day only; None when it is not in force itself."""
    if not is_on(day, rule, citations):
        return None
    cite = tuple(key for key in rule.cite if in_force(key, citations, day))
    return rule if cite == rule.cite else rule.model_copy(update={"cite": cite})


def turning_days(rules: Sequence[Rule | SetRule], citations: Citations) -> tuple[date, ...]:
    """Every day on which one of the rules may begin or cease to be in force; between two of them nothing changes."""
    days = {date.min}
    for rule in rules:
        entries = [entry for key in rule.cite if (entry := resolve(key, citations))]
        days.update(_turns((rule.valid_from, rule.valid_until)))
        for entry in entries:
            days.update(_turns((entry.applies_from or entry.published, entry.applies_until)))
    return tuple(sorted(days))


def _turns(span: tuple[date | None, date | None]) -> Iterable[date]:
    first, last = span
    if first:
        yield first
    if last and last < date.max:
        yield last + _ONE_DAY
