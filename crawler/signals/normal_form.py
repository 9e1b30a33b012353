"""Merges what signals said into one vocabulary: what may be done with the page, and under which license.

Source: reference/signals.md 16. Each signal has resolved its own precedence before. Across signals the most
restrictive state wins, whatever another one grants, and a difference is stated as `conflict`. What others are told
(`proxy-train-ai`) and statements that do not parse (`malformed-reservation`) stay outside the merge.

A new carrier is a row of `MEANING`: fact name and value, and what that says about which use.

`under` gives the facts as a policy reads them: where a specification is silent or is read in two ways, a policy may
take the other reading (signals.md 18); the merged facts follow from that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from functools import cache
from types import MappingProxyType

from crawler.document import Fact, FactValue
from crawler.signals import licenses
from crawler.signals.creative_commons import OTHER, License

FACTS = (
    "train-ai",
    "tdm",
    "search",
    "ai-input",
    "train-nongenerative",
    "embedded-images",
    "proxy-train-ai",
    "data-mining-prohibited",
    "malformed-reservation",
    "conflict",
    "license-and-reservation",
    "license",
    "license.class",
)

STRICTEST = "strictest"  # a reading of robots.txt: refused where any reading refuses
Readings = frozenset[str]  # open points that are read the other way
AS_SPECIFIED: Readings = frozenset()


class State(IntEnum):
    """What is said about a use, weakest first; the strongest wins."""

    UNKNOWN = 0
    PERMITTED = 1
    CONDITIONAL = 2
    RESERVED = 3


_ANY: FactValue = ""  # a row for every value of a fact

_R, _C, _P = State.RESERVED, State.CONDITIONAL, State.PERMITTED
_ALL_MINING = {"train-ai": _R, "train-nongenerative": _R, "tdm": _R}
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
        ("content-usage.train-ai", "n"): {"train-ai": _R},
        ("content-usage.train-ai", "y"): {"train-ai": _P},
        ("content-usage.ai-use", "n"): {"ai-input": _R},
        ("content-usage.ai-use", "y"): {"ai-input": _P},
        ("content-usage.search", "n"): {"search": _R},
        ("content-usage.search", "y"): {"search": _P},
        ("content-signal.ai-train", "no"): {"train-ai": _R},
        ("content-signal.ai-train", "yes"): {"train-ai": _P},
        ("content-signal.ai-input", "no"): {"ai-input": _R},
        ("content-signal.ai-input", "yes"): {"ai-input": _P},
        ("content-signal.search", "no"): {"search": _R},
        ("content-signal.search", "yes"): {"search": _P},
        **{
            (f"rsl.{name}", state.name.lower()): {use: state}
            for name, use in (("ai-train", "train-ai"), ("ai-input", "ai-input"), ("search", "search"))
            for state in (_R, _C, _P)
        },
        ("ai-txt", "disallowed"): {"train-ai": _R},
        ("ai-txt", "allowed"): {"train-ai": _P},
        ("trust-txt.datatrainingallowed", "no"): {"train-ai": _R},
        ("trust-txt.datatrainingallowed", "yes"): {"train-ai": _P},
        ("plus.data-mining", "DMI-ALLOWED"): {"train-ai": _P, "tdm": _P},
        ("plus.data-mining", "DMI-PROHIBITED-AIMLTRAINING"): {"train-ai": _R, "train-nongenerative": _R},
        ("plus.data-mining", "DMI-PROHIBITED-GENAIMLTRAINING"): {"train-ai": _R},
        ("plus.data-mining", "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING"): {**_ALL_MINING, "search": _P},
        ("plus.data-mining", "DMI-PROHIBITED"): {**_ALL_MINING, "search": _R},
        ("plus.data-mining", "DMI-PROHIBITED-SEECONSTRAINT"): _ALL_MINING,
        ("plus.data-mining", "DMI-PROHIBITED-SEEEMBEDDEDRIGHTSEXPR"): _ALL_MINING,
        ("plus.data-mining", "DMI-PROHIBITED-SEELINKEDRIGHTSEXPR"): _ALL_MINING,
        **{
            (f"c2pa.{name}", word): {use: state}
            for name, use in (
                ("generative-training", "train-ai"),
                ("inference", "ai-input"),
                ("training", "train-nongenerative"),
                ("data-mining", "tdm"),
            )
            for word, state in (("notAllowed", _R), ("constrained", _C), ("allowed", _P))
        },
        ("ai-token", _ANY): {"proxy-train-ai": _R},
        ("ai-token.allowed", _ANY): {"proxy-train-ai": _P},
        ("ai-token.signal", _ANY): {"proxy-train-ai": _R},
    }
)

# A statement that tries to reserve and is not valid; a fact of these names says why.
MALFORMED = frozenset(
    (
        "x-robots-tag.malformed",
        "robots-meta.malformed",
        "tdm-reservation.malformed",
        "content-usage.malformed",
        "content-signal.malformed",
        "rsl.malformed",
        "plus.data-mining.malformed",
        "c2pa.malformed",
    )
)
# Facts that hold many words at once: the other reading adds one, and takes none away.
_WORDS = frozenset(("x-robots-tag", "x-robots-tag.image", "robots-meta"))

_MERGED_USES = ("train-ai", "tdm", "search", "ai-input", "train-nongenerative", "embedded-images")
_RSL = "rsl:"  # before the address of an RSL document, where it is named as a license
_MAX_SOURCES = 5  # named in one merged fact


@cache
def sources(name: str) -> frozenset[str]:
    """Names of the facts that a merged fact is made of; of any other fact, none."""
    if name in ("license", "license.class"):
        return frozenset(("license.link", "license.spdx", "rsl.license", "access"))
    if name == "malformed-reservation":
        return MALFORMED
    if name == "data-mining-prohibited":
        return frozenset(("plus.data-mining",))
    if name in ("conflict", "license-and-reservation"):
        return frozenset(carrier for carrier, _ in MEANING)
    return frozenset(carrier for (carrier, _), said in MEANING.items() if name in said)


def under(facts: Iterable[Fact], readings: Readings = AS_SPECIFIED) -> tuple[Fact, ...]:
    """The facts as somebody reads them who takes the other reading of these points, and what they come to.

    `robots_reading` of a policy is such a point, too: "legacy", or `STRICTEST` of all readings of robots.txt.
    """
    stated = tuple(facts)
    if readings:
        stated = tuple(_read_the_other_way(stated, readings))
    return (*stated, *normal_form(stated))


def _read_the_other_way(facts: Sequence[Fact], readings: Collection[str]) -> Iterator[Fact]:
    parts = ((fact.name.partition("@"), fact) for fact in facts)
    others = [(name, fact) for (name, _, point), fact in parts if point in readings]
    if STRICTEST in readings:
        refusing = [fact for fact in facts if fact.name.startswith("robots@") and fact.value == "disallowed"]
        others += [("robots", fact) for fact in refusing]
    replaced = {(name, _carrier(fact)) for name, fact in others if name not in _WORDS}
    for fact in facts:
        if (fact.name, _carrier(fact)) not in replaced:
            yield fact
    for name, fact in others:
        yield Fact(name, fact.value, fact.where, fact.quote)


def _carrier(fact: Fact) -> str:
    """The header, file or element kind that a place belongs to; all of robots.txt is one, also what stands for it."""
    return "robots" if fact.name.partition("@")[0] == "robots" else fact.where.partition(":")[0]


def normal_form(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The merged facts, in the order of `FACTS`; the order of the given ones never matters.

    Silence is stated ("unknown", license class "all-rights-reserved") only where `access` says that a page was
    seen: before that it is not known whether the page is silent. `where` and `quote` are those of the strongest
    sources, several joined by "; ".
    """
    known = sorted(set(facts), key=_order)
    page_seen = any(fact.name == "access" for fact in known)
    said = _statements(known)
    named = tuple(_licenses(known, page_seen))
    return (
        *_uses(said, page_seen),
        *_prohibited(known),
        *_malformed(known),
        *_conflicts(said),
        *_beside_a_license(said, named),
        *named,
    )


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
    said = [fact for fact in facts if fact.name in MALFORMED]
    if said:
        yield _merged("malformed-reservation", True, said)


