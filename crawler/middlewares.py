"""The Scrapy shell, downloader side: what may be fetched, and how fast.

Every request of every spider passes `FetchGateMiddleware`; nothing is fetched that it did not let through. It asks, in
this order: is the address one that may be fetched from; is the host to be left alone for a while; what do the site
files say. Who is refused has a ledger line before the request is given up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING, Self

from scrapy import Request, Spider
from scrapy import signals as scrapy_signals
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.defer import maybe_deferred_to_future

from crawler.addresses import LOOPBACK, is_loopback_host, is_refused, literal, networks
from crawler.asking import Asking, may_ask
from crawler.document import Evidence, Fetched, FetchError, Gate
from crawler.durable import WriteError
from crawler.exchange import failed, fetched
from crawler.feed import SharedFeed
from crawler.judge import ROBOTS_TXT, Gated
from crawler.patience import Patience, retry_after
from crawler.pipelines import CollectionPipeline
from crawler.sharing import DELAY, NotOursError, is_shared
from crawler.sites import Fetch, SiteFiles
from crawler.urls import host_of, origin
from crawler.way import SEED, WAY

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

SITE_FILE = "usufruct_site_file"  # meta: the request is for a site file, of which so many bytes came
LOOK = "usufruct_look"  # meta: is asked for only if its site takes back what was kept of it
WHOLE = "usufruct_whole"  # meta: of a known page, whatever has changed
GATED = "usufruct_gated"  # meta: what the gate found, for the callback
EVIDENCE = "usufruct_evidence"  # meta: the evidence so far, for the callback
MOST_DELAYS = 20_000  # of hosts, remembered at once
MOST_DECODED = 8 * 1024 * 1024  # bytes of a site file whose coding is undone; it is cut afterwards
ACCEPT_ENCODING = "gzip, deflate, br, zstd"  # what exchange.py can undo


class RecordedError(IgnoreRequest):
    """The request is given up, and its outcome is in the ledger."""


class FetchGateMiddleware:
    """Nothing is fetched before site files and policies were asked."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        settings = crawler.settings
        self._allowed = networks(settings.getlist("ALLOWED_PRIVATE_NETWORKS"))
        self._delay_max = settings.getfloat("CRAWL_DELAY_MAX")
        self._postpone_s = settings.getfloat("POSTPONE_DELAY")
        self._most_s = settings.getfloat("RETRY_AFTER_MAX")
        self.patience = Patience(crawler)
        self.sites = SiteFiles(
            self._fetch_site_file,
            lambda file: self._pipeline.store_site_file(file),
            self._may_follow,
            clock=monotonic,
            unreachable_s=self._postpone_s / 2,
            shared=self._shared_site_file if is_shared(settings) else None,
        )
        crawler.signals.connect(self._cut, signal=scrapy_signals.bytes_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    @property
    def _pipeline(self) -> CollectionPipeline:
        pipeline = self.crawler.get_item_pipeline(CollectionPipeline)
        assert pipeline is not None
        return pipeline

    async def process_request(self, request: Request) -> None:
        request.headers.update({**self._pipeline.collection.identity, "Accept-Encoding": ACCEPT_ENCODING})
        refusal = await self._refused(request.url, proxy=bool(request.meta.get("proxy")))
        if SITE_FILE in request.meta:
            if refusal:
                raise RefusedAddressError(refusal)
            return
        if self._pipeline.problem:
            raise NotOursError  # nothing can be recorded any more
        collection = self._pipeline.collection
        evidence = collection.evidence_of(request.url)
        only_looks = LOOK in request.meta
        if only_looks and (refusal or self.patience.quiet_for(host_of(request.url))):
            raise RecordedError  # it has not been taken into the crawl; there is nothing to record
        if refusal:
            raise self._give_up(evidence, refusal)
        if quiet := self.patience.quiet_for(host_of(request.url)):
            raise self._wait(request, evidence, quiet)
        asked = await self.asking.before(evidence)
        if quiet := self.patience.quiet_for(host_of(request.url)):
            raise self._wait(request, evidence, quiet)  # a site file was answered so
        evidence, gated = asked
        if only_looks and not self._is_taken_in(request, gated):
            raise RecordedError
        self._set_delay(request, gated)
        if not gated.is_open:
            quiet = max(self._postpone_s, self.patience.quiet_for(host_of(request.url)))
            if _may_change(gated) and quiet <= self._most_s and self.patience.may_wait(request):
                raise self.patience.postpone(request, quiet)
            self._pipeline.record(collection.workers.refused(evidence, gated))
            raise RecordedError
        request.meta[GATED], request.meta[EVIDENCE] = gated, evidence
        if collection.known and SEED in request.meta and WHOLE not in request.meta:  # of a spider that knows of it
            request.headers.update(collection.known.visiting.conditions(evidence))

    def _is_taken_in(self, request: Request, gated: Gated) -> bool:
        """Take a page into the crawl that a policy had let in and refuses now."""
        known = self._pipeline.collection.known
        if known is None or not known.visiting.takes_back(request.url, gated):
            return False
        meta = {name: value for name, value in request.meta.items() if name in WAY}
        return self._pipeline.accept(request.url, meta, counts=False, waits=False)

    def _wait(self, request: Request, evidence: Evidence, seconds: float) -> IgnoreRequest:
        """Let the request wait for a host that wants to be left alone; too long or too often, and it is failed."""
        if seconds <= self._most_s and self.patience.may_wait(request):
            return self.patience.postpone(request, seconds)
        return self._give_up(evidence, FetchError.ASKED_TO_WAIT)

    def _give_up(self, evidence: Evidence, reason: FetchError) -> RecordedError:
        """Record an address that is not asked for at all, not even its site files; raise what is returned."""
        workers = self._pipeline.collection.workers
        exchange = failed(evidence.url, reason)
        self._pipeline.record(workers.without_page(replace(evidence, page=exchange), workers.gate(evidence)))
        return RecordedError()

    def came_from_inside(self, response: Response) -> bool:
        """Whether the answer came from an address that may not be fetched from; a proxy has its own."""
        if response.ip_address is None or (response.request and response.request.meta.get("proxy")):
            return False
        return is_refused(str(response.ip_address), self._allowed)

    @cached_property
    def asking(self) -> Asking:
        """How site files are gathered in this crawl; asked for by every request, and the same for all."""
        collection = self._pipeline.collection
        return Asking(self.sites.get, collection.workers.gate, collection.judging.wanted, collection.registries.answers)

    async def _may_follow(self, file: str, target: str) -> bool:
        """Whether robots.txt of the host that a site file redirects to lets us; a robots.txt may lead anywhere."""
        if file == origin(file) + ROBOTS_TXT or await self._refused(target):
            return True  # what may not be fetched from is refused with its reason when it is asked for
        return await may_ask(self._pipeline.collection.evidence_of(target), self.sites.get)

    async def _shared_site_file(self, address: str, fetch: Fetch) -> tuple[Fetched, float]:
        """The file that some process fetched for all; where they cannot be asked, the crawl ends."""
        try:
            feed = self._pipeline.collection.feed
            return await feed.frontier.site_file(address, fetch) if isinstance(feed, SharedFeed) else (await fetch(), 0)
        except WriteError as error:
            self._pipeline.stop(str(error))
            raise NotOursError from error

    def _is_quiet_for_all(self, host: str) -> bool:
        """Whether another process was asked to leave the host alone."""
        return self._pipeline.shared(lambda feed: feed.frontier.quiet_for(host) > 0, otherwise=False)

    async def _fetch_site_file(self, url: str) -> Fetched:
        settings, host = self.crawler.settings, host_of(url)
        if self.patience.quiet_for(host) or self._is_quiet_for_all(host):
            return failed(url, FetchError.ASKED_TO_WAIT)
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        slot = f"site file {url}"  # of its own: delays hold between pages, as everywhere; a site file is none
        most = settings.getint("SITE_FILE_MAXSIZE")
        meta = {
            SITE_FILE: 0,  # bytes received so far
            "dont_retry": True,
            "dont_cache": True,
            "dont_redirect": True,  # sites.py follows, and asks each host; a spider of others may have it on
            "dont_merge_cookies": True,
            "download_timeout": settings.getfloat("SITE_FILE_TIMEOUT"),
            "download_slot": slot,
        }
        try:
            request = Request(url, callback=NO_CALLBACK, priority=1000, dont_filter=True, meta=meta)
            response = await self.crawler.engine.download_async(request)
        except RefusedAddressError as error:
            return failed(url, error.reason)
        except Exception as error:  # noqa: BLE001 - every failure is evidence
            return failed(url, error)
        finally:
            downloader.slots.pop(slot, None)  # Scrapy would keep it for a minute
        if response.status in (429, 503) and (seconds := retry_after(response, datetime.now(UTC))):
            self.patience.leave_alone(host, seconds)
        answer = fetched(response, url=url, max_bytes=MOST_DECODED)
        return replace(answer, body=answer.body[:most])

    def _cut(self, data: bytes, request: Request) -> None:
        """Stop the download of a site file at its bound, and use what came (RFC 9309 section 2.5)."""
        if SITE_FILE in request.meta:
            request.meta[SITE_FILE] += len(data)
            if request.meta[SITE_FILE] > self.crawler.settings.getint("SITE_FILE_MAXSIZE"):
                raise StopDownload(fail=False)

    async def _refused(self, address: str, *, proxy: bool = False) -> FetchError:
        """Why the address may not be fetched from; NONE when it may."""
        scheme, _, rest = address.partition("://")
        host = host_of(address)
        if scheme not in ("http", "https") or not rest:
            return FetchError.SCHEME
        if not host:
            return FetchError.INVALID_URL
        loopback = is_loopback_host(host)
        if self._pipeline.collection.loopback_only and not loopback:
            return FetchError.ADDRESS  # a crawl without a contact may only see loopback
        if loopback or literal(host):
            ip = host if literal(host) else LOOPBACK
            return FetchError.ADDRESS if is_refused(ip, self._allowed) else FetchError.NONE
        if proxy:
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
        request.meta[DELAY] = delay
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        if not asked or downloader.per_slot_settings.get(key, {}).get("delay") == delay:
            return
        downloader.per_slot_settings[key] = {"delay": delay, "concurrency": 1, "jitter": 0}
        if len(downloader.per_slot_settings) > MOST_DELAYS:
            downloader.per_slot_settings.pop(next(iter(downloader.per_slot_settings)))
        if slot := downloader.slots.get(key):
            slot.delay, slot.jitter, slot.concurrency = delay, 0, 1


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
        gate.patience.leave_alone(host_of(request.url), wait)
        if wait > self._most or not gate.patience.may_wait(request):
            return response
        raise gate.patience.postpone(request, wait)


def _may_change(gated: Gated) -> bool:
    """Whether what stands in the way was a failure, not a refusal, for some policy."""
    return any(decision.gate is Gate.RETRY for decision in gated.decisions.values())
