"""The Scrapy shell, last before the net: over all processes of a crawl, a host is asked for one page at a time.

The frontier that is shared gives out a page together with its host's turn. Here the turn ends, when an answer or a
failure is there; what is to be asked for again goes back to the frontier, since it needs a turn of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy import Request
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.feed import SharedFeed
from crawler.middlewares import SITE_FILE
from crawler.patience import PostponedError
from crawler.pipelines import CollectionPipeline
from crawler.sharing import DELAY, RETRIED, NotOursError, carried, is_shared

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class TurnMiddleware:
    """Does nothing for a crawl whose frontier is its own."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._is_shared = is_shared(crawler.settings)
        self._delay = crawler.settings.getfloat("DOWNLOAD_DELAY")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """A process that hung, and is not believed to be alive, asks for nothing."""
        feed = self._feed(request)
        if feed and not feed.frontier.is_alive:
            raise NotOursError
        if feed:  # a slot of its own: it has its turn, and is asked for at once, while that is still so
            request.meta["download_slot"] = _slot_of(request)
            request.meta["dont_retry"] = True  # by Scrapy, which would ask again at once, without a turn

    def process_response(self, request: Request, response: Response) -> Response:
        if self._feed(request):
            self._end_turn(request, request.meta.get(DELAY, self._delay))
            retry = self.crawler.get_downloader_middleware(RetryMiddleware)
            if retry and response.status in retry.retry_http_codes and self._may_retry(request, retry):
                raise self._again(request)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        if self._feed(request) and not isinstance(exception, PostponedError):
            was_asked = not isinstance(exception, IgnoreRequest)
            self._end_turn(request, request.meta.get(DELAY, self._delay) if was_asked else 0.0)
            retry = self.crawler.get_downloader_middleware(RetryMiddleware)
            if retry and isinstance(exception, retry.exceptions_to_retry) and self._may_retry(request, retry):
                raise self._again(request)

    @property
    def _pipeline(self) -> CollectionPipeline:
        pipeline = self.crawler.get_item_pipeline(CollectionPipeline)
        assert pipeline is not None
        return pipeline

    def _feed(self, request: Request) -> SharedFeed | None:
        """The frontier that the page came from; None for site files, and for a crawl's own."""
        if not self._is_shared or SITE_FILE in request.meta:
            return None
        feed = self._pipeline.collection.feed
        return feed if isinstance(feed, SharedFeed) else None

    def _end_turn(self, request: Request, seconds: float) -> None:
        assert self.crawler.engine is not None
        self.crawler.engine.downloader.slots.pop(_slot_of(request), None)  # Scrapy would keep it for a minute
        self._pipeline.shared(lambda feed: feed.frontier.free_host(request.url, seconds), otherwise=None)
        if self._pipeline.sharing:
            self._pipeline.sharing.wake()

    def _may_retry(self, request: Request, retry: RetryMiddleware) -> bool:
        times: int = request.meta.get(RETRIED, 0)
        return times < retry.max_retry_times

    def _again(self, request: Request) -> PostponedError:
        """Last of its host; raise what is returned."""
        meta = {**carried(request.meta), RETRIED: request.meta.get(RETRIED, 0) + 1}
        seconds = request.meta.get(DELAY, self._delay)
        self._pipeline.shared(
            lambda feed: feed.put_back(request.url, meta, seconds=seconds, first=False), otherwise=None
        )
        return PostponedError()


def _slot_of(request: Request) -> str:
    return f"page {request.url}"
