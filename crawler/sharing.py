"""The Scrapy shell around a frontier that is shared: when to ask for more, how to say that one lives, when to end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import IgnoreRequest

from crawler.arguments import ArgumentError
from crawler.durable import WriteError
from crawler.feed import Feed, SharedFeed
from crawler.shared import Alone, FrontierState, SharedFrontier

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

POSTPONED = "usufruct_postponed"  # meta: how often the request has waited
RETRIED = "usufruct_retried"  # meta: how often it was asked for again, as Scrapy counts in `retry_times`
DELAY = "usufruct_delay"  # meta: seconds between two pages of its host
NONE = "none"
LEAST_WAIT_S = 0.01
AHEAD = 2  # leases for each request that may be under way: some are being judged meanwhile


class NotOursError(IgnoreRequest):
    """Another process goes for the address by now, or this one cannot record; nothing is written about it."""


def is_shared(settings: BaseSettings) -> bool:
    """Whether the crawl works on a frontier that others work on, too."""
    return bool(settings["FRONTIER_NAME"] or settings["FRONTIER_REDIS"])


def most_under_way(settings: BaseSettings, *, shared: bool) -> int:
    """Addresses in memory. A shared frontier gives out no more than can be asked for: each holds its host's turn."""
    most = settings.getint("FRONTIER_MAX")
    return min(most, AHEAD * settings.getint("CONCURRENT_REQUESTS")) if shared else most


def frontier_of(settings: BaseSettings, limit: int | None, before: Mapping[str, Any] | None) -> SharedFrontier | None:
    """The frontier that the settings name; None for one of the crawl's own.

    Args:
        settings: FRONTIER_REDIS, FRONTIER_NAME.
        limit: Of addresses, over all processes.
        before: What run.json says of the crawl that goes on.

    Raises:
        ArgumentError: They do not fit each other, or the crawl that goes on.
    """
    told = (before or {}).get("frontier")
    was = str(told.get("name", "")) if isinstance(told, dict) else ""
    address, name = str(settings["FRONTIER_REDIS"] or settings["REDIS_URL"]), str(settings["FRONTIER_NAME"])
    if address == NONE and was:
        return Alone()
    if before is not None and name != was:
        begun = f"on the shared frontier {was}" if was else "on a frontier of its own"
        hint = f"-s FRONTIER_REDIS=... -s FRONTIER_NAME={was}" if was else "no FRONTIER_NAME"
        raise ArgumentError(f"FRONTIER_NAME={name}: the crawl was begun {begun}; go on with {hint}")
    if not is_shared(settings):
        return None
    if not address or address == NONE:
        raise ArgumentError("FRONTIER_REDIS is missing; for example -s FRONTIER_REDIS=redis://127.0.0.1:6379/0")
    from crawler.cluster.frontier import RedisFrontier

    return RedisFrontier(settings, limit)


def carried(meta: Mapping[str, Any]) -> dict[str, str | int]:
    """What goes with an address that is given back: how it was reached, and how often it was tried."""
    return {
        str(name): value
        for name, value in meta.items()
        if str(name).startswith("usufruct_") and type(value) in (str, int)
    }


def going_on(out: Path | str, state: FrontierState, own: str) -> list[str]:
    """What is left of the crawl once this process has nothing to do, and the commands that bring it to an end."""
    lines = [
        f"{one.out}: was not heard of for a while and holds {one.held} addresses whose outcomes only it knows; there: "
        f"scrapy crawl web -a out={one.out.rpartition(' on ')[0]} --resume{_settings(state.name)}"
        for one in state.left_by_the_dead()
        if one.crawl != own
    ]
    if state.parked:
        lines.append(
            f"{state.parked} addresses met errors; they are tried once more when a process begins or goes on: "
            f"scrapy crawl web -a out={out} --resume{_settings(state.name)}"
        )
    return lines


def settings_of(feed: Feed) -> str:
    """What the command to go on needs besides, for a frontier that is shared; "" for one of the crawl's own."""
    return _settings(feed.frontier.name) if isinstance(feed, SharedFeed) and feed.frontier.name else ""


def _settings(name: str) -> str:
    return f" -s FRONTIER_REDIS=... -s FRONTIER_NAME={name}"


def frontier_line(state: FrontierState) -> str:
    """How the crawl stood over all its processes."""
    others = sum(one.leased + one.held for one in state.segments)
    told = "complete" if state.complete else f"{state.waiting} wait, {others} with other processes"
    return f"frontier {state.name}: {state.accepted} addresses, {state.decided} decided, {told}"


class Sharing:
    """Keeps a process in touch with the frontier, from the spider's opening to its end.

    Args:
        crawler: Scrapy's.
        feed: Where addresses come from.
        stop: Ends the crawl, since the frontier cannot be reached.
    """

    def __init__(self, crawler: Crawler, feed: SharedFeed, stop: Callable[[str], None]) -> None:
        self._feed, self._stop = feed, stop
        self._lease_s = crawler.settings.getfloat("FRONTIER_LEASE")
        self._wake = asyncio.Event()
        self._tasks = [asyncio.ensure_future(self._beat())]
        self.errors = 0  # addresses that met an error in the spider

    def begin(self, do_next: Callable[[], None]) -> None:
        """From now on, ask for addresses whenever a host may be asked."""
        self._tasks.append(asyncio.ensure_future(self._ask(do_next)))

    def wake(self) -> None:
        """A host may have become free."""
        self._wake.set()

    def may_bring_more(self) -> bool:
        """Nothing is under way here: whether to stay, for what waits or what others may yet find or lose."""
        try:
            self.errors += self._feed.park()
            state = self._feed.frontier.state()
        except WriteError as error:
            self._stop(str(error))
            return False
        return state.may_bring_more()

    def close(self) -> None:
        """No more."""
        for task in self._tasks:
            task.cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 4)
            try:
                self._feed.frontier.beat()
            except WriteError as error:
                self._stop(str(error))
                return

    async def _ask(self, do_next: Callable[[], None]) -> None:
        while True:
            self._wake.clear()
            do_next()
            wait = max(self._feed.frontier.wait_s, LEAST_WAIT_S)
            try:
                await asyncio.wait_for(self._wake.wait(), wait)
            except TimeoutError:
                continue
