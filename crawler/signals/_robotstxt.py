"""Reads and asks robots.txt files: the engine behind `robots` and `ai_tokens`. States no facts.

Specification: RFC 9309 (September 2022) with errata 7995 and 8895, read 2026-11-22.

Division of work. Lines, groups, tokens and normal forms of paths are ours, because robotexclusionrulesparser
does not follow RFC 9309 there: it ends groups at blank lines, never merges, compares tokens as substrings and
takes the first match. Each group is therefore rewritten as one `*` group, strongest rule first, in normal form,
and robotexclusionrulesparser parses that text and answers the questions. Its `_Ruleset` is replaced by ours,
since its regular expression for `*` does not end on hostile patterns and its unquoting turns the literal %2A
into a wildcard. Rules of merged groups need no merging: the strongest of the groups' answers is the answer.

`legacy` is what the package says by itself on the original text, for those who want to know; only its matching of `*`
is ours there, too, since its own does not end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

import robotexclusionrulesparser as rerp

from crawler.signals._paths import Pattern, normal_pattern

MAX_BYTES = 512_000  # RFC 9309 2.5 asks for at least 500 KiB; the rest is not read
EVERYBODY = "*"

# Two ways to read a header that RFC 9309 leaves open or settles otherwise (reference/signals.md 18)
VERSION_TAIL = "version-tail"  # a token written with /version is another token
CLOSES_HEADER = "closes-header"  # a Content-Signal or License line ends the user-agent lines of a group

_BLANKS = b" \t"
# A mark at the very start, also a partial one as Google's parser skips it, or one that a re-encoding spoiled.
_MARK = re.compile(rb"\A(?:\xef\xbb\xbf|\xef\xbf\xbd|\xef\xbb|\xef)")
_CLOSING = frozenset(("content-signal", "license"))
_MISSPELT = frozenset(b"disalow dissallow dissalow disallaw diasllow alow useragent user-agents".split())


class Verdict(NamedTuple):
    """An answer for one path. True where it may be fetched.

    `length` is the deciding pattern's length in octets, 0 when no rule matched; `line` is counted from 1.
    """

    length: int
    allowed: bool
    line: int

    def __bool__(self) -> bool:
        return self.allowed


NO_RULE = Verdict(0, True, 0)


class Rule(NamedTuple):
    allow: bool
    pattern: str  # in normal form, see `_paths`
    line: int


class Record(NamedTuple):
    """A line that is no rule, for readers of Crawl-delay, Content-Signal and the like; the name in lower case."""

    name: str
    value: bytes
    line: int


@dataclass(slots=True)
class _Open:
    """A group while its lines are read."""

    tokens: list[tuple[str, int]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    closed: bool = False  # the header is closed by the first rule


@dataclass(frozen=True, eq=False)
class Group:
    """User-agent lines and what follows them."""

    tokens: tuple[tuple[str, int], ...]  # in lower case, each with its line
    rules: tuple[Rule, ...]
    records: tuple[Record, ...]

    @cached_property
    def _judge(self) -> rerp.RobotExclusionRulesParser:
        """The group as robotexclusionrulesparser reads it; the line number rides behind the pattern."""
        strongest_first = sorted(self.rules, key=lambda rule: (-len(rule.pattern), not rule.allow, rule.line))
        judge = rerp.RobotExclusionRulesParser()
        lines = (f"{'Allow' if allow else 'Disallow'}: {pattern} {line}" for allow, pattern, line in strongest_first)
        judge.parse("\n".join(("User-agent: *", *lines)))
        return judge

    def ask(self, target: str) -> Verdict:
        """What this group says about a path in normal form (see `_paths.target_of`)."""
        verdict: Verdict = self._judge.is_allowed(EVERYBODY, target) if self.rules else NO_RULE
        return verdict

    def line_of(self, token: str) -> int:
        """The first user-agent line that names the token; 0 when none does."""
        return next((line for name, line in self.tokens if name == token), 0)


@dataclass(frozen=True, eq=False)
class RobotsTxt:
    """A parsed file.

    Attributes:
        groups: In the order of the file; groups for the same tokens are one.
        by_token: Groups per token in lower case; "*" is everybody.
        records: Records before the first group; those after it belong to a group.
        flags: What is odd about the file: "html-body", "bom", "cut", "not-utf8", "malformed-rule",
            "malformed-user-agent", "version-tail" and "closes-header" where these readings would differ, each with
            its line, 0 for the whole file.
        lines: The lines as found, for quotes.
    """

    groups: tuple[Group, ...]
    by_token: Mapping[str, tuple[Group, ...]]
    records: tuple[Record, ...]
    flags: tuple[tuple[str, int], ...]
    lines: tuple[bytes, ...]

    def select(self, agent: str) -> tuple[str, tuple[Group, ...]]:
        """The token whose groups speak to the agent, and these groups: its own, else those for everybody."""
        own = agent.lower()
        if own in self.by_token:
            return own, self.by_token[own]
        return EVERYBODY, self.by_token.get(EVERYBODY, ())

    def quote(self, line: int) -> str:
        """A line as found, at most 200 characters; "" for line 0."""
        return self.lines[line - 1][:800].decode("utf-8", "replace").strip()[:200] if line else ""


def ask(groups: Iterable[Group], target: str) -> Verdict:
    """The answer of merged groups: the longest pattern wins, allow among equals (RFC 9309 2.2.2)."""
    if target == "/robots.txt":
        return NO_RULE  # always allowed, RFC 9309 2.2.2
    answers = [group.ask(target) for group in groups]
    return max(answers, key=_strength, default=NO_RULE) if len(answers) != 1 else answers[0]


def _strength(verdict: Verdict) -> tuple[int, bool]:
    return verdict.length, verdict.allowed


def parse(body: bytes) -> RobotsTxt:
    """Read a file, once: equal bodies share one result. Never raises.

    Remembered are 128 files of up to 64 KiB and 8 larger ones, so memory stays bounded whatever is served.
    """
    return _parse_large(body[: MAX_BYTES + 1]) if len(body) > 65_536 else _parse_small(body)


def parse_otherwise(body: bytes, reading: str) -> RobotsTxt:
    """The file in the other reading of one point: `VERSION_TAIL` or `CLOSES_HEADER`."""
    return _parse_otherwise(body[: MAX_BYTES + 1], reading)


def legacy(body: bytes, agent: str, path: str) -> bool:
    """Whether robotexclusionrulesparser (GYM2008, its default) lets the agent fetch a path, on the text as it is."""
    answer: bool = _legacy(body[:MAX_BYTES]).is_allowed(agent, path)
    return answer


def _parse(body: bytes, reading: str = "") -> RobotsTxt:
    flags: list[tuple[str, int]] = []
    if len(body) > MAX_BYTES:
        flags.append(("cut", 0))
        body = body[:MAX_BYTES]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1] or body  # half a pattern is another pattern
    if mark := _MARK.match(body):
        flags.append(("bom", 1))
        body = body[mark.end() :]
    if body.lstrip()[:1] == b"<":
        flags.append(("html-body", 1))
    if not _is_utf8(body):
        flags.append(("not-utf8", 0))

    lines = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    opened: list[_Open] = [_Open(closed=True)]  # the first holds what stands before any group
    for number, name, value in _records(lines):
        group = opened[-1]
        if name == b"user-agent":
            if group.closed:
                group = _Open()
                opened.append(group)
            elif group.records and reading != CLOSES_HEADER and group.records[-1].name in _CLOSING:
                flags.append((CLOSES_HEADER, number))
            if b"," in value:
                flags.append(("malformed-user-agent", number))
            if b"/" in value:
                flags.append((VERSION_TAIL, number))
            group.tokens.append((_token(value, reading), number))
        elif name in (b"allow", b"disallow"):
            group.closed = True
            if value:  # an empty pattern has no effect
                group.rules.append(Rule(name == b"allow", normal_pattern(value), number))
        else:
            record = Record(name.decode("latin-1"), value, number)
            group.closed |= name == b"content-usage"  # a rule too, draft-ietf-aipref-attach-05
            group.closed |= reading == CLOSES_HEADER and record.name in _CLOSING
            group.records.append(record)
            if name in _MISSPELT:
                flags.append(("malformed-rule", number))

    groups = _merged(opened[1:])
    by_token: dict[str, list[Group]] = {}
    for read in groups:
        for token in dict.fromkeys(name for name, _ in read.tokens):
            by_token.setdefault(token, []).append(read)
    speaking = {token: tuple(speakers) for token, speakers in by_token.items() if token}
    return RobotsTxt(groups, speaking, tuple(opened[0].records), tuple(flags), tuple(lines))


_parse_small = lru_cache(maxsize=128)(_parse)
_parse_large = lru_cache(maxsize=8)(_parse)
_parse_otherwise = lru_cache(maxsize=16)(_parse)


def _merged(opened: list[_Open]) -> tuple[Group, ...]:
    """Groups for exactly the same tokens as one group, so that ten thousand of them cost no more than one."""
    merged: dict[frozenset[str], _Open] = {}
    for group in opened:
        known = merged.setdefault(frozenset(name for name, _ in group.tokens), _Open())
        known.tokens += group.tokens
        known.rules += group.rules
        known.records += group.records
    return tuple(Group(tuple(g.tokens), tuple(g.rules), tuple(g.records)) for g in merged.values())


def _records(lines: list[bytes]) -> Iterator[tuple[int, bytes, bytes]]:
    """Line number, name in lower case and value of each line that has the form of a record."""
    for number, line in enumerate(lines, 1):
        if b":" not in line:
            continue
        name, colon, value = (line.partition(b"#")[0] if b"#" in line else line).partition(b":")
        if colon:
            yield number, name.strip(_BLANKS).lower(), value.strip(_BLANKS)


def _token(value: bytes, reading: str) -> str:
    """A user-agent value as it is compared: whole, without a /version tail or a `*` behind a name, in lower case."""
    token = value if reading == VERSION_TAIL else value.partition(b"/")[0].strip(_BLANKS)
    return (token.rstrip(b"*") or token[:1]).decode("utf-8", "replace").lower()


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class _LinearRuleset(rerp._Ruleset):  # type: ignore[misc]  # the package publishes no types
    """A group as robotexclusionrulesparser keeps it, with our matcher.

    Rules arrive strongest first, as "<pattern> <line>". They are found by the text before their first `*`: a question
    looks up as many texts as there are different lengths of such texts, however many rules there are. Of those found,
    only patterns whose longest other text stands somewhere in the path are tried at all.
    """

    def __init__(self) -> None:
        super().__init__()
        self._by_prefix: dict[str, list[tuple[int, Pattern | None, Verdict]]] = {}
        self._lengths: set[int] = set()

    def add_allow_rule(self, path: str) -> None:
        self._add(path, allow=True)

    def add_disallow_rule(self, path: str) -> None:
        self._add(path, allow=False)

    def _add(self, path: str, *, allow: bool) -> None:
        text, _, line = path.rpartition(" ")
        pattern = Pattern(text) if "*" in text or text.endswith("$") else None  # most are their own prefix
        prefix = pattern.prefix if pattern else text
        self._by_prefix.setdefault(prefix, []).append((len(self.rules), pattern, Verdict(len(text), allow, int(line))))
        self._lengths.add(len(prefix))
        self.rules.append((self.ALLOW if allow else self.DISALLOW, text))

    def is_url_allowed(self, url: str, syntax: int = rerp.GYM2008) -> Verdict:
        """The first rule that matches; the package hands the answer through as it is."""
        best, answer, longest = len(self.rules), NO_RULE, len(url)
        for length in self._lengths:
            if length > longest:
                continue
            for rank, pattern, verdict in self._by_prefix.get(url[:length], ()):
                if rank >= best:
                    break
                if pattern is None or (pattern.longest in url and pattern.matches(url)):
                    best, answer = rank, verdict
                    break
        return answer


class _LegacyRuleset(rerp._Ruleset):  # type: ignore[misc]
    """A group as the package reads it: rules in order, the first that matches, an empty pattern turned round."""

    def is_url_allowed(self, url: str, syntax: int = rerp.GYM2008) -> bool:
        """As the package answers; its regular expressions for `*` and `$` by our matcher."""
        path = rerp._unquote_path(url)
        first = next(((kind, text) for kind, text in self.rules if Pattern(text).matches(path)), None)
        return first is None or bool(first[1]) == (first[0] == rerp._Ruleset.ALLOW)


@lru_cache(maxsize=32)
def _legacy(body: bytes) -> rerp.RobotExclusionRulesParser:
    parser = rerp.RobotExclusionRulesParser()
    rerp._Ruleset = _LegacyRuleset
    try:
        parser.parse(body)
    finally:
        rerp._Ruleset = _LinearRuleset
    return parser


rerp._Ruleset = _LinearRuleset  # the only place that imports the package
