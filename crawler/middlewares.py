"""The Scrapy shell, downloader side: what may be fetched, and how fast.

Every request of every spider passes `FetchGateMiddleware`; nothing is fetched that it did not let through. It asks, in
this order: is the address one that may be fetched from; is the host to be left alone for a while; what do the site
files say. Who is refused has a ledger line before the request is given up.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy import Request, Spider
from scrapy import signals as scrapy_signals
from scrapy.exceptions import DontCloseSpider, IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.defer import maybe_deferred_to_future

from crawler.addresses import is_ip_literal, is_loopback_host, is_refused, networks
from crawler.document import Evidence, Fetched, FetchError, Gate, Judged
from crawler.exchange import failed, fetched
from crawler.judge import ROBOTS_TXT, Gated
from crawler.pipelines import CollectionPipeline
from crawler.signals import needs
from crawler.sites import SiteFiles
from crawler.urls import host_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

SITE_FILE = "usufruct_site_file"  # meta: the request is for a site file
GATED = "usufruct_gated"  # meta: what the gate found, for the callback
EVIDENCE = "usufruct_evidence"  # meta: the evidence so far, for the callback
POSTPONED = "usufruct_postponed"  # meta: how often the request has waited
MOST_HOSTS = 20_000  # remembered pauses and delays


class RecordedError(IgnoreRequest):
    """The request is given up, and its outcome is in the ledger."""


class PostponedError(IgnoreRequest):
    """The request waits; it comes back by itself."""


class Waiting:
    """Requests that come back later, without holding a place in the downloader; and hosts that asked for quiet."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._times = crawler.settings.getint("POSTPONE_TIMES")
        self._most = crawler.settings.getint("POSTPONED_MAX")
        self._waiting: set[asyncio.TimerHandle] = set()
        self._quiet_until: OrderedDict[str, float] = OrderedDict()
        crawler.signals.connect(self._stay, signal=scrapy_signals.spider_idle)
        crawler.signals.connect(self._forget, signal=scrapy_signals.spider_closed)

    def may_wait(self, request: Request) -> bool:
        """Whether the request has waits left, and there is room for it."""
        return request.meta.get(POSTPONED, 0) < self._times and len(self._waiting) < self._most

    def postpone(self, request: Request, seconds: float, *, counts: bool = True) -> PostponedError:
        """Bring the request back after some seconds; raise what is returned."""
        again = request.replace(dont_filter=True)
        again.meta.pop(GATED, None)
        again.meta.pop(EVIDENCE, None)
        if counts:
            again.meta[POSTPONED] = request.meta.get(POSTPONED, 0) + 1
        handle: list[asyncio.TimerHandle] = []

        def come_back() -> None:
            self._waiting.discard(handle[0])
            assert self._crawler.engine is not None
            self._crawler.engine.crawl(again)

        handle.append(asyncio.get_running_loop().call_later(seconds, come_back))
        self._waiting.add(handle[0])
        return PostponedError()

    def leave_alone(self, host: str, seconds: float) -> None:
        """No request to the host before the time is over."""
        self._quiet_until[host] = monotonic() + seconds
        self._quiet_until.move_to_end(host)
        if len(self._quiet_until) > MOST_HOSTS:
            self._quiet_until.popitem(last=False)

    def quiet_for(self, host: str) -> float:
        """Seconds for which the host is to be left alone still; 0 when it is not."""
        left = self._quiet_until.get(host, 0.0) - monotonic()
        if left <= 0:
            self._quiet_until.pop(host, None)
        return max(left, 0.0)

    def _stay(self) -> None:
        if self._waiting:
            raise DontCloseSpider

    def _forget(self) -> None:
        for handle in self._waiting:
            handle.cancel()


