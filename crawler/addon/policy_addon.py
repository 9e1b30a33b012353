"""The add-on: what it changes in the settings of another project, and why. What is set there on purpose stays, unless a
promise would be broken with it; then it is said."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Self

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import UsageError
from scrapy.settings import default_settings

from crawler import settings as ours
from crawler.addon.gate import PlainGateMiddleware
from crawler.addon.items import PlainItemsMiddleware
from crawler.addon.pipeline import PlainPipeline
from crawler.metrics.extension import Metrics

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

# Ours that Scrapy knows, too, as far as a spider of somebody else's needs them; their own values win.
DEFAULTS = (
    "COOKIES_ENABLED",  # no sessions: what needs one is behind a barrier
    "CONCURRENT_REQUESTS_PER_DOMAIN",
    "DOWNLOAD_DELAY",
    "DOWNLOAD_MAXSIZE",
    "DOWNLOAD_TIMEOUT",
    "DOWNLOAD_VERIFY_CERTIFICATES",
    "LOG_FORMATTER",  # Scrapy's prints whole items
)
# Without these a promise is broken, so they hold whatever the project says.
NEEDED: dict[str, tuple[Any, str]] = {
    "HTTPCACHE_ENABLED": (False, "a page from a cache was not fetched, and nobody asked its site again"),
    "TWISTED_DNS_RESOLVER": (ours.TWISTED_DNS_RESOLVER, "names that lead to private addresses are not followed"),
}
COOKIES = "usufruct: COOKIES_ENABLED is True: a page that needs a session is recorded as if anybody could read it"


class PolicyAddon:
    """Gate, signals, judge, shards and ledger for the spiders of a project."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        """Called by Scrapy before anything of the crawl is built."""
        if "asyncio" not in str(settings["TWISTED_REACTOR"]):
            raise UsageError("crawler.addon.PolicyAddon needs Scrapy's asyncio reactor; leave TWISTED_REACTOR as it is")
        for name in filter(str.isupper, dir(ours)):
            if name in DEFAULTS or not hasattr(default_settings, name):
                _default(settings, name, getattr(ours, name))
        for name, (value, why) in NEEDED.items():
            _need(settings, name, value, why)
        if settings.getbool("COOKIES_ENABLED"):
            print(COOKIES, file=sys.stderr)
        # Ours fails closed, and its line stands in the ledger.
        settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", RobotsTxtMiddleware, None)
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", PlainGateMiddleware, 760)
        settings.setdefault_in_component_priority_dict("SPIDER_MIDDLEWARES", PlainItemsMiddleware, 10)
        settings.setdefault_in_component_priority_dict("ITEM_PIPELINES", PlainPipeline, 0)
        settings.setdefault_in_component_priority_dict("EXTENSIONS", Metrics, 0)


def _default(settings: BaseSettings, name: str, value: Any) -> None:
    """At the priority of add-ons: the project's settings, those of its spiders and `-s` win."""
    settings.set(name, value, priority="addon")


def _need(settings: BaseSettings, name: str, value: Any, why: str) -> None:
    before, priority = settings.get(name), settings.getpriority(name) or 0
    settings.set(name, value, priority=max(priority, 15))
    if priority > 15 and before not in (value, None):
        print(f"usufruct: {name}={before} is not used: {why}", file=sys.stderr)
