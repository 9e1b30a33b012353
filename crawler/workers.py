"""Pages judged in a pool of warm processes: HTML, language and personal data never touch the event loop.

pebble keeps the pool: it is maintained since 2013, gives each task a time limit that kills the worker, and reports the
death of a worker for its own task only, where concurrent.futures breaks the whole pool.
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import warnings
from collections.abc import Mapping
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as PageTimeoutError
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from multiprocessing import get_context

from pebble import ProcessExpired, ProcessPool

from crawler.document import Decision, Evidence, Fact, Fetched, FetchError, Judged
from crawler.fingerprint import KEEP, maker
from crawler.judge import Gated, Judge, page_evidence
from crawler.page_record import body_record, page_record
from crawler.pii.engines import EngineError
from crawler.policy.policy import Policy
from crawler.policy.records import Record
from crawler.text import RESILIPARSE, extractor
from crawler.workload import MeasuredFinder, Spent, Workload

_judge: Judge | None = None  # a worker's own, built when the worker starts
_finder: MeasuredFinder | None = None  # its own, too
_work: Work | None = None

PRELOAD = "crawler.worker_preload"
SPOILED = 3  # exit code of a worker that failed on its page


class WorkersError(Exception):
    """The pool did not start; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker must know to judge; picklable.

    Attributes:
        key: Of the pseudonyms; never written to the crawl's folder.
        pseudonyms: Their style: "natural" or "token".
        engines: Which engine looks for names of persons in which language (ISO 639-1).
        asked: Languages whose engine the operator named: they are loaded before the first page.
        keep_bodies: Whether a page's body is stored, in a record beside that of its exchange.
        links: Whether the links of pages are wanted.
        duplicates: Whether texts are to be known again: keep (their lines only), exact or near.
        text_engine: What takes the main text out of HTML; see `crawler.text`.
        memory_mib: What a worker may take (data, RLIMIT_DATA); a page that needs more is failed. 0: no limit.
    """

    policies: tuple[Policy, ...]
    key: bytes
    engines: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    keep_bodies: bool = False
    links: bool = False
    records: tuple[Record, ...] = ()
    today: date | None = None
    memory_mib: int = 0
    pseudonyms: str = "natural"
    duplicates: str = KEEP
    text_engine: str = RESILIPARSE


def gate_judge(work: Work) -> Judge:
    """A judge for gates and failed exchanges: it has no eyes for personal data, so it needs no model."""
    from crawler.pii.pseudonym import Pseudonymizer

    def refuse(text: str, language: str) -> tuple[()]:
        raise RuntimeError("a page reached the judge of the gate")

    return Judge(work.policies, refuse, Pseudonymizer(work.key).document, (), work.records, work.today)


def page_judge(work: Work) -> Judge:
    """A judge for pages; takes about a second, and each language's engine its own time when it is first needed."""
    from crawler.pii.presidio import build_finder
    from crawler.pii.pseudonym import Pseudonymizer

    finder = build_finder(None, engines=work.engines)
    languages = tuple(work.engines)
    pseudonyms = Pseudonymizer(work.key, work.pseudonyms).document
    make = maker(work.duplicates)
    extract = extractor(work.text_engine)
    return Judge(work.policies, finder, pseudonyms, languages, work.records, work.today, work.links, make, extract)


