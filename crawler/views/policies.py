"""A policy, flattened, with its citations: as lines, and as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crawler.document import FactValue
from crawler.explaining import text_of
from crawler.policy.model import Citation, Rule
from crawler.policy.policy import Policy
from crawler.views import Values, keys, titled, wrapped

HOW_SURE: Mapping[str, str] = {"V": "checked in a source", "K": "known text, not re-read", "U": "unconfirmed"}


def policy_values(policy: Policy) -> Values:
    """A policy, flattened."""
    return {
        "id": policy.id,
        "title": policy.title,
        "day": policy.day.isoformat(),
        "digest": policy.digest,
        "parts": [
            {
                "profile": part.profile,
                "title": part.title,
                "summary": part.summary,
                "basis": part.basis.model_dump(mode="json") if part.basis else None,
                "retention": part.retention.model_dump(mode="json"),
            }
            for part in policy.parts
        ],
        "rules": [rule_values(rule) for rule in policy.rules],
        "set_rules": [rule.model_dump(mode="json", by_alias=True, exclude_none=True) for rule in policy.set_rules],
        "bodies_days": policy.bodies_days,
        "requires": {name: list(values) for name, values in sorted(policy.requires.items())},
        "share": policy.share.model_dump(mode="json") if policy.share else None,
        "other_readings": sorted({point for reading in policy.readings for point in reading}),
        "outputs": list(policy.outputs),
        "watch": [entry.model_dump(mode="json") for entry in policy.watch],
        "citations": {
            key: entry.model_dump(mode="json", exclude_none=True) for key, entry in sorted(policy.citations.items())
        },
        "warnings": list(policy.warnings),
    }


def rule_values(rule: Rule) -> Values:
    """A rule as it stands in its file, with what is left out there but matters."""
    return {"effect": rule.effect.value, **rule.model_dump(mode="json", by_alias=True, exclude_defaults=True)}


def policy_lines(policy: Policy) -> Iterator[str]:
    """A policy, flattened, with its citations."""
    yield f"{policy.id}  {policy.title}, as it stands on {policy.day}"
    yield f"digest {policy.digest}"
    for part in policy.parts:
        yield ""
        yield from wrapped(part.summary)
        for what, ground in part.basis or ():
            yield from wrapped(f"{what.replace('_', ' ')}: {ground.says} {keys(ground.cite)}", "  ")
        yield from wrapped(
            f"page bodies: {part.retention.bodies_days} days. {part.retention.says} {keys(part.retention.cite)}", "  "
        )
    if policy.share:
        yield from wrapped(f"sharing: {policy.share.level}. {policy.share.says} {keys(policy.share.cite)}", "  ")
    for name, values in sorted(policy.requires.items()):
        yield f"  needs {name} {' or '.join(map(str, values))}"
    yield from titled(f"rules ({len(policy.rules)})", (line for rule in policy.rules for line in rule_lines(rule)))
    yield from titled(
        "rules about the set",
        (line for rule in policy.set_rules for line in wrapped(f"{rule.id}  {rule.effect}  {rule.says}", "  ")),
    )
    yield from titled("outputs", wrapped(", ".join(policy.outputs), "  ") if policy.outputs else ())
    yield from titled(
        "watch", (line for entry in policy.watch for line in wrapped(f"{entry.when}: {entry.what}", "  "))
    )
    yield from titled(
        "citations",
        (line for key, entry in sorted(policy.citations.items()) for line in wrapped(citation(key, entry), "  ")),
    )


def rule_lines(rule: Rule) -> Iterator[str]:
    """A rule in its own words."""
    standing = f"{rule.status}, {rule.confidence}" if rule.confidence else rule.status
    yield f"  {rule.id}  {rule.effect}  ({standing})"
    yield from wrapped(f"when {condition(rule.when)}", "    ")
    yield from wrapped(f"{rule.says} {keys(rule.cite)}", "    ")


def condition(when: Mapping[str, Sequence[FactValue]]) -> str:
    """What a rule looks at, in words."""
    return " and ".join(f"{name} is {' or '.join(map(text_of, values))}" for name, values in when.items())


def citation(key: str, entry: Citation) -> str:
    """A citation on one line: key, instrument, article, first day, how sure."""
    article = f", {entry.article}" if entry.article else ""
    day = entry.applies_from or entry.published
    return f"{key}: {entry.instrument}{article}; from {day}; {HOW_SURE[entry.checked]}"
