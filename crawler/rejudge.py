"""Stored exchanges judged as the crawl judges them: the same gate, the same journey, the same ledger; no network."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from crawler.archive import Archive
from crawler.asking import Asking
from crawler.collection import Collection
from crawler.document import Evidence, Fetched, FetchError, Judged
from crawler.judge import ROBOTS_TXT
from crawler.urls import origin

PER_WORKER = 4  # pages given out ahead, so that no worker waits
# A crawl gives up such an address before it asks for site files.
_GIVEN_UP = (FetchError.SCHEME, FetchError.INVALID_URL, FetchError.ASKED_TO_WAIT, FetchError.TOO_MANY_REDIRECTS)


@dataclass(slots=True)
class Report:
    """What was met on the way, for the operator."""

    repeated: int = 0
    without_robots: set[str] = field(default_factory=set)
    damage: list[str] = field(default_factory=list)


async def rejudge(archive: Archive, collection: Collection) -> Report:
    """Judge every page of the archive and record it.

    Args:
        archive: Where the pages come from.
        collection: Where the outcomes go.

    Raises:
        SourceError, WriteError, WorkersError: Reading, recording or judging cannot go on.
    """
    report = Report()
    asking = Asking(archive.get, collection.workers.gate, collection.judging.wanted, collection.registries.answers)
    await archive.look_ahead(asking, collection.evidence_of)
    await collection.workers.warm_up()
    running: list[asyncio.Task[Judged]] = []
    ahead = PER_WORKER * collection.workers.processes
    for page in archive.pages(report.damage):
        if not collection.accept(page.url):
            report.repeated += 1
            continue
        running.append(asyncio.create_task(_judge(page, asking, collection, report)))
        if len(running) >= ahead:
            collection.record(await running.pop(0))
    for task in running:
        collection.record(await task)
    return report


async def _judge(page: Fetched, asking: Asking, collection: Collection, report: Report) -> Judged:
    evidence, gated = await asking.before(known := collection.evidence_of(page.url))
    if _was_given_up(page, evidence):
        return collection.workers.without_page(replace(known, page=page), collection.workers.gate(known))
    if evidence.site[ROBOTS_TXT].error is FetchError.NOT_RECORDED:
        report.without_robots.add(origin(page.url))
    if not gated.is_open:
        return collection.workers.refused(evidence, gated)
    evidence, gated = await asking.after(replace(evidence, page=page), gated)
    return await collection.workers.page(evidence, gated)


def _was_given_up(page: Fetched, evidence: Evidence) -> bool:
    """Whether nothing was asked for; an address may also be refused for what the name server said later."""
    refused = page.error is FetchError.ADDRESS and evidence.site[ROBOTS_TXT].error is FetchError.NOT_RECORDED
    return refused or page.error in _GIVEN_UP
