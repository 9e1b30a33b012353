"""`scrapy crawl web`: seeds in, judged pages out; links are followed as far as the operator says.

    seeds -> accept -> fetch gate (middleware) -> response -> judge (workers) -> record (pipeline) -> links

A sitemap among the seeds (an index, or gzip, too) is judged like every address; what it lists is entered as seeds are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from scrapy import Request, Spider
from scrapy import signals as scrapy_signals
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.addresses import is_refused, networks
from crawler.arguments import (
    CRAWLING_ARGUMENTS,
    JUDGING_ARGUMENTS,
    STDIN,
    Crawling,
    check_names,
    crawling,
)
from crawler.collection import Collection
from crawler.document import Evidence, FetchError, Judged, Stage
from crawler.exchange import failed, fetched
from crawler.judge import Gated
from crawler.middlewares import EVIDENCE, GATED, PostponedError, RecordedError
from crawler.pipelines import CollectionPipeline, spider_arguments
from crawler.sites import MOST_REDIRECTS
from crawler.urls import normalize, within

SEED = "usufruct_seed"  # meta: the seed that a page was reached from
DEPTH = "usufruct_depth"  # meta: how many links away from it
HOPS = "usufruct_hops"  # meta: how many redirects away from the address that was asked for
SITEMAP_LEVEL = "usufruct_sitemap_level"  # meta: how many indexes away from a seed
SITEMAPS = ("sitemap", "sitemap-index")
MOST_SITEMAP_LEVELS = 3  # an index may name indexes; the protocol knows one level
REFUSING = (Stage.FETCH, Stage.SIGNALS)  # a page whose policies all ended here is not allowed; its links stay alone
BATCH = 100  # lines of a feed read at once, off the event loop


class WebSpider(Spider):
    """Collects pages from seeds."""

    name = "web"

    def __init__(self, **arguments: str) -> None:
        check_names(arguments, (*CRAWLING_ARGUMENTS, *JUDGING_ARGUMENTS))
        super().__init__(**arguments)

    async def start(self) -> AsyncIterator[Any]:
        """Accept seeds one after the other, never far ahead of the crawl."""
        self._crawl = crawling(spider_arguments(self), default_contact=self.crawler.settings["CONTACT"])
        self._most_under_way = self.crawler.settings.getint("FRONTIER_MAX")
        self.crawler.signals.connect(self._when_idle, signal=scrapy_signals.spider_idle)
        async for seed in _in_batches(self._crawl):
            for step in self._enter(seed, seed=None, depth=0, hops=0):
                yield step
            if self._is_full:
                break
            while not self._has_room:
                await asyncio.sleep(0.2)

    async def parse(self, response: Response, **_: Any) -> AsyncIterator[Any]:
        """Judge a page, hand its outcomes to the pipeline, then follow where it leads."""
        evidence, gated = self._known(response.request)
        page = fetched(response)
        if self._came_from_inside(response):
            page = failed(page.url, FetchError.ADDRESS)
        judged = await self._judge(replace(evidence, page=page), gated)
        yield judged
        for step in (*self._lead_on(response, judged), *self._next_waiting()):
            yield step

    async def failed(self, failure: Failure) -> AsyncIterator[Any]:
        """Record a request that brought no answer, unless it was recorded before or comes back."""
        if isinstance(failure.value, RecordedError | PostponedError):
            return
        request: Request = failure.request  # type: ignore[attr-defined]
        evidence, gated = self._known(request)
        yield self._collection.workers.without_page(replace(evidence, page=failed(request.url, failure)), gated)

    @property
    def _pipeline(self) -> CollectionPipeline:
        pipeline = self.crawler.get_item_pipeline(CollectionPipeline)
        assert pipeline is not None
        return pipeline

    @property
    def _collection(self) -> Collection:
        return self._pipeline.collection

    @property
    def _is_full(self) -> bool:
        limit = self._crawl.limit
        return limit is not None and self._collection.accepted >= limit

    def _known(self, request: Request | None) -> tuple[Evidence, Gated]:
        """What the gate found; a request that never reached it has no facts yet."""
        assert request is not None
        evidence = request.meta.get(EVIDENCE) or self._collection.evidence_of(request.url)
        return evidence, request.meta.get(GATED) or self._collection.workers.gate(evidence)

    async def _judge(self, evidence: Evidence, gated: Gated) -> Judged:
        assert evidence.page is not None
        if evidence.page.error or not 200 <= evidence.page.status < 300:
            return self._collection.workers.without_page(evidence, gated)
        return await self._collection.workers.page(evidence, gated)

    def _came_from_inside(self, response: Response) -> bool:
        """Whether the answer came from an address that may not be fetched from; a proxy has its own."""
        if response.ip_address is None or (response.request and response.request.meta.get("proxy")):
            return False
        allowed = networks(self.crawler.settings.getlist("ALLOWED_PRIVATE_NETWORKS"))
        return is_refused(str(response.ip_address), allowed)

    def _lead_on(self, response: Response, judged: Judged) -> Iterator[Any]:
        """The target of a redirect, and the links of a page that some policy let pass its signals."""
        assert response.request is not None
        meta = response.request.meta
        target = next((str(f.value) for f in judged.facts if f.name == "redirect-to"), "")
        if target and meta[HOPS] < MOST_REDIRECTS:
            yield from self._enter(target, seed=meta[SEED], depth=meta[DEPTH], hops=meta[HOPS] + 1)
        elif target:
            yield from self._refuse(target, FetchError.TOO_MANY_REDIRECTS)
        lists = next((f.value for f in judged.facts if f.name == "text" and f.value in SITEMAPS), "")
        if lists:
            yield from self._enter_listed(judged.links, meta, is_index=lists == "sitemap-index")
        elif meta[DEPTH] < self._crawl.follow and any(o.stage not in REFUSING for o in judged.outcomes):
            for link in judged.links:
                if within(self._crawl.scope, link, meta[SEED]):
                    yield from self._enter(link, seed=meta[SEED], depth=meta[DEPTH] + 1, hops=0)

    def _enter_listed(self, addresses: tuple[str, ...], meta: dict[str, Any], *, is_index: bool) -> Iterator[Any]:
        """Enter what a sitemap lists; the sitemaps of an index are not pages, so they take no room of the limit."""
        level = meta.get(SITEMAP_LEVEL, 0) + 1
        for address in addresses if level <= MOST_SITEMAP_LEVELS else ():
            yield from self._enter(address, seed=None, depth=0, hops=0, sitemap_level=level if is_index else 0)

    def _enter(self, address: str, *, seed: str | None, depth: int, hops: int, sitemap_level: int = 0) -> Iterator[Any]:
        """Accept an address and ask for it; what is no address, or none for us, is recorded instead."""
        if self._is_full and not hops:
            return
        url = normalize(address)
        if url is None:
            yield from self._refuse(address, FetchError.INVALID_URL)
        elif not url.startswith(("http://", "https://")):
            yield from self._refuse(url, FetchError.SCHEME)
        elif self._pipeline.accept(url):
            meta: dict[str, str | int] = {SEED: seed or url, DEPTH: depth, HOPS: hops, SITEMAP_LEVEL: sitemap_level}
            if self._has_room:
                yield self._request(url, meta)
            else:
                self._pipeline.wait(url, meta)

    def _request(self, url: str, meta: Mapping[str, Any]) -> Request:
        return Request(url, callback=self.parse, errback=self.failed, meta=dict(meta), dont_filter=True)

    @property
    def _has_room(self) -> bool:
        return self._collection.under_way < self._most_under_way

    def _next_waiting(self) -> Iterator[Request]:
        """Requests for addresses that wait on the disk, as many as there is room for."""
        while self._has_room and (taken := self._pipeline.take()):
            yield self._request(*taken)

    def _when_idle(self) -> None:
        """Nothing is under way: go on with what waits, if anything does."""
        assert self.crawler.engine is not None
        requests = list(self._next_waiting())
        for request in requests:
            self.crawler.engine.crawl(request)
        if requests:
            raise DontCloseSpider

    def _refuse(self, address: str, reason: FetchError) -> Iterator[Judged]:
        """Record what cannot be asked for."""
        if self._pipeline.accept(address):
            evidence = self._collection.evidence_of(address)
            gated = self._collection.workers.gate(evidence)
            yield self._collection.workers.without_page(replace(evidence, page=failed(address, reason)), gated)


async def _in_batches(crawl: Crawling) -> AsyncIterator[str]:
    """The seeds, read a batch at a time in a thread: standard input may keep us waiting, so it is read line by line."""
    seeds, most = crawl.each_seed(), 1 if crawl.seeds == STDIN else BATCH
    while batch := await asyncio.to_thread(lambda: list(islice(seeds, most))):
        for seed in batch:
            yield seed
