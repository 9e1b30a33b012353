"""Workers: one that dies or hangs costs its page and no other, and that page is failed."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import date

import pytest

from crawler.arguments import AGENT, all_facts
from crawler.document import Evidence, Fetched, FetchError, Judged, Result
from crawler.policy.load import load_all
from crawler.workers import PRELOAD, Work, Workers, WorkersError

URL = "http://site.example/page"
WORDS = "The lighthouse at the end of the pier was lit again on Sunday, after many years of darkness. "
POLICIES = load_all("jp,eu", all_facts(), today=date(2026, 11, 22))


def _evidence(paragraphs: int) -> Evidence:
    body = f"<html><body><main>{f'<p>{WORDS}</p>' * paragraphs}</main></body></html>".encode()
    page = Fetched(URL, 200, (("Content-Type", "text/html"),), body)
    return Evidence(URL, AGENT, page=page, run={"fetched-by": "us", "commercial": "yes", "competes": "no"})


async def _judge(workers: Workers, paragraphs: int) -> Judged:
    evidence = _evidence(paragraphs)
    return await workers.page(evidence, workers.gate(evidence))


def _results(judged: Judged) -> set[Result]:
    return {outcome.result for outcome in judged.outcomes}


def _error(judged: Judged) -> list[object]:
    return [fact.value for fact in judged.facts if fact.name == "fetch.error"]


@pytest.fixture
async def workers(request: pytest.FixtureRequest) -> AsyncIterator[Workers]:
    """A pool of one, without the model; the parameter is the time limit in seconds."""
    work = Work(POLICIES, key=b"k" * 32)
    pool = Workers(work, processes=1, timeout_s=getattr(request, "param", 60.0), pages_per_worker=1000)
    await pool.warm_up()
    yield pool
    await pool.close()


async def test_pages_are_judged(workers: Workers) -> None:
    """Under each policy; eu holds what could not be searched for names."""
    judged = await _judge(workers, 3)
    assert [outcome.result for outcome in judged.outcomes] == [Result.KEPT, Result.HELD]
    assert judged.record.startswith(b"\x1f\x8b")  # its evidence, ready to be appended
    assert judged.body_record == b""
    load = workers.load
    assert (load.started, load.busy, load.under_way, sum(load.failures.values())) == (1, 0, 0, 0)
    assert load.scanned_bytes >= len(WORDS) * 3
    assert 0 < load.scan_s < 60
    assert load.resident_bytes > 2**20


async def test_workers_are_forked_from_one_that_is_ready(workers: Workers) -> None:
    """A fork server that cannot import a module says nothing, and each worker would start from nothing."""
    assert await asyncio.wrap_future(workers._pool.schedule(_has_preloaded, timeout=60))


def _has_preloaded() -> bool:
    return PRELOAD in sys.modules


async def test_a_body_that_is_kept_has_a_record_of_its_own() -> None:
    """The record of the exchange is the same as without it."""
    pool = Workers(Work(POLICIES, key=b"k" * 32, keep_bodies=True), processes=1, timeout_s=60.0, pages_per_worker=9)
    await pool.warm_up()
    try:
        judged = await _judge(pool, 3)
    finally:
        await pool.close()
    assert WORDS.encode() in gzip.decompress(judged.body_record)
    assert WORDS.encode() not in gzip.decompress(judged.record)
    assert b"Usufruct-Body-Removed" in gzip.decompress(judged.record)


async def test_a_worker_that_dies_costs_nothing(workers: Workers) -> None:
    """The page it had goes to another one, once; pages that wait are judged by the next worker."""
    pid = await asyncio.wrap_future(workers._pool.schedule(os.getpid))
    long = asyncio.create_task(_judge(workers, 60_000))
    waiting = [asyncio.create_task(_judge(workers, 3)) for _ in range(5)]
    await asyncio.sleep(0.3)
    assert not long.done()
    os.kill(pid, signal.SIGKILL)
    assert (workers.load.busy, workers.load.under_way) == (1, 6)
    for judged in await asyncio.gather(long, *waiting):
        assert Result.KEPT in _results(judged)
    assert workers.load.failures == {"died": 1}
    assert workers.load.started == 1  # of the first one no page came back


async def test_a_pool_that_dies_between_two_pages_is_replaced(workers: Workers) -> None:
    """Nobody's page: the next one is judged all the same."""
    os.kill(await asyncio.wrap_future(workers._pool.schedule(os.getpid)), signal.SIGKILL)
    await asyncio.sleep(1.0)
    assert Result.KEPT in _results(await _judge(workers, 3))


@pytest.mark.parametrize("workers", [8.0], indirect=True)
async def test_a_worker_that_hangs_is_stopped(workers: Workers) -> None:
    """After the time limit the page is failed, and the pool goes on."""
    hung = await _judge(workers, 400_000)
    assert (_results(hung), _error(hung)) == ({Result.FAILED}, [FetchError.WORKER_TIMEOUT])
    assert workers.load.failures == {"timeout": 1}
    assert Result.KEPT in _results(await _judge(workers, 3))


async def test_a_page_that_needs_too_much_memory_is_failed() -> None:
    """The limit is the worker's; pages after it are judged."""
    pool = Workers(Work(POLICIES, key=b"k" * 32, memory_mib=384), processes=1, timeout_s=60.0, pages_per_worker=1000)
    await pool.warm_up()
    try:
        large = await _judge(pool, 1_000_000)
        assert _results(large) == {Result.FAILED}
        assert _error(large)[0] in (FetchError.WORKER_ERROR, FetchError.WORKER_DIED)
        assert Result.KEPT in _results(await _judge(pool, 3))
    finally:
        await pool.close()


async def test_an_engine_that_is_not_here_ends_the_crawl_before_it_begins() -> None:
    """An engine for names that the operator asked for is loaded before the first page."""
    engines = {"en": "spacy:en_core_web_of_nobody"}
    pool = Workers(
        Work(POLICIES, key=b"k" * 32, engines=engines, asked=("en",)),
        processes=1, timeout_s=60.0, pages_per_worker=1000,
    )  # fmt: skip
    with pytest.raises(WorkersError, match="en_core_web_of_nobody"):
        await pool.warm_up()
    await pool.close()
