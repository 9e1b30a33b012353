"""Texts that a crawl has already: the first one written under a policy stays, a later one is an outcome of its own.

Written is what is kept or held. Which page is the first depends on the order in which pages are recorded, so two crawls
of the same pages may keep different ones of two that are alike; never none. `settle` looks and changes nothing,
`commit` remembers. All is on the disk but the lines of sites, of which a bounded number is in memory.
"""

from __future__ import annotations

import errno
import sqlite3
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from crawler.document import (
    DUPLICATE,
    RESULT_OF_GATE,
    Decision,
    Fact,
    Fingerprint,
    Judged,
    Outcome,
    Result,
    Stage,
    url_id,
)
from crawler.durable import WriteError, make_folder
from crawler.fingerprint import EXACT, KEEP, NEAR, PERMUTATIONS

FILE = "frontier/duplicates.sqlite"  # below the crawl's folder
SIMILAR = 0.8  # Jaccard, as the signatures estimate it; ours
BANDS, ROWS = 21, 6  # two texts at 0.8 share a band with 0.998, at 0.9 always, at 0.5 with 0.28
MOST_CANDIDATES = 200
MOST_LINES = 200_000  # of all sites; about 25 MB
WRITTEN = (Result.KEPT, Result.HELD)

Decide = Callable[[str, tuple[Fact, ...], str], Decision]  # (url, facts, policy id)

_SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=NORMAL;  -- a process that is killed loses nothing; a machine that goes down, what was not synced
CREATE TABLE IF NOT EXISTS page (number INTEGER PRIMARY KEY, url BLOB UNIQUE, exact BLOB, near BLOB);
CREATE INDEX IF NOT EXISTS by_text ON page (exact);
CREATE TABLE IF NOT EXISTS written
    (number INTEGER, policy TEXT, seq INTEGER, PRIMARY KEY (number, policy)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_seq ON written (seq);
CREATE TABLE IF NOT EXISTS band (hash INTEGER, number INTEGER, PRIMARY KEY (hash, number)) WITHOUT ROWID;
"""


class Duplicates:
    """Knows the texts of one crawl.

    Args:
        path: A SQLite file; what it holds already counts. Not made where the mode is keep.
        mode: keep, exact or near.
        decide: What a policy makes of a page's facts, now that there is one more.

    Raises:
        WriteError: The disk refused.
    """

    def __init__(self, path: Path, mode: str, decide: Decide) -> None:
        self._path, self._mode, self._decide = path, mode, decide
        self._lines: OrderedDict[int, None] = OrderedDict()
        self._database: sqlite3.Connection | None = None
        if mode != KEEP:
            make_folder(path.parent)
            self._open()

    def settle(self, judged: Judged) -> Judged:
        """The page as it is to be recorded: boilerplate counted, duplicates decided again, with the fact that says so.

        The same address is no duplicate of itself.
        """
        if judged.fingerprint is None:
            return judged
        of = judged.fingerprint
        judged = self._with_boilerplate(judged, of)
        written = {outcome.policy for outcome in judged.outcomes if outcome.result in WRITTEN}
        firsts = self._firsts(judged.url, of, written) if written and self._database else {}
        if not firsts:
            return judged
        facts = {policy: Fact(DUPLICATE, kind, f"{policy}:{url}") for policy, (kind, url) in firsts.items()}
        outcomes = tuple(
            self._decided(judged, outcome, facts[outcome.policy]) if outcome.policy in facts else outcome
            for outcome in judged.outcomes
        )
        return replace(judged, outcomes=outcomes, facts=(*judged.facts, *facts.values()))

    def commit(self, judged: Judged, seq: int) -> None:
        """Remember a settled page whose first ledger line is, or will be, `seq`. A second time changes nothing."""
        if judged.fingerprint is None:
            return
        written = [outcome.policy for outcome in judged.outcomes if outcome.result in WRITTEN]
        self._remember_lines(judged.fingerprint.lines)
        if not written or self._database is None:
            return
        self._do("BEGIN")
        values = _name(judged.url), judged.fingerprint.exact, judged.fingerprint.near
        self._do("INSERT OR IGNORE INTO page (url, exact, near) VALUES (?, ?, ?)", *values)
        (number,) = self._do("SELECT number FROM page WHERE url = ?", values[0]).fetchone()
        for policy in written:
            self._do("INSERT OR IGNORE INTO written VALUES (?, ?, ?)", number, policy, seq)
        for band in bands(judged.fingerprint.near):
            self._do("INSERT OR IGNORE INTO band VALUES (?, ?)", band, number)
        self._do("COMMIT")

    def sync(self) -> None:
        """Bring what was remembered to the disk itself, so that it survives a machine that goes down."""
        if self._database is not None:
            self._do("PRAGMA wal_checkpoint(FULL)").fetchall()

    def cut(self, size: int) -> None:
        """Forget what was remembered for ledger lines from `size` on: these were lost, and their pages come again."""
        if self._database is None:
            return
        self._do("BEGIN")
        self._do("DELETE FROM written WHERE seq >= ?", size)
        self._do("DELETE FROM page WHERE number NOT IN (SELECT number FROM written)")
        self._do("DELETE FROM band WHERE number NOT IN (SELECT number FROM page)")
        self._do("COMMIT")

    def close(self, *, remove: bool = False) -> None:
        """Close, and remove the file when the crawl is at its end. A second call does nothing."""
        if self._database is None:
            return
        self._database.close()
        self._database = None
        if remove:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _decided(self, judged: Judged, outcome: Outcome, fact: Fact) -> Outcome:
        decision = self._decide(judged.url, (*judged.facts, fact), outcome.policy)
        result = RESULT_OF_GATE[decision.gate]
        if result in WRITTEN:
            return replace(outcome, decision=decision, result=result)
        return replace(outcome, decision=decision, result=result, stage=Stage.DUPLICATES, document=None)

    def _firsts(self, url: str, of: Fingerprint, policies: set[str]) -> dict[str, tuple[str, str]]:
        """Policy -> how the page is like the first one written under it, and the name of that one's address."""
        found: dict[str, tuple[str, str]] = {}
        for kind, numbers in ((EXACT, self._same(of)), (NEAR, self._similar(of) if self._mode == NEAR else ())):
            for number in numbers:
                rows = self._do(
                    "SELECT policy, url FROM written JOIN page USING (number) WHERE number = ? AND url != ?",
                    number, _name(url),
                )  # fmt: skip
                for policy, first in rows:
                    if policy in policies:
                        found.setdefault(policy, (kind, first.hex()))
                if found.keys() == policies:
                    return found
        return found

    def _same(self, of: Fingerprint) -> Iterator[int]:
        rows = self._do("SELECT number FROM page WHERE exact = ? ORDER BY number", of.exact).fetchall()
        return (number for (number,) in rows)

    def _similar(self, of: Fingerprint) -> Iterator[int]:
        """Pages whose signature says that they are similar enough, the first written first."""
        keys = bands(of.near)
        rows = self._do(
            "SELECT number, near FROM page WHERE number IN "
            f"(SELECT number FROM band WHERE hash IN ({', '.join('?' * len(keys))})) ORDER BY number LIMIT ?",
            *keys, MOST_CANDIDATES,
        ).fetchall()  # fmt: skip
        return (number for number, near in rows if similarity(of.near, near) >= SIMILAR)

    def _with_boilerplate(self, judged: Judged, of: Fingerprint) -> Judged:
        """Each document with the number of its lines that other pages of its site had before."""
        known = sum(line in self._lines for line in of.lines)
        documents = (o.document and replace(o.document, boilerplate_lines=known) for o in judged.outcomes)
        pairs = zip(judged.outcomes, documents, strict=True)
        return replace(judged, outcomes=tuple(replace(outcome, document=document) for outcome, document in pairs))

    def _remember_lines(self, lines: Iterable[int]) -> None:
        for line in lines:
            self._lines[line] = None
            self._lines.move_to_end(line)
        while len(self._lines) > MOST_LINES:
            self._lines.popitem(last=False)

    def _open(self) -> None:
        try:
            self._database = sqlite3.connect(self._path, isolation_level=None)
            self._database.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise WriteError(errno.EIO, str(error), str(self._path)) from error

    def _do(self, statement: str, *values: object) -> sqlite3.Cursor:
        assert self._database is not None
        try:
            return self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise WriteError(errno.ENOSPC, str(error), str(self._path)) from error


def similarity(one: bytes, other: bytes) -> float:
    """The share of equal places of two signatures: about the Jaccard similarity of what they were made of."""
    return sum(map(int.__eq__, array("I", one), array("I", other))) / PERMUTATIONS


def bands(near: bytes) -> tuple[int, ...]:
    """64 bits for each band of a signature; two that share one are candidates. () for no signature."""
    size = 4 * ROWS
    return tuple(
        int.from_bytes(blake2b(near[size * band : size * (band + 1)], digest_size=8, key=bytes([band])).digest(),
                       "little", signed=True)
        for band in range(BANDS if near else 0)
    )  # fmt: skip


def of_policy(facts: Iterable[Fact], policy: str) -> tuple[Fact, ...]:
    """The facts without those that say of other policies only that they have the text already."""
    return tuple(fact for fact in facts if fact.name != DUPLICATE or fact.where.rpartition(":")[0] == policy)


def _name(url: str) -> bytes:
    return bytes.fromhex(url_id(url))
