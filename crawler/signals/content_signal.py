"""States Cloudflare's Content Signals in robots.txt: those for us, and those for other collectors of training data.

Specification: Content Signals Policy (24 September 2025), contentsignals.org and the documentation of managed
robots.txt (August 2026), read 2026-11-22. They are silent on two lines for one path: each is stated, so the most
restrictive counts. A pair that is not valid says nothing; names and values are compared without case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from crawler.document import Evidence, Fact, Fetched
from crawler.signals import _robotstxt as robotstxt
from crawler.signals import _usage_rules as usage_rules
from crawler.signals import ai_tokens, robots
from crawler.signals._headers import placed
from crawler.signals._paths import target_of
from crawler.signals._usage_rules import RulesInForce, Statement

WHERE = ("robots.txt line Content-Signal", "header Content-Signal (recorded only)")
NEEDS = (robots.PATH,)
FACTS = (
    "content-signal.ai-train",
    "content-signal.ai-train@last-line",
    "content-signal.ai-train@closes-header",
    "content-signal.ai-input",
    "content-signal.search",
    "content-signal.use",
    "content-signal.malformed",
    "content-signal.flag",
    "content-signal.header",
    "ai-token.signal",
)
SPECIFICATION = "Content Signals Policy, 24 September 2025, with managed robots.txt, August 2026, read 2026-11-22"

_USE = "use"  # on trial; recorded, and nothing follows from it
_VALUES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        **dict.fromkeys(("ai-train", "ai-input", "search"), frozenset(("yes", "no"))),
        _USE: frozenset(("immediate", "reference", "full")),
    }
)
_OTHER_VOCABULARY = frozenset(("train-ai", "ai-use"))
_REFUSAL = ("ai-train", "no")
_POLICY_TEXT = re.compile(rb"\bcontent[- ]signals?\b|\bai-(?:train|input)[ \t]{0,9}[:=]", re.IGNORECASE)


def read(evidence: Evidence) -> Iterator[Fact]:
    """State the signals for the path, what is odd about them, and the header, which nobody defines.

    Yields:
        `content-signal.<name>` for each valid pair. `content-signal.malformed` with the reason where something tries to
        refuse and is not valid: "wrong-value", "other-vocabulary", "misplaced" (not between commas) or "orphan-line";
        what does not try to refuse is a `content-signal.flag`, as are "malformed-rule" and "policy-text-only" (the
        policy's text in comments, and no signal). `ai-token.signal` names each other training token whose groups let
        the path be fetched and refuse ai-train.
    """
    found = usage_rules.in_force(_CARRIER, evidence)
    if found is not None:
        yield from found.facts(_CARRIER)
        yield from _last_line(found)
        yield from _closed_header(found, evidence)
        yield from _to_other_tokens(found, evidence)
        if line := _policy_text_only(found.source.file):
            yield found.fact("content-signal.flag", "policy-text-only", line)
    if evidence.page is not None:
        yield from _of_header(evidence.page)


def _last_line(found: RulesInForce) -> Iterator[Fact]:
    """What `ai-train` would be if a later signal replaced an earlier one."""
    said = [(value, rule.line) for rule in found.rules for name, value in rule.statement.said if name == "ai-train"]
    if len({value for value, _ in said}) > 1 and said[-1][0] == "yes":
        yield found.fact("content-signal.ai-train@last-line", *said[-1])


def _closed_header(found: RulesInForce, evidence: Evidence) -> Iterator[Fact]:
    """What `ai-train` would be if a line between user-agent lines ended the header of its group."""
    line = dict(found.source.file.flags).get(robotstxt.CLOSES_HEADER)
    if line is None:
        return
    file = robotstxt.parse_otherwise(found.source.body, robotstxt.CLOSES_HEADER)
    rules = usage_rules.about(_CARRIER, file.select(evidence.agent)[1], target_of(evidence.url))
    if (other := _ai_train(rules)) != _ai_train(found.rules):
        yield found.fact("content-signal.ai-train@closes-header", other, line)


def _ai_train(rules: Sequence[usage_rules.Rule]) -> str:
    """The most restrictive value of the rules."""
    said = {value for rule in rules for name, value in rule.statement.said if name == "ai-train"}
    return "no" if "no" in said else "yes" if "yes" in said else "unknown"


def _to_other_tokens(found: RulesInForce, evidence: Evidence) -> Iterator[Fact]:
    target, tokens = target_of(evidence.url), ai_tokens.known_tokens()
    for name, groups in found.source.file.by_token.items():
        token = tokens.get(name)
        if token is None or not token.training or name == evidence.agent.lower():
            continue
        if not robotstxt.ask(groups, target):
            continue
        for rule in usage_rules.about(_CARRIER, groups, target):
            if _REFUSAL in rule.statement.said:
                yield found.fact("ai-token.signal", token.name, rule.line)
                break


@lru_cache(maxsize=16)
def _policy_text_only(file: robotstxt.RobotsTxt) -> int:
    """The first comment that speaks of content signals in a file that has none; 0 where there is no such comment."""
    everywhere = (file.records, *(group.records for group in file.groups))
    if any(record.name == _CARRIER.name for records in everywhere for record in records):
        return 0
    comments = (line.partition(b"#")[2] for line in file.lines)
    return next((number for number, comment in enumerate(comments, 1) if _POLICY_TEXT.search(comment)), 0)


def _of_header(page: Fetched) -> Iterator[Fact]:
    for where, line in placed(page, "content-signal"):
        yield Fact("content-signal.header", line.strip()[:200], where, line[:200])


def _parse(value: bytes) -> Statement:
    """The pairs of a line; a line of which no signal is valid leaves the word to others."""
    text = value.decode("latin-1")
    refused = usage_rules.refused(text)
    said: list[tuple[str, str]] = []
    odd: dict[str, str] = {}
    for pair in text.split(","):
        name, _, word = (part.strip(" \t").lower() for part in pair.partition("="))
        if word in _VALUES.get(name, ()):
            said.append((name, word))
        elif name in _VALUES:
            odd[name] = "wrong-value"
        elif name in _OTHER_VOCABULARY:
            odd[name] = "other-vocabulary"
    odd |= {name: "misplaced" for name in sorted(refused - odd.keys()) if (name, "no") not in said}
    malformed = [reason for name, reason in odd.items() if name in refused]
    flags = [reason for name, reason in odd.items() if name not in refused]
    speaks = any(name != _USE for name, _ in said)
    return Statement(tuple(dict.fromkeys(said)), tuple(dict.fromkeys(malformed)), tuple(dict.fromkeys(flags)), speaks)


_CARRIER = usage_rules.Carrier("content-signal", _parse)
