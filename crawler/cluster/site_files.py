"""Site files shared over all processes: one of them fetches a file, the others wait for it and take its answer.

In Redis stands one string a file: a line of JSON, then the body, compressed. A fetch is waited for as long as the
process that does it is believed to be alive. What cannot be read counts as not there.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from crawler.cluster import scripts
from crawler.cluster.connection import Connection
from crawler.document import Fetched, FetchError
from crawler.sites import seconds_kept

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

MOST_BYTES = 64 * 1024 * 1024  # of all site files in Redis
MOST_BODY_BYTES = 8 * 1024 * 1024
POLL_S = 0.1
HOPS = 6  # fetches that one site file may take


class SharedSiteFiles:
    """The cache in Redis.

    Args:
        redis: Where it is.
        settings: SITE_FILE_TIMEOUT, and POSTPONE_DELAY, of which half is how long a failure counts.
        crawl: Which segment asks.
    """

    def __init__(self, redis: Connection, settings: BaseSettings, crawl: Callable[[], str]) -> None:
        self._redis, self._crawl = redis, crawl
        self._lock_ms = int(settings.getfloat("SITE_FILE_TIMEOUT") * HOPS * 1000)
        self._unreachable_s = settings.getfloat("POSTPONE_DELAY") / 2

    async def get(self, address: str, fetch: Callable[[], Awaitable[Fetched]]) -> tuple[Fetched, float]:
        """The file, and the seconds for which it counts still."""
        name = sha256(address.encode("utf-8", "surrogatepass")).hexdigest()
        while True:
            what, left_ms, content = self._redis.run(scripts.SITE_GET, name, self._lock_ms, self._crawl())
            if what == b"file" and (file := unpack(address, content)):
                return file, int(left_ms) / 1000
            if what == b"wait":
                await asyncio.sleep(POLL_S)
                continue
            file = await fetch()
            seconds = seconds_kept(file, self._unreachable_s)
            self._redis.run(scripts.SITE_PUT, name, int(seconds * 1000), pack(file), MOST_BYTES)
            return file, seconds


def pack(file: Fetched) -> bytes:
    """The string for Redis."""
    said = {
        "url": file.url,
        "status": file.status,
        "headers": file.headers,
        "fetched_at": file.fetched_at.isoformat() if file.fetched_at else None,
        "error": file.error.value,
        "final_url": file.final_url,
    }
    return json.dumps(said).encode() + b"\n" + zlib.compress(file.body, 1)


def unpack(address: str, content: bytes) -> Fetched | None:
    """The file; None for what is none, or that of another address."""
    head, _, body = content.partition(b"\n")
    try:
        said = json.loads(head)
        opened = zlib.decompressobj()
        file = Fetched(
            url=str(said["url"]),
            status=int(said["status"]),
            headers=tuple((str(name), str(value)) for name, value in said["headers"]),
            fetched_at=datetime.fromisoformat(said["fetched_at"]) if said["fetched_at"] else None,
            error=FetchError(said["error"]),
            final_url=str(said["final_url"]),
        )
        return replace(file, body=opened.decompress(body, MOST_BODY_BYTES)) if file.url == address else None
    except (ValueError, KeyError, TypeError, zlib.error):
        return None
