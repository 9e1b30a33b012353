"""Measures: what a set rule wants to know about the whole set, and which records break it.

A measure writes the keys that break the rule into the table `broken`, and answers with a state. It changes nothing
else, so that all rules look at the same set and their order decides nothing.

Population of the samples: what would be released, and what people rejected of that which the crawl kept, so that taking
the bad ones out does not make a sample look better.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crawler.policy.set_rules import Home, Measure, SetEffect, SetRule, When
from crawler.release.census import Census

_RELEASED = "place = 'in'"
_POPULATION = "(place = 'in' OR (place = 'rejected' AND rule = '' AND NOT was_held))"
_ENDS_IN = "'.' || source LIKE ?"
_LOOKED = "(mark != '' OR finding IS NOT NULL)"
_BAD = "(mark = 'bad' OR (mark = '' AND finding = 1))"


class State(StrEnum):
    """What came of measuring."""

    KEPT = "kept"
    NOT_KEPT = "not kept"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Measured:
    """A rule held against the set.

    Attributes:
        state: Whether the limit is kept.
        value: What was measured, the worst of all sources or creators; None where nothing was.
        details: Counts that belong to it.
    """

    state: State
    value: float | None
    details: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Way:
    """How a measure is taken, and the expression over `record` that its broken keys are values of."""

    take: Callable[[Census, SetRule], Measured]
    key: str


def measure(census: Census, rule: SetRule) -> Measured:
    """Hold one rule against the set as it stands."""
    census.run("DELETE FROM broken WHERE rule = ?", rule.id)
    return _WAYS[rule.measure].take(census, rule)


def take_out(census: Census, rule: SetRule) -> int:
    """Let the rule's effect follow for the records that break it; says how many it took out.

    A record that a person approved is held no more; dropped it is all the same. What people rejected stays rejected,
    and leaves the samples with its source.
    """
    place = "dropped" if rule.effect is SetEffect.DROP_SOURCE else "held"
    unless = "" if rule.effect is SetEffect.DROP_SOURCE else "AND mark != 'approve'"
    key = _WAYS[rule.measure].key
    return census.run(
        "UPDATE record SET place = CASE place WHEN 'in' THEN ? ELSE place END, rule = ? "
        f"WHERE place IN ('in', 'rejected') AND rule = '' {unless} "
        f"AND {key} IN (SELECT key FROM broken WHERE rule = ?)",
        place, rule.id, rule.id,
    ).rowcount  # fmt: skip


def _bad_content(census: Census, rule: SetRule) -> Measured:
    """Per source: the share of bad records among those drawn, where what is still open counts as good."""
    if rule.when is When.BEFORE_COLLECTION:
        table = f"""SELECT source, items, bad, COALESCE(items, 0) < ? AS unfinished, failed FROM
            (SELECT DISTINCT source, MAX(failed) AS failed FROM record WHERE {_POPULATION} GROUP BY source)
            LEFT JOIN assessed USING (source)"""
        values: tuple[object, ...] = (rule.sample or 1,)
    else:
        _draw_per_source(census, rule)
        table = f"""SELECT source, COUNT(*) AS items, SUM({_BAD}) AS bad, SUM(NOT {_LOOKED}) > 0 AS unfinished,
            0 AS failed FROM ({_drawn(rule)}) GROUP BY source"""
        values = ()
    limit = rule.limit
    census.run(
        f"INSERT INTO broken SELECT ?, source FROM ({table}) WHERE failed OR CAST(bad AS REAL) / items > ?",
        rule.id, *values, limit,
    )  # fmt: skip
    sources, over = _count(census, f"SELECT COUNT(*) FROM ({table})", *values), _broken(census, rule)
    open_ = _count(
        census,
        f"SELECT COUNT(*) FROM ({table}) WHERE unfinished AND source NOT IN (SELECT key FROM broken WHERE rule = ?)",
        *values, rule.id,
    )  # fmt: skip
    looked = sources - _count(census, f"SELECT COUNT(*) FROM ({table}) WHERE unfinished", *values)
    worst = census.run(f"SELECT MAX(CAST(bad AS REAL) / items) FROM ({table})", *values).fetchone()[0]
    details = {"sources": sources, "over": over, "not measured": open_}
    state = _state(over, open_) if sources else State.NOT_MEASURED
    return Measured(state, worst if looked or over else None, details)


def _draw_per_source(census: Census, rule: SetRule) -> None:
    """Put those whom nobody has looked at yet on the list for people."""
    census.run(f"INSERT OR IGNORE INTO sample SELECT id FROM ({_drawn(rule)}) WHERE NOT {_LOOKED}")


def _drawn(rule: SetRule) -> str:
    """The rows drawn from each source: `sample` of each, or all."""
    rows = f"SELECT *, ROW_NUMBER() OVER (PARTITION BY source ORDER BY draw) AS nth FROM record WHERE {_POPULATION}"
    return f"SELECT * FROM ({rows}) WHERE nth <= {rule.sample}" if rule.sample else rows


def _sources(census: Census, rule: SetRule) -> Measured:
    """Per language and kind: how many sites (registrable domains) there are."""
    table = f"""SELECT language || '/' || kind AS pair, COUNT(DISTINCT site) AS sites
        FROM record WHERE {_RELEASED} GROUP BY pair"""
    census.run(f"INSERT INTO broken SELECT ?, pair FROM ({table}) WHERE sites < ?", rule.id, rule.limit)
    fewest = census.run(f"SELECT MIN(sites) FROM ({table})").fetchone()[0]
    over = _broken(census, rule)
    pairs = _count(census, f"SELECT COUNT(*) FROM ({table})")
    return Measured(_state(over, 0), fewest, {"languages and kinds": pairs, "under": over})


def _foreign(census: Census, rule: SetRule) -> Measured:
    """The share of records that are not domestic; those beyond the limit, as the seed draws them, break the rule."""
    assert rule.home is not None  # the model saw to it
    foreign, values = _not_domestic(rule.home)
    total = _count(census, f"SELECT COUNT(*) FROM record WHERE {_RELEASED}")
    abroad = _count(census, f"SELECT COUNT(*) FROM record WHERE {_RELEASED} AND {foreign}", *values)
    share = abroad / total if total else None
    details = {"records": total, "foreign": abroad}
    if share is None or rule.keeps(share):
        return Measured(State.KEPT, share, details)
    census.run(
        f"INSERT INTO broken SELECT ?, id FROM record WHERE {_RELEASED} AND {foreign} "
        "ORDER BY mark = 'approve', draw LIMIT ?",
        rule.id, *values, abroad - _most(rule.limit, total - abroad),
    )  # fmt: skip
    return Measured(State.NOT_KEPT, share, details)


def _not_domestic(home: Home) -> tuple[str, tuple[object, ...]]:
    """SQL for a record that is not in a home language, or not from under a home suffix."""
    foreign = []
    if home.languages:
        foreign.append(f"language NOT IN ({', '.join('?' * len(home.languages))})")
    if home.suffixes:
        foreign.append(f"NOT ({' OR '.join([_ENDS_IN] * len(home.suffixes))})")
    return f"({' OR '.join(foreign)})", (*home.languages, *(f"%.{suffix}" for suffix in home.suffixes))


def _most(limit: float, domestic: int) -> int:
    """How many foreign records fit beside so many domestic ones."""
    if limit >= 1:
        return domestic
    most = math.floor(limit / (1 - limit) * domestic) + 1  # one too many, for what the division lost
    while most and most / (most + domestic) > limit:
        most -= 1
    return most


def _creators(census: Census, rule: SetRule) -> Measured:
    """The largest share of one creator: the author, else the source."""
    total = _count(census, f"SELECT COUNT(*) FROM record WHERE {_RELEASED}")
    table = f"SELECT creator, COUNT(*) AS works FROM record WHERE {_RELEASED} GROUP BY creator"
    most = census.number(f"SELECT MAX(works) FROM ({table})")
    details = {"records": total, "creators": _count(census, f"SELECT COUNT(*) FROM ({table})")}
    if total < (rule.of_at_least or 1):
        return Measured(State.KEPT, None, {**details, "measured from": rule.of_at_least or 1})
    census.run(f"INSERT INTO broken SELECT ?, creator FROM ({table}) WHERE CAST(works AS REAL) / ? > ?",
               rule.id, total, rule.limit)  # fmt: skip
    over = _broken(census, rule)
    return Measured(_state(over, 0), most / total, {**details, "over": over})


def _human(census: Census, rule: SetRule) -> Measured:
    """The share that people passed of the records drawn; the whole set where that is smaller."""
    assert rule.sample is not None  # the model saw to it
    table = f"SELECT * FROM record WHERE {_POPULATION} ORDER BY draw LIMIT {rule.sample}"
    census.run(f"INSERT OR IGNORE INTO sample SELECT id FROM ({table})")
    return _pass(census, rule, table, looked="mark != ''", passed="mark IN ('good', 'approve')")


def _automatic(census: Census, rule: SetRule) -> Measured:
    """The share without a finding of the records drawn, each looked at by a program."""
    assert rule.share is not None  # the model saw to it
    total = _count(census, f"SELECT COUNT(*) FROM record WHERE {_POPULATION}")
    table = f"SELECT * FROM record WHERE {_POPULATION} ORDER BY draw LIMIT {math.ceil(rule.share * total)}"
    return _pass(census, rule, table, looked="finding IS NOT NULL", passed="finding = 0")


def _pass(census: Census, rule: SetRule, table: str, *, looked: str, passed: str) -> Measured:
    """Not kept as soon as the rest cannot mend it; kept only when all were looked at."""
    drawn, seen, well = (
        _count(census, f"SELECT SUM({what}) FROM ({table})") for what in ("1", looked, f"{looked} AND {passed}")
    )
    details = {"drawn": drawn, "looked at": seen, "passed": well}
    value = well / seen if seen else None
    if drawn and not rule.keeps((well + drawn - seen) / drawn):
        return Measured(State.NOT_KEPT, value, details)
    return Measured(State.KEPT if 0 < drawn == seen else State.NOT_MEASURED, value, details)


def _state(over: int, open_: int) -> State:
    return State.NOT_KEPT if over else State.NOT_MEASURED if open_ else State.KEPT


def _broken(census: Census, rule: SetRule) -> int:
    return _count(census, "SELECT COUNT(*) FROM broken WHERE rule = ?", rule.id)


def _count(census: Census, statement: str, *values: object) -> int:
    return int(census.number(statement, *values))


_WAYS: Mapping[Measure, _Way] = {
    Measure.BAD_CONTENT_RATIO: _Way(_bad_content, "source"),
    Measure.SOURCES_PER_LANGUAGE_AND_KIND: _Way(_sources, "language || '/' || kind"),
    Measure.FOREIGN_SHARE: _Way(_foreign, "id"),
    Measure.SINGLE_CREATOR_SHARE: _Way(_creators, "creator"),
    Measure.HUMAN_SAMPLE: _Way(_human, "NULL"),
    Measure.AUTOMATIC_SAMPLE: _Way(_automatic, "NULL"),
}
