"""Where a decision that was repeated differs from what the ledger and the facts say. Never a quote: it may be text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from crawler.audit.facts import text_of
from crawler.audit.line import line_of
from crawler.document import Decision, Fact, Fetched, Judged, Outcome
from crawler.redecide import Redecided
from crawler.written_facts import note_of

_NOT_REPEATED = frozenset({"time", "evidence", "shard"})
MOST_OF_VALUE = 200  # characters
_MASK = re.compile(r"(?:\[|%5B)[A-Z_]+(?:\]|%5D)")  # what stands for an identifier in addresses and texts


class Difference(NamedTuple):
    """One member of a line, or one fact behind it, that comes out differently.

    `where` is the line's place, `url` is masked as in the ledger, `policy` is "" for a fact, which is all policies'.
    """

    where: str
    url: str
    policy: str
    member: str
    stored: str
    now: str

    def __str__(self) -> str:
        policy = f" under {self.policy}" if self.policy else ""
        return f"{self.where}: {self.url}{policy}: {self.member}: stored {self.stored or '-'}, now {self.now or '-'}"


def members_of(found: Redecided) -> dict[str, Any]:
    """What a line says that follows from the facts alone."""
    return {"result": found.result, "stage": found.stage.value, **_of_decision(found.decision)}


def members_anew(judged: Judged, outcome: Outcome, looked_at: Collection[str], facts: Iterable[Fact]) -> dict[str, Any]:
    """What a line says that follows from the page; `facts` as they are written."""
    line = line_of(
        judged,
        outcome,
        digest="",
        time=datetime.now(UTC),
        masked_url="",
        note=note_of(looked_at, facts),
    ).as_mapping()
    apart = {*_NOT_REPEATED, "digest", "url", "url_sha256", "site", "policy"}
    return {name: value for name, value in line.items() if name not in apart}


def differing(line: Mapping[str, Any], members: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Name, stored and new value of each member that differs; an unchanged page is what its record was written as."""
    stands = line.get("unchanged")
    said = {**line, "result": stands.get("result")} if isinstance(stands, Mapping) else line
    for name, value in members.items():
        if said.get(name) != value:
            yield name, _shown(said.get(name)), _shown(value)


def differing_facts(
    stored: Iterable[Fact], now: Iterable[Fact], *, masked: Collection[str] | None = None
) -> Iterator[tuple[str, str, str]]:
    """Name, stored and new value of each fact that is not on both sides, in the order of their names.

    Args:
        stored: As they were written.
        now: As they would be written.
        masked: Places ("header:location") of what was masked before it was read, where `now` comes from such a record;
            what stands there is passed by, and what has a mask on either side need agree in name and place only.
    """
    before, after = Counter(map(_comparable, stored)), Counter(map(_comparable, now))
    gone, come = list((before - after).elements()), list((after - before).elements())
    if masked is not None:
        gone, come = ([fact for fact in each if not any(p in fact.where for p in masked)] for each in (gone, come))
    for fact in list(gone) if masked is not None else ():
        twin = next((each for each in come if _is_twin(fact, each)), None)
        if twin:
            gone.remove(fact)
            come.remove(twin)
    for name in sorted({fact.name for fact in (*gone, *come)}):
        here, there = (sorted(_told(fact) for fact in each if fact.name == name) for each in (gone, come))
        if here == there:
            here, there = [*here, "(its quote)"], [*there, "(another quote)"]
        yield f"fact {name}", "; ".join(here)[:MOST_OF_VALUE], "; ".join(there)[:MOST_OF_VALUE]


def masked_places(page: Fetched) -> tuple[str, ...]:
    """The headers of a stored exchange in which an identifier was masked, as facts name their places."""
    return tuple(f"header:{name.lower()}" for name, value in page.headers if _MASK.search(value))


def _of_decision(decision: Decision) -> dict[str, Any]:
    deciding = decision.deciding
    return {
        "rule": deciding.rule if deciding else "",
        "effect": deciding.effect if deciding else "",
        "status": deciding.status if deciding else "",
        "citations": list(deciding.citations) if deciding else [],
        "rules": [fired.rule for fired in decision.fired],
        "met": list(decision.met),
    }


class _Cells(NamedTuple):
    """A fact as a file of facts gives it back."""

    name: str
    value: str
    type: str
    where: str
    quote: str


def _comparable(fact: Fact) -> _Cells:
    kind = type(fact.value).__name__  # Python takes 1 for True
    return _Cells(fact.name, _clean(text_of(fact.value)), kind, _clean(fact.where), _clean(fact.quote))


def _is_twin(one: _Cells, other: _Cells) -> bool:
    same = (one.name, one.type, one.where) == (other.name, other.type, other.where)
    return same and any(_MASK.search(text) for cells in (one, other) for text in (cells.value, cells.quote))


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _told(fact: _Cells) -> str:
    return fact.value + (f" ({fact.where})" if fact.where else "")


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))[:MOST_OF_VALUE]
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items())[:MOST_OF_VALUE]
    return str(value)[:MOST_OF_VALUE]
