"""The fetch gate for spiders that know nothing of it: what comes through is judged and recorded before they see it.

Each request of theirs is an address of the crawl, each hop of a redirect, too; an address has one line. What their
retries will ask for again has none yet. Only GET is recorded, since a line names an address and no more; the answers to
other methods, and to an address that has its line, are judged all the same, for what is made of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.httpcompression import ACCEPTED_ENCODINGS, HttpCompressionMiddleware
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.addon.verdict import VERDICT, verdict_of
from crawler.addresses import CheckingResolver
from crawler.document import Evidence, FetchError, Judged
from crawler.exchange import failed, fetched
from crawler.judge import Gated
from crawler.middlewares import (
    ACCEPT_ENCODING,
    EVIDENCE,
    GATED,
    SITE_FILE,
    FetchGateMiddleware,
    PolitenessMiddleware,
    RecordedError,
)
from crawler.patience import PostponedError
from crawler.pending import UNKNOWN

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

WAITING = (429, 503)  # come back when the server says, not when a retry would


class RefusedPageError(IgnoreRequest):
    """No policy lets the page be used; why stands in the ledger. Errbacks get this."""


class PlainGateMiddleware(FetchGateMiddleware):
    """Gate, judge and ledger around requests of any spider."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._politeness = PolitenessMiddleware(crawler)
        self._resolver_is_ours = False

    async def process_request(self, request: Request) -> None:
        self._install_resolver()
        if SITE_FILE in request.meta:
            await super().process_request(request)
            return
        if _is_recorded(request):
            self._pipeline.accept(request.url, UNKNOWN, counts=True, waits=False)
        await super().process_request(request)
        request.headers["Accept-Encoding"] = self._codings()
        if any(fact.name == "robots.crawl-delay" for fact in request.meta[GATED].stated):
            request.meta["autothrottle_dont_adjust_delay"] = True  # it would forget what the site asked for

    def _install_resolver(self) -> None:
        """Scrapy takes the resolver from the settings of the process, which no add-on can change: install it here."""
        if self._resolver_is_ours or not self.crawler.settings.getbool("TWISTED_REACTOR_ENABLED"):
            return
        from twisted.internet import reactor

        CheckingResolver.from_crawler(self.crawler, reactor).install_on_reactor()
        self._resolver_is_ours = True

    async def process_response(self, request: Request, response: Response, spider: Spider | None = None) -> Response:
        if SITE_FILE in request.meta or EVIDENCE not in request.meta:  # a site file, or what somebody's middleware made
            return response
        response.request = request  # Scrapy says so later
        evidence, gated = self._taken(request)
        try:
            self._politeness.process_response(request, response)
        except PostponedError:
            request.errback = None  # nothing has failed: it comes back
            raise
        if response.status in WAITING:
            request.meta["dont_retry"] = True  # it has waited as often as it may
        elif self._comes_again(request, response.status):
            return response
        page = failed(request.url, FetchError.ADDRESS) if self.came_from_inside(response) else fetched(response)
        evidence, gated = await self.asking.after(replace(evidence, page=page), gated)
        judged = await self._pipeline.collection.workers.page(evidence, gated)
        verdict = verdict_of(self._recorded(request, judged), has_content=page.has_content)
        request.meta[VERDICT] = verdict
        if verdict.refused or page.error is FetchError.ADDRESS:
            raise RefusedPageError(verdict.items)
        return response

    def process_exception(self, request: Request, exception: Exception, spider: Spider | None = None) -> None:
        """Record what brought no answer, unless it was recorded before, comes back, or never reached the gate."""
        if isinstance(exception, PostponedError):
            request.errback = None
        elif SITE_FILE not in request.meta and EVIDENCE in request.meta and not isinstance(exception, RecordedError):
            evidence, gated = self._taken(request)
            if not self._comes_again(request, exception):
                nothing = replace(evidence, page=failed(request.url, exception))
                self._recorded(request, self._pipeline.collection.workers.without_page(nothing, gated))

    def _taken(self, request: Request) -> tuple[Evidence, Gated]:
        """What the gate found; it leaves the request, whose meta spiders copy."""
        return request.meta.pop(EVIDENCE), request.meta.pop(GATED)

    def _recorded(self, request: Request, judged: Judged) -> Judged:
        return (_is_recorded(request) and self._pipeline.record(judged)) or judged

    def _comes_again(self, request: Request, what: int | Exception) -> bool:
        """Whether Scrapy's own retries will ask once more."""
        retry = self.crawler.get_downloader_middleware(RetryMiddleware)
        if retry is None or request.meta.get("dont_retry"):
            return False
        if request.meta.get("retry_times", 0) >= request.meta.get("max_retry_times", retry.max_retry_times):
            return False
        if isinstance(what, int):
            return what in retry.retry_http_codes
        return isinstance(what, tuple(retry.exceptions_to_retry))

    def _codings(self) -> str:
        """The content codings that both sides can undo: ours for the evidence, theirs for the spider."""
        if self.crawler.get_downloader_middleware(HttpCompressionMiddleware) is None:
            return "identity"
        theirs = {coding.decode("ascii").strip() for coding in ACCEPTED_ENCODINGS}
        return ", ".join(coding for coding in ACCEPT_ENCODING.split(", ") if coding in theirs) or "identity"


def _is_recorded(request: Request) -> bool:
    return request.method == "GET"