def _prohibited(facts: Sequence[Fact]) -> Iterator[Fact]:
    """The words of PLUS, apart from the merge: some policies treat a refusal inside the file as a license on offer."""
    said = [f for f in facts if f.name == "plus.data-mining" and str(f.value).startswith("DMI-PROHIBITED")]
    if said:
        yield _merged("data-mining-prohibited", True, said)


def _conflicts(said: _Statements) -> Iterator[Fact]:
    disputed = (said[use] for use in _MERGED_USES if use in said and len(said[use]) > 1)
    if said_differently := {fact for states in disputed for facts in states.values() for fact in facts}:
        yield _merged("conflict", True, sorted(said_differently, key=_order))


def _beside_a_license(said: _Statements, named: Sequence[Fact]) -> Iterator[Fact]:
    """A license and a reservation stand side by side; neither cancels the other. Terms on offer (RSL) are none yet."""
    reserving = said.get("train-ai", {}).get(State.RESERVED, ())
    named = [fact for fact in named if fact.name == "license" and not str(fact.value).startswith(_RSL)]
    if reserving and named:
        yield _merged("license-and-reservation", True, [*reserving, *named])


def _licenses(facts: Sequence[Fact], page_seen: bool) -> Iterator[Fact]:
    """The licenses of the page. Addresses that nobody can read, and RSL's, count only where no license is recognized.

    Of several licenses every restriction counts: "open" and "public-domain" are stated only without one. An RSL
    document may be known before the page is; what the page itself names is not, so the document has to wait.
    """
    read = [(fact, _license(fact)) for fact in facts if fact.name in ("license.link", "license.spdx")]
    if recognized := [(fact, license_) for fact, license_ in read if license_]:
        named = [(fact, license_.spdx or str(fact.value), license_.classes) for fact, license_ in recognized]
    else:
        named = [(fact, str(fact.value), (OTHER,)) for fact, _ in read]
        named += [(f, f"{_RSL}{f.value}", (OTHER,)) for f in facts if f.name == "rsl.license" and page_seen]
    yield from _by_name("license", [(name, fact) for fact, name, _ in named])
    kinds = [(kind, fact) for fact, _, classes in named for kind in classes]
    holding = licenses.together(kind for kind, _ in kinds)
    yield from _by_name("license.class", [(kind, fact) for kind, fact in kinds if kind in holding])
    if page_seen and not named:
        yield Fact("license.class", "all-rights-reserved", "law")


def _license(fact: Fact) -> License | None:
    """The license that a link or an expression names; an expression names one also where it is not known here."""
    text = str(fact.value)
    if fact.name == "license.link":
        return licenses.of_address(text)
    return License(text, licenses.classes_of(text) or (OTHER,))


def _by_name(name: str, said: Sequence[tuple[str, Fact]]) -> Iterator[Fact]:
    for value in sorted({value for value, _ in said}):
        yield _merged(name, value, [fact for each, fact in said if each == value])


def _merged(name: str, value: FactValue, sources: Sequence[Fact]) -> Fact:
    places = list(dict.fromkeys(fact.where for fact in sources if fact.where))
    return Fact(name, value, "; ".join(places[:_MAX_SOURCES]), sources[0].quote)


def _order(fact: Fact) -> tuple[str, str, str, str, str]:
    return fact.name, str(fact.value), fact.where, fact.quote, type(fact.value).__name__
