"""`scrapy crawl web`: seeds in, judged pages out; links are followed as far as the operator says.

    seeds -> accept -> fetch gate (middleware) -> response -> judge (workers) -> record (pipeline) -> links

A sitemap among the seeds (an index, or gzip, too) is judged like every address; what it lists is entered as seeds are.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from dataclasses import replace
from threading import Thread
from typing import Any

from scrapy import Request, Spider
from scrapy import signals as scrapy_signals
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.arguments import Crawling
from crawler.collection import Collection
from crawler.document import Evidence, FetchError, Judged, Stage
from crawler.exchange import failed, fetched
from crawler.judge import Gated
from crawler.known.incremental import Incremental
from crawler.known.rejudging import Store
from crawler.middlewares import EVIDENCE, GATED, LOOK, WHOLE, FetchGateMiddleware, RecordedError
from crawler.patience import PostponedError
from crawler.pipelines import CollectionPipeline, crawling_of, spider_arguments
from crawler.sharing import NotOursError, carried, most_under_way
from crawler.sources.warc import MAX_HOPS
from crawler.urls import normalize, within
from crawler.way import DEPTH, HOPS, SEED, SITEMAP_LEVEL, WAY

REFUSED = "usufruct_refused"  # meta: why nothing can be asked for there
SITEMAPS = ("sitemap", "sitemap-index")
MOST_SITEMAP_LEVELS = 3  # an index may name indexes, a sitemap name sitemaps; the protocol knows one level
REFUSING = (Stage.FETCH, Stage.SIGNALS)  # a page whose policies all ended here is not allowed; its links stay alone
NOT_MODIFIED = 304
MOST_LOOKS = 100  # requests at once that look whether a site takes back what was kept
BATCH = 100  # lines of a feed read ahead


class WebSpider(Spider):
    """Collects pages from seeds. A spider of one's own may extend it, and take further arguments."""

    name = "web"
    _sweep: Iterator[tuple[str, dict[str, Any], bool]] | None = None

    async def start(self) -> AsyncIterator[Any]:
        """Accept seeds one after the other, never far ahead of the crawl."""
        self._crawl = crawling_of(self.crawler.settings, spider_arguments(self))
        self._most_under_way = most_under_way(self.crawler.settings, shared=self._collection.feed.is_shared)
        self.crawler.signals.connect(self._when_idle, signal=scrapy_signals.spider_idle)
        if self._pipeline.sharing:
            self._pipeline.sharing.begin(self._do_next)
        for step in self._next_waiting():  # of a run before this one
            yield step
        async for step in self._judge_again():
            yield step
        async for seed in _in_batches(self._crawl, lambda: self._is_full):
            for step in self._enter_seed(seed):
                yield step
            while not self._has_room:
                await asyncio.sleep(0.2)
        async for step in self._come_back():
            yield step

    async def _judge_again(self) -> AsyncIterator[Any]:
        """Decide what is stored under policies that have changed since; what needs a visit for that gets one."""
        if self._known_pages is None:
            return
        store = Store(self._known_pages.visiting, self._collection.judging, self._collection.today)
        for page in store.outdated():
            await asyncio.sleep(0)  # let others work in between
            made = store.again(page)
            if made is None or page.url is None or not self._collection.addresses.is_new(page.url):
                continue
            rests = self._known_pages.visiting.rests(page.url)
            if made.is_refused or (made.is_whole and rests):
                self._pipeline.record(made.judged)
            elif rests:
                for step in self._together(self._enter_known(page.url, json.loads(page.meta or "{}"))):
                    yield step

    async def _come_back(self) -> AsyncIterator[Any]:
        """Ask for the known pages that are due, whether or not anything leads to them this time."""
        for address, way in self._known_pages.visiting.due() if self._known_pages else ():
            for step in self._together(self._enter_known(address, way)):
                yield step
            while not self._has_room:
                await asyncio.sleep(0.2)

    def _enter_seed(self, seed: str) -> list[Any]:
        """What a frontier is offered that is shared, the others need not know at once."""
        steps = self._enter(seed, None, 0)
        return list(steps) if self._collection.feed.is_shared else self._together(steps)

    async def parse(self, response: Response, **_: Any) -> AsyncIterator[Any]:
        """Judge a page, hand its outcomes to the pipeline, then follow where it leads."""
        evidence, gated = self._known(response.request)
        page = fetched(response)
        if self._gate.came_from_inside(response):
            page = failed(page.url, FetchError.ADDRESS)
        evidence, gated = await self._gate.asking.after(replace(evidence, page=page), gated)
        if page.status == NOT_MODIFIED and self._known_pages and WHOLE not in response.meta:
            same = self._known_pages.visiting.not_modified(evidence, gated, page)
            yield same or self._whole(response)
            for step in self._next_waiting():
                yield step
            return
        judged = await self._collection.workers.page(evidence, gated)
        leads = self._together(self._lead_on(response, judged))  # accepted first: a run that dies here loses no link
        yield judged
        for step in (*leads, *self._next_waiting()):
            yield step

    async def failed(self, failure: Failure) -> AsyncIterator[Any]:
        """Record a request that brought no answer, unless it was recorded before or comes back."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if isinstance(failure.value, NotOursError):
            back = carried(request.meta)
            self._pipeline.shared(
                lambda feed: feed.put_back(request.url, back, seconds=0.0, first=True), otherwise=None
            )
        elif not isinstance(failure.value, RecordedError | PostponedError):
            evidence, gated = self._known(request)
            yield self._collection.workers.without_page(replace(evidence, page=failed(request.url, failure)), gated)
        for step in self._next_waiting():
            yield step

    @property
    def _pipeline(self) -> CollectionPipeline:
        pipeline = self.crawler.get_item_pipeline(CollectionPipeline)
        assert pipeline is not None
        return pipeline

    @property
    def _gate(self) -> FetchGateMiddleware:
        gate = self.crawler.get_downloader_middleware(FetchGateMiddleware)
        assert gate is not None
        return gate

    @property
    def _collection(self) -> Collection:
        return self._pipeline.collection

    @property
    def _known_pages(self) -> Incremental | None:
        return self._collection.known

    @property
    def _is_full(self) -> bool:
        limit = self._crawl.limit
        return limit is not None and self._collection.feed.counted >= limit

    def _together(self, steps: Iterator[Any]) -> list[Any]:
        """The steps, once all the addresses that they accept are in the crawl's books."""
        return self._pipeline.together(lambda: list(steps))

    def _known(self, request: Request | None) -> tuple[Evidence, Gated]:
        """What the gate found; a request that never reached it has no facts yet."""
        assert request is not None
        evidence = request.meta.get(EVIDENCE) or self._collection.evidence_of(request.url)
        return evidence, request.meta.get(GATED) or self._collection.workers.gate(evidence)

    def _lead_on(self, response: Response, judged: Judged) -> Iterator[Any]:
        """The target of a redirect, what a sitemap lists, the links of a page that some policy let pass its signals."""
        assert response.request is not None
        meta = response.request.meta
        seed, depth, level = meta[SEED], meta[DEPTH], meta[SITEMAP_LEVEL]
        target = next((str(f.value) for f in judged.facts if f.name == "redirect-to"), "")
        if target and meta[HOPS] < MAX_HOPS:
            # A seed that redirects is where its target is.
            yield from self._enter(target, seed if depth else None, depth, hops=meta[HOPS] + 1, level=level)
        elif target:
            yield from self._refuse(target, FetchError.TOO_MANY_REDIRECTS)
        lists = next((f.value for f in judged.facts if f.name == "text" and f.value in SITEMAPS), "")
        if lists and not depth:
            if not level and not meta[HOPS]:
                self._collection.feed.is_no_page(judged.url)  # it was counted as a page when it was entered
            for address in judged.links if level < MOST_SITEMAP_LEVELS else ():
                yield from self._enter(address, None, 0, level=level + 1, is_page=lists == "sitemap")
        elif depth < self._crawl.follow and any(o.stage not in REFUSING for o in judged.outcomes):
            for link in filter(None, map(normalize, judged.links)):
                if within(self._crawl.scope, link, seed):
                    yield from self._enter(link, seed, depth + 1)

    def _enter(
        self, address: str, seed: str | None, depth: int, *, hops: int = 0, level: int = 0, is_page: bool = True
    ) -> Iterator[Any]:
        """Accept an address and ask for it; what is no address, or none for us, is recorded instead.

        Args:
            address: As it was found.
            seed: Where the way to it began; None when it is a seed itself.
            depth: How many links away from the seed.
            hops: How many redirects away from the address that was asked for.
            level: How many sitemaps away from the seeds.
            is_page: Whether it takes room of the limit.
        """
        counts = is_page and not hops
        url = normalize(address)
        if counts and self._is_full:
            if self._known_pages and (depth or level) and url and url.startswith(("http://", "https://")):
                self._known_pages.leave(url, {SEED: seed or url, DEPTH: depth, HOPS: hops, SITEMAP_LEVEL: level})
            return
        if url is None:
            yield from self._refuse(address, FetchError.INVALID_URL)
        elif not url.startswith(("http://", "https://")):
            yield from self._refuse(url, FetchError.SCHEME)
        elif self._known_pages is None or not self._known_pages.visiting.rests(url):
            yield from self._take_in(url, {SEED: seed or url, DEPTH: depth, HOPS: hops, SITEMAP_LEVEL: level}, counts)

    def _enter_known(self, url: str, way: Mapping[str, Any]) -> Iterator[Any]:
        """Accept a known page; where nobody knows how it was reached, its links are not followed."""
        meta = {**self._nowhere(url), **way}
        counts = not meta[HOPS]
        if not (counts and self._is_full):
            yield from self._take_in(url, meta, counts)

    def _nowhere(self, url: str) -> dict[str, str | int]:
        return {SEED: url, DEPTH: self._crawl.follow, HOPS: 0, SITEMAP_LEVEL: MOST_SITEMAP_LEVELS}

    def _take_in(self, url: str, meta: Mapping[str, Any], counts: bool) -> Iterator[Any]:
        waits = not self._has_room
        if self._pipeline.accept(url, meta, counts=counts, waits=waits) and not waits:
            yield self._request(url, meta)

    def _whole(self, response: Response) -> Request:
        """The same request without conditions: what is stored is not enough to decide by."""
        return self._request(response.url, {**_way_of(response.meta), WHOLE: True})

    def _request(self, url: str, meta: Mapping[str, Any]) -> Request:
        return Request(url, callback=self.parse, errback=self.failed, meta=dict(meta), dont_filter=True)

    def _go_on(self, url: str, meta: Mapping[str, Any]) -> Any:
        """What is to be done about an address that has waited: a request, or what was refused in a run that died."""
        if REFUSED in meta:
            return self._refused(url, FetchError(meta[REFUSED]))
        return self._request(url, {SEED: url, DEPTH: 0, HOPS: 0, SITEMAP_LEVEL: 0, **meta})

    @property
    def _has_room(self) -> bool:
        return self._collection.under_way < self._most_under_way

    def _next_waiting(self) -> Iterator[Any]:
        """What is to be done about addresses that wait on the disk, as many as there is room for."""
        while self._has_room and (taken := self._pipeline.take()):
            yield self._go_on(*taken)

    def _when_idle(self) -> None:
        """Nothing is under way: go on with what waits, if anything does, or may come from elsewhere."""
        if taken := self._pipeline.take():  # one at least, whatever room there seems to be
            self._do([self._go_on(*taken)])
            self._do_next()
            raise DontCloseSpider
        if looks := self._looks():
            self._do(looks)
            raise DontCloseSpider
        if self._pipeline.sharing and self._pipeline.sharing.may_bring_more():
            raise DontCloseSpider

    def _do_next(self) -> None:
        """Go on with what waits, outside of any callback."""
        self._do(self._next_waiting())

    def _do(self, steps: Iterable[Any]) -> None:
        assert self.crawler.engine is not None
        for step in steps:
            if isinstance(step, Request):
                self.crawler.engine.crawl(step)
            else:
                self._pipeline.record(step)

    def _looks(self) -> list[Request]:
        """Requests that look whether sites that took back one page take back others, too; none is fetched for that."""
        if self._sweep is None and self._known_pages:
            self._sweep = self._known_pages.sweep()
        found: list[Request] = []
        for url, way, is_asked in self._sweep or ():
            meta = {**self._nowhere(url), **way}
            if is_asked:
                found += self._together(self._take_in(url, meta, counts=False))
            elif self._collection.addresses.is_new(url):
                found.append(self._request(url, {**meta, LOOK: True}))
            if len(found) >= MOST_LOOKS or not self._has_room:
                return found
        self._sweep = None  # further sites may come
        return found

    def _refuse(self, address: str, reason: FetchError) -> Iterator[Judged]:
        """Record what cannot be asked for."""
        if self._pipeline.accept(address, {REFUSED: reason.value}, counts=False, waits=False):
            yield self._refused(address, reason)

    def _refused(self, address: str, reason: FetchError) -> Judged:
        evidence = self._collection.evidence_of(address)
        gated = self._collection.workers.gate(evidence)
        return self._collection.workers.without_page(replace(evidence, page=failed(address, reason)), gated)


def _way_of(meta: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in meta.items() if name in WAY}


async def _in_batches(crawl: Crawling, is_full: Callable[[], bool]) -> AsyncIterator[str]:
    """The seeds; they are read in a thread of its own, which may hang on standard input without holding the crawl."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue(BATCH)

    def read() -> None:
        with contextlib.suppress(RuntimeError, CancelledError):  # the crawl has ended before its feed
            try:
                for line in crawl.each_seed():
                    asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()
            finally:
                asyncio.run_coroutine_threadsafe(lines.put(None), loop).result()

    Thread(target=read, daemon=True).start()
    while not is_full():
        try:
            line = await asyncio.wait_for(lines.get(), timeout=1.0)
        except TimeoutError:
            continue
        if line is None:
            return
        yield line
