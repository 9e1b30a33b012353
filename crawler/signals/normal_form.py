"""Merges what signals said into one vocabulary: what may be done with the page, and under which license.

Source: reference/signals.md 16. Each signal has resolved its own precedence before. Across signals the most
restrictive state wins, whatever another one grants, and a difference is stated as `conflict`. What others are told
(`proxy-train-ai`) and statements that do not parse (`malformed-reservation`) stay outside the merge.

A new carrier is a row of `MEANING`: fact name and value, and what that says about which use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType

from crawler.document import Fact, FactValue
from crawler.signals import creative_commons

FACTS = (
    "train-ai",
    "tdm",
    "embedded-images",
    "proxy-train-ai",
    "malformed-reservation",
    "conflict",
    "license",
    "license.class",
)


class State(IntEnum):
    """What is said about a use, weakest first; the strongest wins."""

    UNKNOWN = 0
    PERMITTED = 1
    CONDITIONAL = 2
    RESERVED = 3


_ANY: FactValue = ""  # a row for every value of a fact

_R, _P = State.RESERVED, State.PERMITTED
_NOAI = {"train-ai": _R, "tdm": _R, "embedded-images": _R}
_NOIMAGEAI = {"embedded-images": _R}

MEANING: Mapping[tuple[str, FactValue], Mapping[str, State]] = MappingProxyType(
    {
        ("x-robots-tag", "noai"): _NOAI,
        ("x-robots-tag", "noimageai"): _NOIMAGEAI,
        ("x-robots-tag.image", "noimageai"): _NOAI,
        ("robots-meta", "noai"): _NOAI,
        ("robots-meta", "noimageai"): _NOIMAGEAI,
        ("tdm-reservation", "1"): {"train-ai": _R, "tdm": _R},
        ("tdm-reservation", "0"): {"train-ai": _P, "tdm": _P},
        ("ai-token", _ANY): {"proxy-train-ai": _R},
        ("ai-token.allowed", _ANY): {"proxy-train-ai": _P},
    }
)

MALFORMED: frozenset[tuple[str, FactValue]] = frozenset(
    (
        ("x-robots-tag.malformed", True),
        ("robots-meta.malformed", True),
        ("robots-meta.in-body", "noai"),
        ("robots-meta.in-body", "noimageai"),
        ("tdm-reservation.malformed", True),
    )
)

_MERGED_USES = ("train-ai", "tdm", "embedded-images")
_MAX_SOURCES = 5  # named in one merged fact


def normal_form(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The merged facts, in the order of `FACTS`; the order of the given ones never matters.

    Silence is stated ("unknown", license class "all-rights-reserved") only where `access` says that a page was
    seen: before that it is not known whether the page is silent. `where` and `quote` are those of the strongest
    sources, several joined by "; ".
    """
    known = sorted(set(facts), key=_order)
    page_seen = any(fact.name == "access" for fact in known)
    said = _statements(known)
    return (*_uses(said, page_seen), *_malformed(known), *_conflicts(said), *_licenses(known, page_seen))


_Statements = Mapping[str, Mapping[State, Sequence[Fact]]]


def _statements(facts: Sequence[Fact]) -> _Statements:
    """For each use what is said about it, by state."""
    said: dict[str, dict[State, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        meaning = MEANING.get((fact.name, fact.value)) or MEANING.get((fact.name, _ANY)) or {}
        for use, state in meaning.items():
            said[use][state].append(fact)
    return said


def _uses(said: _Statements, page_seen: bool) -> Iterator[Fact]:
    for use in (*_MERGED_USES, "proxy-train-ai"):
        if use in said:
            state = max(said[use])
            yield _merged(use, state.name.lower(), said[use][state])
        elif page_seen:
            yield Fact(use, "unknown")


def _malformed(facts: Sequence[Fact]) -> Iterator[Fact]:
    if sources := [fact for fact in facts if (fact.name, fact.value) in MALFORMED]:
        yield _merged("malformed-reservation", True, sources)


def _conflicts(said: _Statements) -> Iterator[Fact]:
    disputed = (said[use] for use in _MERGED_USES if use in said and len(said[use]) > 1)
    if sources := {fact for states in disputed for facts in states.values() for fact in facts}:
        yield _merged("conflict", True, sorted(sources, key=_order))


def _licenses(facts: Sequence[Fact], page_seen: bool) -> Iterator[Fact]:
    """The licenses of the page. Addresses that nobody can read count only where no license is recognized.

    Of several licenses every restriction counts: "open" and "public-domain" are stated only without one.
    """
    links = [(fact, creative_commons.recognize(str(fact.value))) for fact in facts if fact.name == "license.link"]
    recognized = [(fact, license_) for fact, license_ in links if license_]
    sources: dict[str, list[Fact]] = defaultdict(list)
    classes: dict[str, list[Fact]] = defaultdict(list)
    for fact, license_ in recognized:
        sources[license_.spdx or str(fact.value)].append(fact)
        for kind in license_.classes:
            classes[kind].append(fact)
    if not recognized:
        for fact, _ in links:
            sources[str(fact.value)].append(fact)
            classes[creative_commons.OTHER].append(fact)
    restrictions = set(classes) - {creative_commons.OPEN, creative_commons.PUBLIC_DOMAIN}
    for address in sorted(sources):
        yield _merged("license", address, sources[address])
    for kind in sorted(restrictions or classes):
        yield _merged("license.class", kind, classes[kind])
    if page_seen and not links:
        yield Fact("license.class", "all-rights-reserved", "law")


def _merged(name: str, value: FactValue, sources: Sequence[Fact]) -> Fact:
    places = list(dict.fromkeys(fact.where for fact in sources if fact.where))
    return Fact(name, value, "; ".join(places[:_MAX_SOURCES]), sources[0].quote)


def _order(fact: Fact) -> tuple[str, str, str, str, str]:
    return fact.name, str(fact.value), fact.where, fact.quote, type(fact.value).__name__
