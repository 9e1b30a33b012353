"""Items of pages that nobody kept go no further; the reason is said where Scrapy says why items are dropped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy import signals as scrapy_signals
from scrapy.exceptions import DropItem
from scrapy.http import Response

from crawler.addon.verdict import NOT_JUDGED, VERDICT, Verdict

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class RefusedItemError(DropItem):
    """The item was made of a page that no policy kept; the message names policies, results and rules."""


class PlainItemsMiddleware:
    """Nearest to the engine: what other spider middlewares make of the output is seen, too."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self.withheld = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Requests pass, since each has its own gate."""
        reason = _reason(response)
        async for each in result:
            if isinstance(each, Request) or not reason:
                yield each
            else:
                await self._drop(each, response, reason)

    async def _drop(self, item: Any, response: Response, reason: str) -> None:
        self.withheld += 1
        await self._crawler.signals.send_catch_log_async(
            signal=scrapy_signals.item_dropped,
            item=item,
            response=response,
            exception=RefusedItemError(reason),
            spider=self._crawler.spider,
        )


def _reason(response: Response) -> str:
    """Why items of an answer are withheld; what has no verdict of its own was not judged."""
    verdict = response.meta.get(VERDICT) if response.request else None
    if not isinstance(verdict, Verdict) or response.request is None or verdict.url != response.request.url:
        return NOT_JUDGED
    return verdict.items
