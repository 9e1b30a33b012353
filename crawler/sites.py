"""Site files (robots.txt and its like): fetched once per origin, shared by all its pages, kept for at most a day.

RFC 9309 section 2.4 allows a day; section 2.3.1.2 asks to follow five redirects. Nothing here reads what a file says.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace

from crawler.document import Fetched, FetchError
from crawler.sources.warc import MAX_HOPS, redirected_to, slim

DAY_S = 24 * 3600.0

Fetch = Callable[[], Awaitable[Fetched]]
Shared = Callable[[str, Fetch], Awaitable[tuple[Fetched, float]]]


def seconds_kept(file: Fetched, unreachable_s: float) -> float:
    """For how long the answer counts: a day, or as long as a failure does."""
    return unreachable_s if file.error or file.status >= 500 or file.status == 429 else DAY_S


class SiteFiles:
    """The cache. Concurrent questions for one file share one fetch; the least recently used files go first.

    Args:
        fetch: Gets one address without following redirects; answers failures, too, and never raises.
        store: Keeps an exchange as evidence and says where.
        may_follow: Whether the file at one address may be had from another; one that may not is said to be not asked.
        clock: Seconds, monotonic.
        shared: Asks a cache that other processes fill, too, which fetches by what it is given where nobody has; says
            for how many seconds the file counts still. Every process stores the file as evidence of its own.
        unreachable_s: How long a failure counts before the file is asked for again.
        max_bytes: Of all bodies together; they are kept compressed.

    Attributes:
        asked: How often a question was answered from the "cache", shared a fetch under way ("shared"), or began a
            "fetch".
    """

    def __init__(
        self,
        fetch: Callable[[str], Awaitable[Fetched]],
        store: Callable[[Fetched], str],
        may_follow: Callable[[str, str], Awaitable[bool]],
        *,
        clock: Callable[[], float],
        unreachable_s: float,
        max_bytes: int = 16 * 1024 * 1024,
        max_files: int = 10_000,
        shared: Shared | None = None,
    ) -> None:
        self._fetch = fetch
        self._store = store
        self._may_follow = may_follow
        self._clock = clock
        self._unreachable_s = unreachable_s
        self._max_bytes = max_bytes
        self._max_files = max_files
        self.asked = {"cache": 0, "shared": 0, "fetch": 0}
        self._shared = shared
        self._bytes = 0
        self._kept: OrderedDict[str, tuple[Fetched, float]] = OrderedDict()
        self._running: dict[str, asyncio.Future[Fetched]] = {}

    async def get(self, address: str) -> Fetched:
        """The site file at an address."""
        if address in self._kept:
            file, until = self._kept[address]
            if self._clock() < until:
                self._kept.move_to_end(address)
                self.asked["cache"] += 1
                return replace(file, body=zlib.decompress(file.body))
            self._forget(address)
        self.asked["shared" if address in self._running else "fetch"] += 1
        if address not in self._running:
            self._running[address] = asyncio.ensure_future(self._load(address))
        return await asyncio.shield(self._running[address])

    def __len__(self) -> int:
        """How many files are kept."""
        return len(self._kept)

    @property
    def kept_bytes(self) -> int:
        """What their bodies take, compressed."""
        return self._bytes

    async def _load(self, address: str) -> Fetched:
        try:
            seconds = 0.0
            if self._shared:
                file, seconds = await self._shared(address, lambda: self._follow(address))
            else:
                file = await self._follow(address)
            file = slim(replace(file, record=self._store(file)))
            self._keep(address, file, seconds or seconds_kept(file, self._unreachable_s))
            return file
        finally:
            self._running.pop(address, None)

    async def _follow(self, address: str) -> Fetched:
        target = address
        for _ in range(MAX_HOPS + 1):
            answer = await self._fetch(target)
            try:
                location = redirected_to(replace(answer, url=target))
            except ValueError:
                return replace(answer, url=address, error=FetchError.BROKEN)
            if not location:
                return replace(answer, url=address, final_url=target if target != address else "")
            target = location
            if not await self._may_follow(address, target):
                return replace(answer, url=address, final_url=target, error=FetchError.NOT_ASKED)
        return replace(answer, url=address, final_url=target, error=FetchError.TOO_MANY_REDIRECTS)

    def _keep(self, address: str, file: Fetched, seconds: float) -> None:
        file = replace(file, body=zlib.compress(file.body, 1))
        self._kept[address] = (file, self._clock() + seconds)
        self._bytes += len(file.body)
        while self._kept and (self._bytes > self._max_bytes or len(self._kept) > self._max_files):
            self._forget(next(iter(self._kept)))

    def _forget(self, address: str) -> None:
        file, _ = self._kept.pop(address)
        self._bytes -= len(file.body)