class FetchGateMiddleware:
    """Nothing is fetched before site files and policies were asked."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        settings = crawler.settings
        self._allowed = networks(settings.getlist("ALLOWED_PRIVATE_NETWORKS"))
        self._delay_max = settings.getfloat("CRAWL_DELAY_MAX")
        self._postpone_s = settings.getfloat("POSTPONE_DELAY")
        self._needs = needs()
        self.waiting = Waiting(crawler)
        self.sites = SiteFiles(
            self._fetch_site_file,
            lambda file: self._pipeline.store_site_file(file),
            clock=monotonic,
            unreachable_s=self._postpone_s / 2,
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def _pipeline(self) -> CollectionPipeline:
        pipeline = self.crawler.get_item_pipeline(CollectionPipeline)
        assert pipeline is not None
        return pipeline

    async def process_request(self, request: Request) -> None:
        request.headers.update(self._pipeline.collection.identity)
        refusal = await self._address(request)
        if SITE_FILE in request.meta:
            if refusal:
                raise RefusedAddressError(refusal)
            return
        collection = self._pipeline.collection
        evidence = collection.evidence_of(request.url)
        if refusal:
            gated = collection.workers.gate(evidence)
            exchange = failed(request.url, refusal)
            self._record(collection.workers.without_page(replace(evidence, page=exchange), gated))
            raise RecordedError
        host = host_of(request.url)
        if quiet := self.waiting.quiet_for(host):
            raise self.waiting.postpone(request, quiet, counts=False)
        evidence, gated = await self._ask(evidence)
        if not gated.is_open:
            if _may_change(gated) and self.waiting.may_wait(request):
                raise self.waiting.postpone(request, self._postpone_s)
            self._record(collection.workers.refused(evidence, gated))
            raise RecordedError
        self._set_delay(request, gated)
        request.meta[GATED], request.meta[EVIDENCE] = gated, evidence

    async def _ask(self, evidence: Evidence) -> tuple[Evidence, Gated]:
        """Ask robots.txt first; who is refused there is asked for nothing else."""
        workers = self._pipeline.collection.workers
        site: dict[str, Fetched] = {}
        gated = Gated((), {})
        for path in sorted(self._needs, key=lambda path: path != ROBOTS_TXT):
            site[path] = await self.sites.get(evidence.url, path)
            evidence = replace(evidence, site=dict(site))
            gated = workers.gate(evidence)
            if not gated.is_open:
                break
        return evidence, gated

    async def _fetch_site_file(self, url: str) -> Fetched:
        settings = self.crawler.settings
        slot = f"site file {url}"  # of its own: it waits for no page, and no page waits for it
        request = Request(
            url,
            callback=NO_CALLBACK,
            priority=1000,
            dont_filter=True,
            meta={
                SITE_FILE: True,
                "dont_retry": True,
                "dont_cache": True,
                "download_maxsize": settings.getint("SITE_FILE_MAXSIZE"),
                "download_timeout": settings.getfloat("SITE_FILE_TIMEOUT"),
                "download_slot": slot,
            },
        )
        assert self.crawler.engine is not None
        try:
            response = await self.crawler.engine.download_async(request)
        except RefusedAddressError as error:
            return failed(url, error.reason)
        except Exception as error:  # noqa: BLE001 - every failure is evidence
            return failed(url, error)
        finally:
            self.crawler.engine.downloader.slots.pop(slot, None)  # Scrapy would keep it for a minute
        return fetched(response, url=url)

    async def _address(self, request: Request) -> FetchError:
        """Why the address may not be fetched from; NONE when it may."""
        scheme, _, rest = request.url.partition("://")
        host = host_of(request.url)
        if scheme not in ("http", "https") or not rest:
            return FetchError.SCHEME
        if not host:
            return FetchError.INVALID_URL
        loopback = is_loopback_host(host)
        if self._pipeline.collection.loopback_only and not loopback:
            return FetchError.ADDRESS  # a crawl without a contact may only see loopback
        if loopback or is_ip_literal(host):
            return (
                FetchError.ADDRESS if is_refused("127.0.0.1" if loopback else host, self._allowed) else FetchError.NONE
            )
        if request.meta.get("proxy"):
            return FetchError.NONE  # the proxy resolves the name, not we
        return await self._resolved(host)

    async def _resolved(self, host: str) -> FetchError:
        if not self.crawler.settings.getbool("TWISTED_REACTOR_ENABLED"):
            return FetchError.NONE  # the answer's own address is checked instead, by the spider
        from twisted.internet import reactor

        try:
            await maybe_deferred_to_future(reactor.resolve(host))  # type: ignore[arg-type] # a str, whatever it says
        except Exception as error:  # noqa: BLE001 - a name that does not resolve fails again, and better, when fetched
            reason = failed("", error).error
            return reason if reason is FetchError.ADDRESS else FetchError.NONE
        return FetchError.NONE

    def _set_delay(self, request: Request, gated: Gated) -> None:
        """Honor Crawl-delay, within reason, by the host's own slot of the downloader."""
        asked = next((float(str(f.value)) for f in gated.stated if f.name == "robots.crawl-delay"), 0.0)
        delay = max(min(asked, self._delay_max), self.crawler.settings.getfloat("DOWNLOAD_DELAY"))
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        if not asked or downloader.per_slot_settings.get(key, {}).get("delay") == delay:
            return
        downloader.per_slot_settings[key] = {"delay": delay, "concurrency": 1, "jitter": 0}
        if len(downloader.per_slot_settings) > MOST_HOSTS:
            downloader.per_slot_settings.pop(next(iter(downloader.per_slot_settings)))
        if slot := downloader.slots.get(key):
            slot.delay, slot.jitter, slot.concurrency = delay, 0, 1

    def _record(self, judged: Judged) -> None:
        self._pipeline.record(judged)


class RefusedAddressError(IgnoreRequest):
    """A site file, or a redirect of one, leads to an address that may not be fetched from."""

    def __init__(self, reason: FetchError) -> None:
        super().__init__(reason.value)
        self.reason = reason


class PolitenessMiddleware:
    """429 and 503: the host is left alone for as long as it asks (RFC 9110, 10.2.3); then the page comes again."""

    def __init__(self, crawler: Crawler, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.crawler = crawler
        self._clock = clock
        self._most = crawler.settings.getfloat("RETRY_AFTER_MAX")
        self._default = crawler.settings.getfloat("POSTPONE_DELAY")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response, spider: Spider | None = None) -> Response:
        if response.status not in (429, 503) or SITE_FILE in request.meta:
            return response
        seconds = retry_after(response, self._clock())
        wait = self._default if seconds is None else seconds
        gate = self.crawler.get_downloader_middleware(FetchGateMiddleware)
        assert gate is not None
        gate.waiting.leave_alone(host_of(request.url), min(wait, self._most))
        if wait > self._most or not gate.waiting.may_wait(request):
            return response
        raise gate.waiting.postpone(request, wait)


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


def _may_change(gated: Gated) -> bool:
    """Whether what stands in the way was a failure, not a refusal, for some policy."""
    return any(decision.gate is Gate.RETRY for decision in gated.decisions.values())