class GateWork:
    """What costs so little that no worker is asked: gates, refusals, exchanges that brought nothing."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._gate_judge = gate_judge(work)

    def without_page(self, evidence: Evidence, gated: Gated) -> Judged:
        """Judge an exchange that brought no content: a failure, a redirect, a refusal. It is cheap."""
        assert evidence.page is not None
        judged = self._gate_judge.page(evidence, gated)
        return replace(judged, record=page_record(evidence.page))

    def gate(self, evidence: Evidence) -> Gated:
        """May it be fetched?"""
        return self._gate_judge.gate(evidence)

    def refused(self, evidence: Evidence, gated: Gated) -> Judged:
        """The outcome of what no policy lets be fetched; its record says that nothing was asked for."""
        nothing = Fetched(evidence.url, 0, fetched_at=datetime.now(UTC), error=FetchError.NOT_ASKED)
        judged = self._gate_judge.refused(evidence, gated)
        return replace(judged, record=page_record(nothing))

    def again(self, url: str, facts: tuple[Fact, ...], policy: str) -> Decision:
        """What a policy makes of a judged page, now that more is known."""
        return self._gate_judge.again(url, facts, policy)


class Workers(GateWork):
    """The pool. One page is with one worker at a time, so that a death or a hang costs that page and no other."""

    def __init__(self, work: Work, *, processes: int, timeout_s: float, pages_per_worker: int) -> None:
        super().__init__(work)
        self.timeout_s = timeout_s
        self.processes = processes
        self.load = Workload(processes)
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # inherited: one page, one thread
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        self._pages_per_worker = pages_per_worker
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPool:
        context = get_context("forkserver")
        context.set_forkserver_preload([PRELOAD])
        return ProcessPool(
            max_workers=self.processes,
            max_tasks=self._pages_per_worker,
            initializer=_start,
            initargs=[self.work],
            context=context,
        )

    async def warm_up(self) -> None:
        """Wait until a worker is ready.

        Raises:
            WorkersError: It cannot be built, for instance because a model is not installed.
        """
        try:
            await asyncio.wrap_future(self._pool.schedule(_ready, timeout=self.timeout_s))
        except EngineError as error:
            raise WorkersError(str(error)) from error
        except (PageTimeoutError, ProcessExpired, CancelledError, RuntimeError) as error:
            raise WorkersError(f"the workers do not start: {type(error).__name__}: {error}") from error

    async def page(self, evidence: Evidence, gated: Gated) -> Judged:
        """Judge one exchange; a worker that hangs, fails or dies, twice, gives a judged page that says so.

        Somebody else may have killed the first one. What brought no content costs no worker's time.
        """
        assert evidence.page is not None
        if not evidence.page.has_content:
            return self.without_page(evidence, gated)
        try:
            with self.load.page():
                return await self._in_worker([page_evidence(evidence), gated])
        except PageTimeoutError:
            failure = FetchError.WORKER_TIMEOUT
        except ProcessExpired as error:
            failure = FetchError.WORKER_ERROR if error.exitcode == SPOILED else FetchError.WORKER_DIED
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001 - whatever a page does to its worker, it is this page's outcome
            failure = FetchError.WORKER_ERROR
        return self.without_page(replace(evidence, page=replace(evidence.page, error=failure, body=b"")), gated)

    async def _in_worker(self, args: list[object], *, again: bool = False) -> Judged:
        """Hand it to a worker; if that one dies, or the whole pool with it, to another one, once."""
        pool = self._pool
        try:
            judged, spent = await asyncio.wrap_future(pool.schedule(_page, args=args, timeout=self.timeout_s))
        except PageTimeoutError:
            self.load.failures["timeout"] += 1
            raise
        except Exception as error:
            died = isinstance(error, ProcessExpired) and error.exitcode != SPOILED
            self.load.failures["died" if died else "error"] += 1
            broken = not pool.active
            if broken and pool is self._pool:
                self._pool = self._new_pool()  # pebble gives up a pool whose last worker dies between two pages
            if again or not (broken or died):
                raise
            return await self._in_worker(args, again=True)
        self.load.came_back(spent)
        return judged

    async def close(self) -> None:
        """Let running pages end, then stop the workers."""
        self._pool.close()  # type: ignore[no-untyped-call]
        await asyncio.to_thread(self._pool.join)


class OneHere(GateWork):
    """The same, in this process, a page at a time: for one that is watched from outside (crawler/engines/watched.py).

    Args:
        work: What to judge by.
        judge: As `page_judge` makes it of the same work; many may share one.
    """

    processes = 0

    def __init__(self, work: Work, judge: Judge) -> None:
        super().__init__(work)
        self.load = Workload(self.processes)
        self._judge = judge

    async def warm_up(self) -> None:
        """It is."""

    async def page(self, evidence: Evidence, gated: Gated) -> Judged:
        """Judge one exchange; one that makes the judge fail gives a judged page that says so."""
        assert evidence.page is not None
        if not evidence.page.has_content:
            return self.without_page(evidence, gated)
        try:
            return judged_by(self._judge, page_evidence(evidence), gated, keep_body=self.work.keep_bodies)
        except Exception:  # noqa: BLE001 - whatever a page does, it is this page's outcome
            failed = replace(evidence.page, error=FetchError.WORKER_ERROR, body=b"")
        return self.without_page(replace(evidence, page=failed), gated)

    async def close(self) -> None:
        """Nothing to stop."""


AnyWorkers = Workers | OneHere


def limit_memory(work: Work) -> None:
    """Let this process take no more than the work allows."""
    if work.memory_mib:
        limit = work.memory_mib * 2**20
        resource.setrlimit(resource.RLIMIT_DATA, (limit, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def load_engines(work: Work, judge: Judge) -> None:
    """Load the engines that the operator asked for. Raises EngineError for a model that is not here."""
    for language in work.asked:
        judge.find_pii("Words.", language)


def judged_by(judge: Judge, evidence: Evidence, gated: Gated, *, keep_body: bool) -> Judged:
    """The page judged, with the records to store."""
    assert evidence.page is not None
    judged = judge.page(evidence, gated)
    body = body_record(evidence.page) if keep_body else b""
    return replace(judged, record=page_record(evidence.page, judged.content), body_record=body)


def _start(work: Work) -> None:
    global _judge, _finder, _work
    limit_memory(work)
    logging.disable()  # whatever a library says of a page, it may quote it
    warnings.simplefilter("ignore")
    judge = page_judge(work)
    _finder = MeasuredFinder(judge.find_pii)
    _judge, _work = replace(judge, find_pii=_finder), work


def _ready() -> bool:
    """A model that is not here ends the crawl before it begins."""
    assert _judge is not None
    assert _work is not None
    load_engines(_work, _judge)
    return True


def _page(evidence: Evidence, gated: Gated) -> tuple[Judged, Spent]:
    assert _judge is not None
    assert _finder is not None
    assert _work is not None
    try:
        return judged_by(_judge, evidence, gated, keep_body=_work.keep_bodies), _finder.spent()
    except Exception:  # noqa: BLE001 - a parser that ran out of memory keeps what it had: the next page gets a new process
        os._exit(SPOILED)
