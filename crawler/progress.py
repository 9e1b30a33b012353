"""What a person sees while a crawl runs: one moving line on a terminal, plain lines elsewhere. Counts only."""

from __future__ import annotations

import asyncio
import sys
from time import monotonic
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.live import Live
from scrapy import signals as scrapy_signals

from crawler.collection import Collection
from crawler.logs import JSON, json_line
from crawler.pipelines import CollectionPipeline

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class Progress:
    """Shows accepted, decided and, by policy, kept URLs."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._console = Console(stderr=True, highlight=False)
        self._json = crawler.settings["LOG_LINES"] == JSON
        self._seconds = (
            0.5 if self._console.is_terminal and not self._json else crawler.settings.getfloat("PROGRESS_SECONDS")
        )
        self._task: asyncio.Task[None] | None = None
        crawler.signals.connect(self._begin, signal=scrapy_signals.spider_opened)
        crawler.signals.connect(self._end, signal=scrapy_signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _begin(self) -> None:
        self._task = asyncio.ensure_future(self._show())

    def _end(self) -> None:
        if self._task:
            self._task.cancel()

    async def _show(self) -> None:
        began = monotonic()
        pipeline = self._crawler.get_item_pipeline(CollectionPipeline)
        if pipeline is None:
            return
        before = pipeline.collection.decided
        if self._json or not self._console.is_terminal:
            while True:
                await asyncio.sleep(self._seconds)
                line = progress_line(pipeline.collection, monotonic() - began, before)
                print(json_line(line) if self._json else line, file=sys.stderr, flush=True)
        with Live(console=self._console, refresh_per_second=4, transient=True) as live:
            while True:
                live.update(progress_line(pipeline.collection, monotonic() - began, before))
                await asyncio.sleep(self._seconds)


def progress_line(collection: Collection, seconds: float, before: int = 0) -> str:
    """For example: 120 seen, 100 decided (4.2/s), kept jp 40, eu 20. `before` were decided by an earlier run."""
    rate = (collection.decided - before) / seconds if seconds else 0.0
    kept = ", ".join(f"{policy} {counts['kept']}" for policy, counts in collection.results.items())
    return f"{collection.accepted} seen, {collection.decided} decided ({rate:.1f}/s), kept {kept}"
