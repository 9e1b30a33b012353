"""Stored exchanges judged as the crawl judges them: the same gate, the same journey, the same ledger; no network."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from crawler.archive import Capture
from crawler.asking import Asking, Get
from crawler.collection import Collection
from crawler.document import Evidence, Fetched, FetchError, Judged
from crawler.judge import ROBOTS_TXT
from crawler.sources.warc import slim
from crawler.urls import origin
from crawler.workers import AnyWorkers

PER_WORKER = 4  # pages given out ahead, so that no worker waits
MOST_COPIES = 100_000  # site files whose copy is remembered
# A crawl gives up such an address before it asks for site files.
_GIVEN_UP = (FetchError.SCHEME, FetchError.INVALID_URL, FetchError.ASKED_TO_WAIT, FetchError.TOO_MANY_REDIRECTS)


@dataclass(slots=True)
class Report:
    """What was met on the way, for the operator."""

    repeated: int = 0
    without_robots: set[str] = field(default_factory=set)
    damage: list[str] = field(default_factory=list)


class Source(Protocol):
    """Where pages come from."""

    def captures(self, damage: list[str] | None = None) -> Iterator[Capture]:
        """Each with its site files; what cannot be read is told in `damage`."""


async def rejudge(sources: Sequence[Source], collection: Collection) -> Report:
    """Judge every page of the sources and record it, with copies of the site files that it was judged by.

    Args:
        sources: Where the pages come from.
        collection: Where the outcomes go.

    Raises:
        SourceError, WriteError, WorkersError: Reading, recording or judging cannot go on.
    """
    report = Report()
    asking = Asking(_nothing, collection.workers.gate, collection.judging.wanted, collection.registries.answers)
    await collection.workers.warm_up()
    running: list[asyncio.Task[Judged]] = []
    ahead = PER_WORKER * collection.workers.processes
    pages, undecided = 0, set(collection.addresses.urls())  # those of a run that died; it took at most a few ahead
    for capture, copies in _captures(sources, collection, report):
        pages += 1
        url = capture.page.url
        if not collection.accept(url) and url not in undecided:
            continue
        undecided.discard(url)
        get = copies.of(capture.get)
        judging = _judge(capture.page, replace(asking, get=get), collection, report, asks=capture.asks)
        running.append(asyncio.create_task(judging))
        if len(running) >= ahead:
            collection.record(await running.pop(0))
    for task in running:
        collection.record(await task)
    report.repeated = pages - collection.decided
    return report


async def judge_stored(page: Fetched, known: Evidence, asking: Asking, workers: AnyWorkers) -> tuple[Evidence, Judged]:
    """Judge one stored exchange as a crawl judged it.

    Args:
        page: The exchange.
        known: What is known of its address without any file.
        asking: Gets site files from where they are stored.
        workers: Judge it.
    """
    evidence, gated = await asking.before(known)
    if _was_given_up(page, evidence):
        return known, workers.without_page(replace(known, page=page), workers.gate(known))
    if not gated.is_open:
        return evidence, workers.refused(evidence, gated)
    evidence, gated = await asking.after(replace(evidence, page=page), gated)
    return evidence, await workers.page(evidence, gated)


async def _judge(page: Fetched, asking: Asking, collection: Collection, report: Report, *, asks: bool) -> Judged:
    if not asks:
        known = replace(collection.evidence_of(page.url), page=page)
        return collection.workers.without_page(known, collection.workers.gate(replace(known, page=None)))
    evidence, judged = await judge_stored(page, collection.evidence_of(page.url), asking, collection.workers)
    robots_txt = evidence.site.get(ROBOTS_TXT)
    if robots_txt is not None and robots_txt.error is FetchError.NOT_RECORDED:
        report.without_robots.add(origin(page.url))
    return judged


def _was_given_up(page: Fetched, evidence: Evidence) -> bool:
    """Whether nothing was asked for; an address may also be refused for what the name server said later."""
    refused = page.error is FetchError.ADDRESS and evidence.site[ROBOTS_TXT].error is FetchError.NOT_RECORDED
    return refused or page.error in _GIVEN_UP


async def _nothing(address: str) -> Fetched:
    return Fetched(address, 0, error=FetchError.NOT_RECORDED)


class _Copies:
    """Puts the site files that are judged by into the new crawl, each once, so that its ledger points to them."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._copied: OrderedDict[tuple[str, str], str] = OrderedDict()

    def of(self, get: Get) -> Get:
        """The same files, with the references of their copies, and as signals read them."""

        async def copied(address: str) -> Fetched:
            file = await get(address)
            if not file.record:
                return slim(file)
            return slim(replace(file, record=self._copy(file)))

        return copied

    def _copy(self, file: Fetched) -> str:
        key = file.record, file.url
        if key not in self._copied:
            self._copied[key] = self._collection.store_site_file(file)
            if len(self._copied) > MOST_COPIES:
                self._copied.popitem(last=False)
        return self._copied[key]


def _captures(sources: Sequence[Source], collection: Collection, report: Report) -> Iterator[tuple[Capture, _Copies]]:
    for source in sources:
        copies = _Copies(collection)  # two sources may call different records alike
        for capture in source.captures(report.damage):
            yield capture, copies
