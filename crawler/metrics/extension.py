"""The Scrapy extension that tells the figures: to a file, over HTTP, or not at all, as the settings say.

Figures are always read in the crawl's own thread, between two events: the server's thread asks for them and waits. A
crawl whose event loop does not come round is told as not healthy.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import TimeoutError as LateError
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Self, TypeVar

from scrapy import signals as scrapy_signals
from scrapy.exceptions import CloseSpider, NotConfigured

from crawler.arguments import ArgumentError
from crawler.audit.files import METRICS
from crawler.durable import PART
from crawler.metrics.endpoint import EndpointError, Health, Server, serve
from crawler.metrics.figures import Watched, figures
from crawler.metrics.health import health_of
from crawler.metrics.metric import Metric
from crawler.metrics.telling import Telling, telling
from crawler.metrics.text import registry_of, render
from crawler.middlewares import FetchGateMiddleware
from crawler.pipelines import CollectionPipeline

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

T = TypeVar("T")
LATE_S = 5.0  # what the event loop may take to answer
logger = logging.getLogger(__name__)


class Metrics:
    """Tells while the spider is open, and once more when it has closed.

    Attributes:
        problem: Why nothing can be told, so that the crawl did not begin.
    """

    def __init__(self, crawler: Crawler, told: Telling | ArgumentError) -> None:
        self.crawler = crawler
        self._told = told
        self.problem = ""
        self._watched: Watched | None = None
        self._server: Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._said = False
        crawler.signals.connect(self._begin, signal=scrapy_signals.spider_opened)
        crawler.signals.connect(self._end, signal=scrapy_signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        try:
            told = telling(crawler.settings)
        except ArgumentError as error:
            return cls(crawler, error)
        if told.is_off:
            raise NotConfigured
        return cls(crawler, told)

    def _begin(self) -> None:
        """What cannot be told as asked ends the crawl before its first request."""
        self._watched = self._watch()
        if self._watched is None:
            return
        try:
            if isinstance(self._told, ArgumentError):
                raise self._told
            if self._told.listen:
                self._server = self._serve(self._told, *self._told.listen)
            if self._told.textfile:  # last: once it is there, it is written again at the end
                self._check_place(self._told.textfile, self._watched.collection.out)
                self._write(self._told, self._told.textfile)
                self._task = asyncio.ensure_future(self._go_on_writing(self._told, self._told.textfile))
        except (OSError, ArgumentError, EndpointError) as error:
            self._watched.collection.addresses.keeps = True  # no seed was read: with another setting, --resume goes on
            self.problem = _why(error)
            raise CloseSpider(self.problem) from error

    def _end(self) -> None:
        if self._task:
            self._task.cancel()
        if self._server:
            self._server.close()
        if self._watched and not self.problem and isinstance(self._told, Telling) and self._told.textfile:
            self._watched.running = False
            self._write_or_say(self._told, self._told.textfile)

    def _watch(self) -> Watched | None:
        """What there is to watch; None where the crawl did not start."""
        pipeline = self.crawler.get_item_pipeline(CollectionPipeline)
        gate = self.crawler.get_downloader_middleware(FetchGateMiddleware)
        if pipeline is None or gate is None or not pipeline.is_open:
            return None
        assert self.crawler.engine is not None
        assert self.crawler.stats is not None
        return Watched(
            collection=pipeline.collection,
            patience=gate.patience,
            sites=gate.sites,
            downloader=self.crawler.engine.downloader,
            stats=self.crawler.stats,
            started=time(),
        )

    def _figures(self) -> list[Metric]:
        assert self._watched is not None
        return list(figures(self._watched))

    def _health(self, told: Telling) -> Health:
        assert self._watched is not None
        pipeline = self.crawler.get_item_pipeline(CollectionPipeline)
        return health_of(self._watched.state(recording=not (pipeline and pipeline.problem)), told.limits)

    def _serve(self, told: Telling, host: str, port: int) -> Server:
        loop = asyncio.get_running_loop()

        def health() -> Health:
            try:
                return _in_loop(loop, lambda: self._health(told))
            except LateError:
                return Health(False, (f"the crawl has not answered for {LATE_S:g} seconds",))

        server = serve(host, port, collect=lambda: _in_loop(loop, self._figures), health=health, labels=told.labels)
        logger.info("Metrics and health: %s, port %s", server.host, server.port)
        return server

    async def _go_on_writing(self, told: Telling, path: Path) -> None:
        while True:
            await asyncio.sleep(told.seconds)
            self._write_or_say(told, path)

    def _write_or_say(self, told: Telling, path: Path) -> None:
        """A file that cannot be written ends no crawl; it is said once."""
        try:
            self._write(told, path)
        except OSError as error:
            if not self._said:
                logger.warning("%s", _why(error))
            self._said = True

    def _write(self, told: Telling, path: Path) -> None:
        """Readers see the old file or the new one. Raises OSError."""
        part = path.with_name(path.name + PART)
        try:
            part.write_bytes(render(registry_of(self._figures, told.labels)))
            part.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise

    @staticmethod
    def _check_place(path: Path, crawl: Path) -> None:
        """A file that changes after the end of the run has one name in a crawl's folder, which auditors know."""
        inside = crawl.resolve() in path.resolve().parents
        if inside and path.resolve() != crawl.resolve() / METRICS:
            raise ArgumentError(
                f"METRICS_TEXTFILE={path}: in the crawl's folder it can only be {METRICS}; or give another folder"
            )


def _in_loop(loop: asyncio.AbstractEventLoop, read: Callable[[], T]) -> T:
    """What is read in the event loop's thread. Raises LateError."""

    async def answer() -> T:
        return read()

    return asyncio.run_coroutine_threadsafe(answer(), loop).result(LATE_S)


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"METRICS_TEXTFILE: {error.filename}: cannot be written: {error.strerror}; give another path"
    return str(error) if isinstance(error, ArgumentError) else f"METRICS_LISTEN: {error}"
