"""States preferences about AI use by AIPREF: the header Content-Usage, and its rules in robots.txt.

Specification: draft-ietf-aipref-vocab-08 (September 2026) and draft-ietf-aipref-attach-05 (August 2026), with RFC 9651
dictionaries, read 2026-11-22. These are drafts that changed their labels before; labels of older revisions are
unknown here and flagged. Header and rule are separate statements: each is stated, none replaces the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import cast

import http_sf

from crawler.document import Evidence, Fact, Fetched
from crawler.signals import _usage_rules as usage_rules
from crawler.signals import robots
from crawler.signals._headers import placed
from crawler.signals._usage_rules import RulesInForce, Statement

WHERE = ("header Content-Usage", "robots.txt rule Content-Usage")
NEEDS = (robots.PATH,)
FACTS = (
    "content-usage.train-ai",
    "content-usage.train-ai@orphan",
    "content-usage.train-ai@empty-path",
    "content-usage.ai-use",
    "content-usage.search",
    "content-usage.malformed",
    "content-usage.flag",
)
SPECIFICATION = "draft-ietf-aipref-vocab-08 and draft-ietf-aipref-attach-05, September 2026, read 2026-11-22"

_LABELS = ("train-ai", "ai-use", "search")
_OF_OLDER_DRAFTS = ("tdm", "ai", "genai", "inference", "all", "bots", "train-genai", "ai-output")
_ODD_LABELS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(_LABELS, "wrong-value"),
        **dict.fromkeys(_OF_OLDER_DRAFTS, "legacy-label"),
        **dict.fromkeys(("ai-train", "ai-input"), "other-vocabulary"),
    }
)
_MAX_LINES = 5  # of one field, named as its place


def read(evidence: Evidence) -> Iterator[Fact]:
    """State what the rules of robots.txt say about the path, then what the header says.

    Yields:
        `content-usage.<label>` "y" or "n", several where rules for one path differ. `content-usage.malformed` with
        the reason where something tries to refuse and is not valid: "not-a-dictionary", "wrong-value",
        "other-vocabulary", "misplaced" (behind a semicolon) or "orphan-line"; what does not try to refuse is a
        `content-usage.flag`, as are "duplicate-key", "legacy-label" and "malformed-rule".
    """
    found = usage_rules.in_force(_CARRIER, evidence)
    if found is not None:
        yield from found.facts(_CARRIER)
        yield from _read_otherwise(found)
    if evidence.page is not None:
        yield from _of_header(evidence.page)


def _read_otherwise(found: RulesInForce) -> Iterator[Fact]:
    """What `train-ai` would be if lines outside groups counted, or paths without a preference."""
    said = {pair for rule in found.rules for pair in rule.statement.said}
    refusal = ("train-ai", "n")
    for rule in found.orphans:
        if refusal in rule.statement.said and refusal not in said:
            yield found.fact("content-usage.train-ai@orphan", "n", rule.line)
            break
    if any(label == "train-ai" for label, _ in said):
        longest = max(rule.length for rule in found.rules if rule.statement.speaks)
        for rule in found.rules:
            if rule.statement is usage_rules.NO_PREFERENCE and rule.length > longest:
                yield found.fact("content-usage.train-ai@empty-path", "unknown", rule.line)
                break


def _of_header(page: Fetched) -> Iterator[Fact]:
    """What the header says about this response; all its lines are one field (RFC 9651 4.2)."""
    lines = placed(page, "content-usage")
    if not lines:
        return
    field = ", ".join(line.strip(" \t") for _, line in lines)
    refusing = next((index for index, (_, line) in enumerate(lines) if usage_rules.refused(line)), 0)
    for fact in _CARRIER.facts(_parse(field.encode("latin-1", "replace")), "", ""):
        label = fact.name.rpartition(".")[2]
        quoted = next((index for index in reversed(range(len(lines))) if label in lines[index][1]), refusing)
        named = sorted({*range(min(len(lines), _MAX_LINES)), quoted})  # the first few, and the one that is quoted
        yield Fact(fact.name, fact.value, "; ".join(lines[index][0] for index in named), lines[quoted][1][:200])


def _parse(field: bytes) -> Statement:
    """A dictionary of preferences; of a field that is none, nothing counts."""
    refused = usage_rules.refused(field.decode("latin-1"))
    duplicates: set[str] = set()  # "dictionary" or "parameter"
    try:
        members = cast(
            Mapping[str, object],
            http_sf.parse(field, tltype="dictionary", on_duplicate_key=lambda _, of: duplicates.add(of)),
        )
    except http_sf.StructuredFieldError:
        reason = ("not-a-dictionary",)
        return Statement(malformed=reason, speaks=False) if refused else Statement(flags=reason, speaks=False)
    said = {label: value for label in _LABELS if (value := _preference(members.get(label)))}
    odd = {label: _ODD_LABELS[label] for label in members if label in _ODD_LABELS and label not in said}
    odd |= dict.fromkeys(sorted(refused - members.keys()), "misplaced")
    malformed = [reason for label, reason in odd.items() if label in refused]
    flags = [reason for label, reason in odd.items() if label not in refused]
    flags += ["duplicate-key"] if "dictionary" in duplicates else []
    return Statement(tuple(said.items()), tuple(dict.fromkeys(malformed)), tuple(dict.fromkeys(flags)))


def _preference(member: object) -> str:
    """The token `y` or `n`; parameters are ignored; "" for anything else."""
    value = member[0] if isinstance(member, tuple) else None
    return str(value) if isinstance(value, http_sf.Token) and value in ("y", "n") else ""


_CARRIER = usage_rules.Carrier("content-usage", _parse)
