"""Lines of robots.txt that say how content may be used, and which of them speak about a page. States nothing by itself.

Specification: draft-ietf-aipref-attach-05, 3 (August 2026), read 2026-11-22: a value that begins with a slash is a
path, then a preference; the groups and the path are chosen as for Allow and Disallow, the longest path wins whole, no
path is shorter than "/", and a path that may not be fetched has no preference. Content-Signal has lines of the same
form and leaves the choice open (reference/signals.md 4); it is made in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from crawler.document import Evidence, Fact
from crawler.signals import _robotstxt as robotstxt
from crawler.signals import robots
from crawler.signals._paths import Pattern, normal_pattern, target_of

ORPHAN = "orphan-line"

_PATH_FIRST = re.compile(rb"(/[^ \t]*)[ \t]*(.*)", re.DOTALL)
_REFUSAL = re.compile(
    r"(?<![\w*.-])(train-ai|ai-use|ai-train|ai-input|search)[ \t]*[=:][ \t]*[^\w,;]{0,3}"
    r"(?:n|no|none|never|false|0|deny|disallow|disallowed|prohibited|reserved)(?![\w-])",
    re.IGNORECASE | re.ASCII,
)


class Statement(NamedTuple):
    """What one line or one header field says.

    Attributes:
        said: Labels with their values.
        malformed: Why something that tries to refuse a use does not.
        flags: What else is odd.
        speaks: Whether it counts at all; where it does not, a less specific line keeps the word.
    """

    said: tuple[tuple[str, str], ...] = ()
    malformed: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    speaks: bool = True

    @property
    def refuses(self) -> bool:
        """Whether it refuses a use, or tries to."""
        return bool(self.malformed) or any(value in ("n", "no") for _, value in self.said)


NO_PREFERENCE = Statement(flags=("malformed-rule",), speaks=False)


class Carrier(NamedTuple):
    """A kind of lines: their name, which is also that of the facts, and how a preference is read."""

    name: str
    parse: Callable[[bytes], Statement]

    def facts(self, statement: Statement, where: str, quote: str) -> Iterator[Fact]:
        for label, value in statement.said:
            yield Fact(f"{self.name}.{label}", value, where, quote)
        for reason in statement.malformed:
            yield Fact(f"{self.name}.malformed", reason, where, quote)
        for flag in statement.flags:
            yield Fact(f"{self.name}.flag", flag, where, quote)


class Rule(NamedTuple):
    """One line. Without a path it is about every page, and its length is 0."""

    pattern: Pattern | None
    length: int
    statement: Statement
    line: int


class RulesInForce(NamedTuple):
    """The file, its lines that count for one page, in their order, and such lines outside any group."""

    source: robots.InForce
    rules: tuple[Rule, ...]
    orphans: tuple[Rule, ...]

    def fact(self, name: str, value: str, line: int) -> Fact:
        return Fact(name, value, self._where(line), self.source.file.quote(line))

    def facts(self, carrier: Carrier) -> Iterator[Fact]:
        """What the lines state: each thing once, where it is said first."""
        found = (
            fact
            for rule in (*self.rules, *map(_outside, self.orphans))
            for fact in carrier.facts(rule.statement, self._where(rule.line), self.source.file.quote(rule.line))
        )
        first: dict[tuple[str, object], Fact] = {}
        for fact in found:
            first.setdefault((fact.name, fact.value), fact)
        yield from first.values()

    def _where(self, line: int) -> str:
        return f"{self.source.place}:L{line}"


def in_force(carrier: Carrier, evidence: Evidence) -> RulesInForce | None:
    """The lines that speak to our agent about the page; None without a file, and where the path is disallowed."""
    found = robots.in_force(evidence)
    if found is None:
        return None
    groups, target = found.file.select(evidence.agent)[1], target_of(evidence.url)
    if not robotstxt.ask(groups, target):
        return None
    return RulesInForce(found, about(carrier, groups, target), about(carrier, (found.file,), target))


def about(carrier: Carrier, sources: Iterable[robotstxt.Group | robotstxt.RobotsTxt], target: str) -> tuple[Rule, ...]:
    """The rules that win for a path in normal form, and lines without effect that would have won over them."""
    matching = [
        rule
        for source in sources
        for rule in _rules(source, carrier)
        if rule.pattern is None or rule.pattern.matches(target)
    ]
    longest = max((rule.length for rule in matching if rule.statement.speaks), default=0)
    return tuple(sorted((rule for rule in matching if rule.length >= longest), key=lambda rule: rule.line))


@lru_cache(maxsize=16)
def _rules(source: robotstxt.Group | robotstxt.RobotsTxt, carrier: Carrier) -> Sequence[Rule]:
    """All lines of one kind in a group, or, of a file, outside its groups; read once."""
    return tuple(_rule(carrier, record) for record in source.records if record.name == carrier.name)


def _rule(carrier: Carrier, record: robotstxt.Record) -> Rule:
    with_path = _PATH_FIRST.match(record.value)
    preference = with_path[2] if with_path else record.value
    statement = carrier.parse(preference) if preference else NO_PREFERENCE
    if with_path is None:
        return Rule(None, 0, statement, record.line)
    path = normal_pattern(with_path[1])
    return Rule(Pattern(path), len(path), statement, record.line)


def _outside(rule: Rule) -> Rule:
    """A line outside any group says nothing, but may have meant to."""
    malformed = (ORPHAN,) if rule.statement.refuses else ()
    return rule._replace(statement=Statement(malformed=malformed, flags=(ORPHAN,)))


def refused(text: str) -> frozenset[str]:
    """Labels of either vocabulary that a text tries to refuse, well-formed or not, in lower case."""
    return frozenset(label.lower() for label in _REFUSAL.findall(text))
