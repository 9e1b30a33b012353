"""Addresses by what is asked: words of the address, site, rule, words of a reason, outcome, or that policies differ."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from crawler.audit.find import wanted
from crawler.audit.summary import EVERY_RESULT

PAGE = 50  # addresses on one page
MOST_NAMES = 20  # sites or rules that fit a search
SHORTEST = 3  # characters that a part of an address must have
_WORD = re.compile(r"\w+")


class FoundRow(NamedTuple):
    """An address with its outcome under each policy."""

    sha256: str
    url: str
    site: str
    outcomes: Mapping[str, str]
    rules: Mapping[str, str]


class FoundRows(NamedTuple):
    """One page of addresses; `after` begins the next one, 0 when there is none."""

    policies: tuple[str, ...]
    rows: tuple[FoundRow, ...]
    after: int


class FoundNames(NamedTuple):
    """Sites and rules whose names fit."""

    sites: tuple[str, ...]
    rules: tuple[str, ...]


def exact(database: sqlite3.Connection, asked: str) -> str:
    """The SHA-256 of the one address that is asked for whole, masked or not, or by that digest; "" for none."""
    what = wanted(asked)
    names = [bytes.fromhex(name) for name in what.names if re.fullmatch("[0-9a-f]{64}", name)]
    for name in names:
        if database.execute("SELECT 1 FROM urls WHERE sha256 = ?", (name,)).fetchone():
            return name.hex()
    return ""


def names_like(database: sqlite3.Connection, asked: str) -> FoundNames:
    """Sites and rules with these characters in their names."""
    like = "%" + asked.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    statement = "SELECT {1} FROM {0} WHERE {1} LIKE ? ESCAPE '\\' ORDER BY length({1}), {1} LIMIT ?"
    found = (
        tuple(row[0] for row in database.execute(statement.format(table, column), (like, MOST_NAMES)))
        for table, column in (("sites", "host"), ("rules", "name"))
    )
    return FoundNames(*found)


def rows_about(database: sqlite3.Connection, asked: Mapping[str, str], after: int = 0) -> FoundRows:
    """Addresses that fit all that is asked, in the order in which they were decided.

    Args:
        database: The index.
        asked: Of `q` (part of the address), `reason`, `site`, `rule`, `policy`, `outcome`, `differ` ("jp,eu").
        after: Where the page before ended.
    """
    conditions, values = ["urls.id > ?"], [after]  # type: list[str], list[object]
    for condition, bound in _conditions(asked):
        conditions.append(condition)
        values += bound
    statement = f"SELECT id FROM urls WHERE {' AND '.join(conditions)} ORDER BY id LIMIT {PAGE + 1}"
    ids = [row[0] for row in database.execute(statement, values)]
    policies = tuple(row[0] for row in database.execute("SELECT name FROM policies ORDER BY id"))
    rows = tuple(_row(database, number) for number in ids[:PAGE])
    return FoundRows(policies, rows, ids[PAGE - 1] if len(ids) > PAGE else 0)


def _conditions(asked: Mapping[str, str]) -> list[tuple[str, list[object]]]:
    found: list[tuple[str, list[object]]] = []
    if len(part := asked.get("q", "").strip()) >= SHORTEST:
        # The trigrams find candidates; LIKE takes "%" and "_" for wildcards, so the second look is literal.
        found.append(("id IN (SELECT rowid FROM urls_text WHERE url LIKE ?)", [f"%{part}%"]))
        found.append(("instr(lower(url), lower(?)) > 0", [part]))
    if words := _WORD.findall(asked.get("reason", "")):
        phrase = " ".join(f'"{word}"' for word in words[:20])
        notes = "SELECT rowid FROM notes_text WHERE notes_text MATCH ?"
        found.append((f"id IN (SELECT url FROM lines WHERE counts AND note IN ({notes}))", [phrase]))
    if host := asked.get("site", ""):
        found.append(("site = (SELECT id FROM sites WHERE host = ?)", [host]))
    first, comma, second = asked.get("differ", "").partition(",")
    if comma:
        found.append((_OUTCOME.format("!="), [first, second]))
    if line := _line_condition(asked):
        found.append(line)
    return found


_OF = "SELECT outcome FROM lines WHERE url = urls.id AND counts AND policy = (SELECT id FROM policies WHERE name = ?)"
_OUTCOME = f"coalesce(({_OF}), '') {{}} coalesce(({_OF}), '')"


def _line_condition(asked: Mapping[str, str]) -> tuple[str, list[object]] | None:
    """What must hold of one and the same line."""
    conditions, values = ["counts"], []  # type: list[str], list[object]
    if rule := asked.get("rule", ""):
        conditions.append("rule = (SELECT id FROM rules WHERE name = ?)")
        values.append(rule)
    if policy := asked.get("policy", ""):
        conditions.append("policy = (SELECT id FROM policies WHERE name = ?)")
        values.append(policy)
    if (outcome := asked.get("outcome", "")) in EVERY_RESULT:
        conditions.append("outcome = ?")
        values.append(outcome)
    if not values:
        return None
    if rule:
        return f"id IN (SELECT url FROM lines WHERE {' AND '.join(conditions)})", values
    return f"EXISTS (SELECT 1 FROM lines WHERE url = urls.id AND {' AND '.join(conditions)})", values


def _row(database: sqlite3.Connection, number: int) -> FoundRow:
    name, url, host = database.execute(
        "SELECT sha256, url, host FROM urls LEFT JOIN sites ON sites.id = urls.site WHERE urls.id = ?", (number,)
    ).fetchone()
    lines = database.execute(
        "SELECT policies.name, outcome, coalesce(rules.name, '') FROM lines JOIN policies ON policies.id = policy "
        "LEFT JOIN rules ON rules.id = rule WHERE url = ? AND counts",
        (number,),
    ).fetchall()
    outcomes = {policy: outcome for policy, outcome, _ in lines}
    return FoundRow(name.hex(), url, host or "", outcomes, {policy: rule for policy, _, rule in lines})
