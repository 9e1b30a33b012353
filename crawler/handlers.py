"""Scrapy's handler for http and https, with idle connections closed soon, and their hosts forgotten."""

from __future__ import annotations

from typing import Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from twisted.web.client import HTTPConnectionPool


class ForgettingPool(HTTPConnectionPool):
    """Twisted's pool keeps an empty list for every host that it ever had a connection to; this one does not."""

    def getConnection(self, key: Any, endpoint: Any) -> Any:  # noqa: N802 - Twisted's
        try:
            return super().getConnection(key, endpoint)
        finally:
            self._forget(key)

    def _removeConnection(self, key: Any, connection: Any) -> None:  # noqa: N802 - Twisted's
        super()._removeConnection(key, connection)  # type: ignore[no-untyped-call]
        self._forget(key)

    def _forget(self, key: Any) -> None:
        if key in self._connections and not self._connections[key]:
            del self._connections[key]


class ShortIdleDownloadHandler(HTTP11DownloadHandler):
    """Keeps an idle connection for CONNECTION_IDLE seconds.

    Twisted keeps it for 240: in a crawl of many hosts thousands of connections wait that will never be used again, each
    with the buffers of its TLS session (measured: 240 KB a page fetched, over 1 GB after 4,000 pages, one a host).
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        scrapys = self._pool
        self._pool = ForgettingPool(scrapys._reactor)  # type: ignore[no-untyped-call]
        self._pool.maxPersistentPerHost = scrapys.maxPersistentPerHost
        self._pool._factory = scrapys._factory
        self._pool.cachedConnectionTimeout = crawler.settings.getint("CONNECTION_IDLE")
