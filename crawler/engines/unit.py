"""One unit, in the process that judges it: read, judge, write; no page ever travels between processes."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from crawler.archive import Archive, Capture
from crawler.collection import Collection
from crawler.crawl_archive import CrawlArchive
from crawler.document import FetchError
from crawler.durable import WriteError, make_folder
from crawler.engines.board import Board
from crawler.engines.plan import Plan, Result, Unit, done, forget_done, note_done
from crawler.judge import Judge
from crawler.pipelines import STOPPERS
from crawler.rejudge import rejudge
from crawler.resuming import begun, cannot_go_on
from crawler.signals import needs
from crawler.sources.site_index import SiteIndex, index_file
from crawler.sources.storage import MARK, Address, SourceError, UnreadableError
from crawler.workers import OneHere, limit_memory, load_engines, page_judge

Failed = Mapping[int, FetchError]  # pages that killed or hung a process before, by their place in the unit


class Bench:
    """Works on units, one after the other; the judge is made once.

    Args:
        plan: What to judge by.
        board: Where it says what it is at.
    """

    def __init__(self, plan: Plan, board: Board) -> None:
        self._plan, self._board = plan, board
        self._judge: Judge | None = None
        self._sites: SiteIndex | None = None

    def index(self, unit: Unit, failed: Failed = {}) -> Result:  # noqa: B006 - never written to
        """Find the site files of a unit. Never raises."""
        part = self._plan.part_of_sites(unit)
        try:
            make_folder(part.parent)
            index_file(address_of(unit), needs(), part)
        except UnreadableError as error:  # another time its site files may be found
            return Result(unit.name, problem=str(error), fatal=True)
        except SourceError as error:
            return Result(unit.name, problem=str(error))
        except (OSError, sqlite3.Error) as error:
            return Result(unit.name, problem=f"{part}: cannot be written: {error}", fatal=True)
        return Result(unit.name)

    def judge(self, unit: Unit, failed: Failed = {}) -> Result:  # noqa: B006 - never written to
        """Judge all pages of a unit, or the rest of them. Never raises."""
        self._board.clear()
        if result := done(self._plan, unit):
            return result
        try:
            result = self._judged(unit, failed)
            note_done(self._plan, unit, result)
            return result
        except SourceError as error:
            return Result(unit.name, problem=str(error))
        except STOPPERS as error:
            return Result(unit.name, problem=str(error), fatal=True)
        except Exception as error:  # noqa: BLE001 - ours; its words may quote a page
            last = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"
            return Result(unit.name, problem=f"{unit.name}: {what}; please report this")

    def _judged(self, unit: Unit, failed: Failed) -> Result:
        plan = self._plan
        forget_done(plan, unit)
        out = plan.segment(unit)
        go_on = self._can_go_on(unit, out)
        if not go_on:
            shutil.rmtree(out, ignore_errors=True)
        workers = OneHere(plan.work, self._ready_judge())
        facts = {"sources": [unit.address.rpartition("/")[2]], "part_of": plan.id, "unit": _facts_of(unit, plan)}
        judging = replace(plan.judging, out=out)
        collection = Collection(judging, plan.working, facts_of_run=facts, go_on=go_on, workers=workers)
        try:
            report = asyncio.run(rejudge([_Marked(self._source(unit), self._board, failed)], collection))
        except BaseException:
            collection.abort()  # for a run that goes on
            if not collection.decided:
                shutil.rmtree(out, ignore_errors=True)  # there is nothing to go on with
            raise
        try:
            collection.close()
        except WriteError:
            collection.abort()
            raise
        return Result(unit.name, collection.decided, report.repeated, len(report.without_robots), tuple(report.damage))

    def _can_go_on(self, unit: Unit, out: Path) -> bool:
        """Whether the folder holds a judging of the same unit by the same plan that broke off."""
        before = begun(out)
        return bool(before and before.get("unit") == _facts_of(unit, self._plan) and not cannot_go_on(out))

    def _source(self, unit: Unit) -> Archive | CrawlArchive:
        if unit.is_crawl:
            return CrawlArchive(Path(unit.address))
        self._sites = self._sites or SiteIndex(self._plan.sites)
        return Archive([address_of(unit)], self._plan.fields, self._sites)

    def _ready_judge(self) -> Judge:
        if self._judge is None:
            limit_memory(self._plan.work)
            self._judge = page_judge(self._plan.work)
            load_engines(self._plan.work, self._judge)
        return self._judge


class _Marked:
    """The captures of a source, each on the board while it is worked on; those that failed before are handed out so."""

    def __init__(self, source: Archive | CrawlArchive, board: Board, failed: Failed) -> None:
        self._source, self._board, self._failed = source, board, failed

    def captures(self, damage: list[str] | None = None) -> Iterator[Capture]:
        for number, capture in enumerate(self._source.captures(damage)):
            error = self._failed.get(number)
            self._board.begin(number, self._source.at)
            failed = replace(capture.page, error=error, body=b"") if error else None
            yield replace(capture, page=failed, asks=False) if failed else capture
            self._board.end(number)


def address_of(unit: Unit) -> Address:
    """Where the unit is."""
    return unit.address if MARK in unit.address else Path(unit.address)


def _facts_of(unit: Unit, plan: Plan) -> dict[str, str | int]:
    return {"size": unit.size, "version": unit.version, "plan": plan.digest}
