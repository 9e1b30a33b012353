"""Requests that come back later, and hosts that asked to be left alone (RFC 9110 section 10.2.3)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy import signals as scrapy_signals
from scrapy.exceptions import DontCloseSpider, IgnoreRequest
from scrapy.http import Response
from scrapy.utils.asyncio import call_later

from crawler.pipelines import CollectionPipeline
from crawler.sharing import POSTPONED, carried, is_shared

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

FORGOTTEN = ("usufruct_gated", "usufruct_evidence")  # meta of the gate that does not wait with the request
MOST_HOSTS = 20_000  # remembered at once


class PostponedError(IgnoreRequest):
    """The request waits; it comes back by itself."""


class Patience:
    """Requests that come back later, without holding a place in the downloader; and hosts that asked for quiet.

    Attributes:
        postponed: How often a request was sent to wait; `postponed_s`, for how long, all together.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._times = crawler.settings.getint("POSTPONE_TIMES")
        self._most = crawler.settings.getint("POSTPONED_MAX")
        self.postponed, self.postponed_s = 0, 0.0
        self._waiting: set[asyncio.TimerHandle] = set()
        self._quiet_until: OrderedDict[str, float] = OrderedDict()
        crawler.signals.connect(self._stay, signal=scrapy_signals.spider_idle)
        crawler.signals.connect(self._forget, signal=scrapy_signals.spider_closed)

    def may_wait(self, request: Request) -> bool:
        """Whether the request has waits left, and there is room for it."""
        return request.meta.get(POSTPONED, 0) < self._times and len(self._waiting) < self._most

    def postpone(self, request: Request, seconds: float) -> PostponedError:
        """Bring the request back after some seconds; raise what is returned."""
        if is_shared(self._crawler.settings):
            return self._give_back(request, seconds)
        again = request.replace(dont_filter=True)
        for name in FORGOTTEN:
            again.meta.pop(name, None)
        again.meta[POSTPONED] = request.meta.get(POSTPONED, 0) + 1
        handle: list[asyncio.TimerHandle] = []

        def come_back() -> None:
            self._waiting.discard(handle[0])
            assert self._crawler.engine is not None
            self._crawler.engine.crawl(again)

        handle.append(asyncio.get_running_loop().call_later(seconds, come_back))
        self._waiting.add(handle[0])
        self.postponed += 1
        self.postponed_s += seconds
        return PostponedError()

    def _give_back(self, request: Request, seconds: float) -> PostponedError:
        """It waits in the frontier that is shared, and so does its host, for every process."""
        meta = {**carried(request.meta), POSTPONED: request.meta.get(POSTPONED, 0) + 1}
        self._pipeline.shared(
            lambda feed: feed.put_back(request.url, meta, seconds=seconds, first=True), otherwise=None
        )
        return PostponedError()

    @property
    def _pipeline(self) -> CollectionPipeline:
        pipeline = self._crawler.get_item_pipeline(CollectionPipeline)
        assert pipeline is not None
        return pipeline

    def leave_alone(self, host: str, seconds: float) -> None:
        """No request to the host before the time is over, nor any that waits in the downloader already."""
        self._quiet_until[host] = monotonic() + seconds
        if is_shared(self._crawler.settings):
            self._pipeline.shared(lambda feed: feed.frontier.leave_alone(host, seconds), otherwise=None)
        assert self._crawler.engine is not None
        downloader = self._crawler.engine.downloader
        if slot := downloader.slots.get(host):
            if slot.latercall:
                slot.latercall.cancel()
            slot.latercall = call_later(seconds, downloader._latercall, slot)  # it holds the slot's queue until then
        self._quiet_until.move_to_end(host)
        if len(self._quiet_until) > MOST_HOSTS:
            self._quiet_until.popitem(last=False)

    def quiet_for(self, host: str) -> float:
        """Seconds for which the host is to be left alone still; 0 when it is not."""
        left = self._quiet_until.get(host, 0.0) - monotonic()
        if left <= 0:
            self._quiet_until.pop(host, None)
        return max(left, 0.0)

    @property
    def waiting(self) -> int:
        """How many requests wait to come back."""
        return len(self._waiting)

    @property
    def quiet_hosts(self) -> int:
        """How many hosts are to be left alone now."""
        now = monotonic()
        return sum(until > now for until in self._quiet_until.values())

    def _stay(self) -> None:
        if self._waiting:
            raise DontCloseSpider

    def _forget(self) -> None:
        for handle in self._waiting:
            handle.cancel()


def retry_after(response: Response, now: datetime) -> float | None:
    """Seconds that Retry-After asks for, as a number or a date; None where it is absent or unreadable."""
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if value.isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return max((moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds(), 0.0)
