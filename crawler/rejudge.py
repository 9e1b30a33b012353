"""Stored exchanges judged as the crawl judges them: the same gate, the same journey, the same ledger; no network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from crawler.arguments import ArgumentError
from crawler.collection import Collection
from crawler.document import Fetched, FetchError, Judged
from crawler.judge import ROBOTS_TXT
from crawler.signals import needs
from crawler.sources.read_warc import DamagedError, read
from crawler.sources.site_files import Origin, SiteFiles, index_site_files, origin_of
from crawler.urls import normalize, origin

PER_WORKER = 4  # pages given out ahead, so that no worker waits


@dataclass(slots=True)
class Report:
    """What was met on the way, for the operator."""

    repeated: int = 0
    without_robots: set[str] = field(default_factory=set)
    damage: list[str] = field(default_factory=list)


def warc_files(sources: Sequence[str]) -> list[Path]:
    """The files to read: WARC files as named, and those of a crawl's folder.

    Raises:
        ArgumentError: There is none, or one cannot be read.
    """
    files: list[Path] = []
    for source in map(Path, sources):
        found = sorted((source / "evidence").glob("*.warc*")) if source.is_dir() else [source]
        if not found or not all(path.is_file() for path in found):
            raise ArgumentError(f"{source}: no such WARC file, and no crawl folder with evidence/*.warc.gz")
        files += found
    return files


async def rejudge(files: Sequence[Path], index: SiteFiles, collection: Collection) -> Report:
    """Judge every page of the files and record it.

    Args:
        files: As `warc_files` found them.
        index: Their site files, `site_file_index`.
        collection: Where the outcomes go.

    Raises:
        SourceError, WriteError, WorkersError: Reading, recording or judging cannot go on.
    """
    report = Report()
    await collection.workers.warm_up()
    running: list[asyncio.Task[Judged]] = []
    ahead = PER_WORKER * collection.workers.processes
    for page in _pages(files, report):
        url = normalize(page.url) or page.url
        if not collection.accept(url):
            report.repeated += 1
            continue
        running.append(asyncio.create_task(_judge(replace(page, url=url), index, collection, report)))
        if len(running) >= ahead:
            collection.record(await running.pop(0))
    for task in running:
        collection.record(await task)
    return report


async def _judge(page: Fetched, index: SiteFiles, collection: Collection, report: Report) -> Judged:
    site = _site(page.url, index)
    if site[ROBOTS_TXT].error is FetchError.NOT_RECORDED:
        report.without_robots.add(origin(page.url))
    evidence = replace(collection.evidence_of(page.url), site=site)
    gated = collection.workers.gate(evidence)
    if not gated.is_open:
        return collection.workers.refused(evidence, gated)
    return await collection.workers.page(replace(evidence, page=page), gated)


def _site(url: str, index: SiteFiles) -> Mapping[str, Fetched]:
    """The site files of a page's origin; what the archive does not hold is said to be not recorded."""
    key = origin_of(url)
    held = index.get(key, {}) if key else {}
    return {path: held.get(path) or Fetched(origin(url) + path, 0, error=FetchError.NOT_RECORDED) for path in needs()}


def site_file_index(files: Sequence[Path]) -> SiteFiles:
    """The site files of all archives together; robots.txt often stands in another file than the pages."""
    index: dict[Origin, dict[str, Fetched]] = {}
    for path in files:
        for key, held in index_site_files(path, needs(), name=path.name).items():
            index.setdefault(key, {}).update(held)
    return index


def _pages(files: Sequence[Path], report: Report) -> Iterator[Fetched]:
    for path in files:
        try:
            for fetched in read(path, name=path.name):
                if fetched.url.removeprefix(origin(fetched.url)) not in needs():
                    yield fetched
        except DamagedError as error:
            report.damage.append(str(error))
