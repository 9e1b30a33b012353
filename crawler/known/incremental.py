"""One incremental crawl from its beginning to its end: the book opened and brought up to date, then taught.

`-a known=` names the book, which is made when it is missing and then reads the runs beside it (`runs/`), or the folder
of one crawl, which is read once into a book of this crawl's own, removed at its end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from math import inf
from pathlib import Path
from typing import Any

from crawler.audit.frontier import FOLDER as FRONTIER
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.read_facts import FactsError
from crawler.audit.read_run import RUN, read_run
from crawler.document import Evidence, Judged, Result, Stage
from crawler.durable import WriteError
from crawler.judge import Gated
from crawler.known.book import Book, BookError
from crawler.known.intervals import Intervals
from crawler.known.learning import learn
from crawler.known.told import Told, tell
from crawler.known.visiting import Visiting
from crawler.known.ways import Ways
from crawler.pending import Meta
from crawler.policy.policy import Policy
from crawler.policy.records import Record
from crawler.urls import origin

OWN_BOOK = f"{FRONTIER}/known.sqlite"  # of a crawl that was given the folder of another one
RUNS = "runs"  # beside a job's book
# What the exchange alone says is no word of the site about use.
_TROUBLE = ("not-found", "client-error", "redirected", "server-error", "rate-limited", "proxy-auth")


class Incremental:
    """The book in the hands of one crawl.

    Args:
        path: What `-a known=` names.
        out: The crawl's folder.
        crawl: Its id.
        started: When it was begun.
        policies: Under which it judges.
        intervals: When pages are due again.
        records: Licenses and consents on file.
        today: The day on which they must be valid.
        goes_on: Whether the crawl goes on with a run that died or was stopped.

    Attributes:
        visiting: What the crawl asks of the book.
        told: What came of it; None until it is closed.

    Raises:
        BookError: The book cannot be used.
    """

    def __init__(
        self,
        path: Path,
        out: Path,
        *,
        crawl: str,
        started: datetime,
        policies: Sequence[Policy],
        intervals: Intervals,
        records: Sequence[Record] = (),
        today: date | None = None,
        goes_on: bool = False,
    ) -> None:
        self._out, self._intervals = out, intervals
        self._is_own = (path / LEDGER).is_dir()
        place = out / OWN_BOOK if self._is_own else path
        is_new = not place.exists()
        self.book = Book(place)
        if is_new:
            for folder in [path] if self._is_own else runs_in(path.parent / RUNS):
                if folder.resolve() != out.resolve():
                    self._learn(folder)
        for known in self.book.crawls():
            if not known.done and known.folder and known.id != crawl and (known.folder / RUN).exists():
                self._learn(known.folder)
        self._number = self.book.enter(crawl, out, started.timestamp()).number
        self.book.run("UPDATE crawl SET done = 0 WHERE number = ?", self._number)
        if goes_on:
            self._learn(out)
        due_by = inf if intervals.ends else started.timestamp()
        self.visiting = Visiting(self.book, crawl, due_by, policies, records, today)
        self._ways = Ways(out)
        self._to_sweep = deque(self._drifted())
        self._swept = set(self._to_sweep)
        self.told: Told | None = None

    def accept(self, url: str, meta: Meta) -> None:
        """An address was taken into the crawl. Raises WriteError."""
        if meta:
            self._ways.tell(url, meta)

    def leave(self, url: str, meta: Meta) -> None:
        """The crawl has no room for a link; a later one has. Raises WriteError."""
        self._ways.leave(url, meta)

    def settle(self, judged: Judged) -> Judged:
        """A judged page as it is to be recorded, see `Visiting.settle`; what its site refused is noted for `sweep`."""
        for sweep in self._sweeps(judged):
            if sweep not in self._swept:
                self._swept.add(sweep)
                self._to_sweep.append(sweep)
        return self.visiting.settle(judged)

    def sweep(self) -> Iterator[tuple[str, dict[str, Any], bool]]:
        """All known pages with a record, of each origin that has refused one that stood: they may be refused, too.

        Yields:
            Address and way of each, and whether it must be asked for, since its site's files do not decide alone.
        """
        while self._to_sweep:
            site, is_asked = self._to_sweep.popleft()
            yield from ((url, way, is_asked) for url, way in self.visiting.kept_of(site))

    def takes_back(self, evidence: Evidence, gated: Gated) -> bool:
        """Whether what the site says now refuses a page that some policy had let in."""
        return self.visiting.takes_back(evidence.url, gated)

    def sync(self) -> None:
        """Bring what was noted to the disk. Raises WriteError."""
        self._ways.sync()

    def close(self, *, is_complete: bool) -> Told:
        """The crawl's books are closed: learn them, and tell. Raises WriteError."""
        self._ways.close()
        self._learn(self._out)
        self.told = tell(self.book, self._number, self._out)
        self.abandon()
        if self._is_own and is_complete:
            for suffix in ("", "-wal", "-shm"):
                self.book.path.with_name(self.book.path.name + suffix).unlink(missing_ok=True)
        return self.told

    def abandon(self) -> None:
        """Close, and learn nothing: a later run will."""
        with suppress(WriteError):
            self._ways.close()
        self.book.close()

    def _learn(self, folder: Path) -> None:
        try:
            learn(folder, self.book, self._intervals)
        except FactsError as error:
            raise BookError(f"{folder}: cannot be learnt: {error}") from error
        run = read_run(folder) or {}
        if run.get("finished"):
            self.book.run("UPDATE crawl SET done = 1 WHERE id = ?", str(run["id"]))

    def _sweeps(self, judged: Judged) -> Iterator[tuple[str, bool]]:
        """The origin of a page that its site has taken back, and whether the other pages must be asked for."""
        if not self.visiting.is_taken_back(judged):
            return
        if _is_refused_before(judged):
            yield origin(judged.url), False
        elif self.visiting.is_refused_by_files(judged):
            yield origin(judged.url), True

    def _drifted(self) -> list[tuple[str, bool]]:
        """The origins that took back a page in the run before this one."""
        rows = self.book.run(
            "SELECT DISTINCT origin, stage != ? FROM drift JOIN page USING (name) "
            "WHERE drift.crawl = ? AND because = 'site'",
            Stage.FETCH.value, self._number,
        )  # fmt: skip
        return [(site, bool(is_asked)) for site, is_asked in rows]


def runs_in(folder: Path) -> list[Path]:
    """The crawls in a folder, in the order in which they were begun."""
    found = [(str(run["started"]), path.parent) for path in folder.glob(f"*/{RUN}")
             if (run := read_run(path.parent)) and "started" in run]  # fmt: skip
    return [folder for _, folder in sorted(found)]


def _is_refused_before(judged: Judged) -> bool:
    """Whether some policy was closed before the page was looked at, and not by trouble with the exchange."""
    said = {fact.name: fact.value for fact in judged.facts if fact.name in ("access", "fetch.error")}
    if "fetch.error" in said or said.get("access") in _TROUBLE:
        return False
    return any(o.result is Result.DROPPED and o.stage is Stage.FETCH for o in judged.outcomes)
