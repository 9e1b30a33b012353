"""The shared frontier in Redis, as one process sees it. What happens there stands in scripts.py.

An address is an entry of JSON that is handed from list to hash and back; who holds it is believed as long as it says
that it is alive. A host's turn goes to one page at a time over all processes.
"""

from __future__ import annotations

import json
import re
import secrets
import socket
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from crawler.arguments import ArgumentError
from crawler.cluster import scripts
from crawler.cluster.connection import Connection, FrontierError
from crawler.cluster.site_files import SharedSiteFiles
from crawler.document import Fetched, url_id
from crawler.pending import Meta
from crawler.shared import FrontierState, Segment, Taken
from crawler.urls import host_of

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

T = TypeVar("T")

KEPT_S = 24 * 3600  # digests, counts and names of segments, once all is done
MOST_TRIES = 20  # processes that died or hung while they had an address, before it is parked
BATCH = 500  # addresses offered, or told of, in one step
NO_HOST = "-"  # of what is no address
POLL_S = 0.5  # where no host waits
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class RedisFrontier:
    """See `crawler.shared.SharedFrontier`.

    Args:
        settings: FRONTIER_NAME, FRONTIER_LEASE, DOWNLOAD_DELAY, what names Redis, and bounds of site files.
        limit: Addresses that may be accepted over all processes; None for no bound.
    """

    def __init__(self, settings: BaseSettings, limit: int | None) -> None:
        self.name = checked_name(str(settings["FRONTIER_NAME"]))
        self._redis = Connection(settings, f"usufruct:{{{self.name}}}:")
        self._limit = -1 if limit is None else limit
        self._lease_ms = int(settings.getfloat("FRONTIER_LEASE") * 1000)
        self._delay_ms = int(settings.getfloat("DOWNLOAD_DELAY") * 1000)
        self._run = secrets.token_hex(8)
        self._crawl, self._believed_until = "", 0.0
        self._offers: list[str | bytes] = []
        self._is_gathering = False
        self._unsynced: list[str] = []
        self.counted, self.wait_s = 0, 0.0
        self._files = SharedSiteFiles(self._redis, settings, lambda: self._crawl)

    @property
    def is_alive(self) -> bool:
        return monotonic() < self._believed_until

    def join(self, crawl: str, policies: Mapping[str, str], out: str, *, goes_on: bool = False) -> Collection[str]:
        self._crawl = crawl
        judged = json.dumps(dict(sorted(policies.items())))
        where = json.dumps({"out": out, "machine": socket.gethostname()})
        before = monotonic()
        answer, *told = self._redis.run(scripts.JOIN, crawl, self._run, judged, where, self._lease_ms, int(goes_on))
        if answer == b"other":
            known = ", ".join(
                f"{name} ({digest[:12]})" if digest else name for name, digest in json.loads(told[0]).items()
            )
            raise ArgumentError(
                f"FRONTIER_NAME={self.name}: that crawl judges by {known}; give the same policies and facts of the "
                "run, or another name"
            )
        if answer == b"complete":
            when = datetime.fromtimestamp(int(told[0]), UTC).isoformat(timespec="seconds")
            raise ArgumentError(f"FRONTIER_NAME={self.name}: that crawl was complete at {when}; give another name")
        if answer == b"missing":
            raise ArgumentError(
                f"FRONTIER_NAME={self.name}: {self._redis.address} knows no such crawl: it was complete and is "
                "forgotten, or its data was lost. To publish what this segment has: -s FRONTIER_REDIS=none"
            )
        self._believed_until = before + self._lease_ms / 1000
        return {name.decode() for name in told}

    def settle(self, decided: Sequence[str], undecided: Sequence[str]) -> None:
        for names in _in_steps(decided, BATCH):
            self._redis.run(scripts.SETTLE, self._crawl, self._run, len(names), *names)
        for names in _in_steps(undecided, BATCH):
            self._redis.run(scripts.SETTLE, self._crawl, self._run, 0, *names)

    def beat(self) -> None:
        before = monotonic()
        if self._redis.run(scripts.BEAT, self._crawl, self._run, self._lease_ms) != 1:
            raise self._gone()
        self._believed_until = before + self._lease_ms / 1000

    def offer(self, url: str, meta: Meta, *, counts: bool) -> None:
        host = host_of(url) if url.startswith(("http://", "https://")) else ""
        self._offers += [url_id(url), _plain(host), str(int(counts)), _said(url, meta)]
        if len(self._offers) >= 4 * BATCH and not self._is_gathering:
            self._flush()

    @contextmanager
    def together(self) -> Iterator[None]:
        self._is_gathering = True
        try:
            yield
        finally:
            self._is_gathering = False
            self._flush()

    def take(self) -> Taken | None:
        self._flush()
        what, told, counted = self._redis.run(scripts.TAKE, self._crawl, self._run, self._delay_ms, MOST_TRIES)
        if what == b"gone":
            raise self._gone()
        self.counted = int(counted)
        if what == b"wait":
            self.wait_s = POLL_S if int(told) < 0 else min(int(told) / 1000, POLL_S)
            return None
        _, _, counts, _, said = told.decode().split(" ", 4)
        entry = json.loads(said)
        return Taken(str(entry["url"]), dict(entry["meta"]), counts == "1")

    def hold(self, name: str) -> bool:
        return bool(self._redis.run(scripts.HOLD, self._crawl, self._run, name))

    def decided(self, name: str) -> None:
        self._redis.run(scripts.DECIDED, self._crawl, name)
        self._unsynced.append(name)

    def synced(self) -> None:
        names, self._unsynced = self._unsynced, []
        for some in _in_steps(names, BATCH):
            self._redis.run(scripts.SYNCED, self._crawl, *some)

    def put_back(self, url: str, meta: Meta, *, seconds: float, first: bool) -> None:
        said, delay = _said(url, meta), int(seconds * 1000)
        self._redis.run(scripts.PUT_BACK, self._crawl, url_id(url), said, int(first), delay)

    def park(self, left: Collection[str]) -> None:
        self._redis.run(scripts.PARK, self._crawl, *left)

    def is_no_page(self, url: str) -> None:
        self.counted = int(self._redis.run(scripts.NO_PAGE, self._crawl, url_id(url)))

    def free_host(self, url: str, seconds: float) -> None:
        self._redis.run(scripts.FREE, self._crawl, url_id(url), _plain(host_of(url)), int(seconds * 1000))

    def leave_alone(self, host: str, seconds: float) -> None:
        self._redis.run(scripts.QUIET, _plain(host), int(seconds * 1000))

    def quiet_for(self, host: str) -> float:
        return float(self._redis.run(scripts.QUIET_FOR, _plain(host))) / 1000

    async def site_file(self, address: str, fetch: Callable[[], Awaitable[Fetched]]) -> tuple[Fetched, float]:
        return await self._files.get(address, fetch)

    def state(self) -> FrontierState:
        self._flush()
        return self._state(self._redis.run(scripts.STATE, self._delay_ms, MOST_TRIES))

    def leave(self) -> FrontierState:
        self._flush()
        state = self._state(self._redis.run(scripts.LEAVE, self._crawl, self._run, KEPT_S, self._delay_ms))
        self._redis.close()
        return state

    def _flush(self) -> None:
        offers, self._offers = self._offers, []
        for some in _in_steps(offers, 4 * BATCH):
            self.counted = int(self._redis.run(scripts.OFFER, self._limit, *some))

    def _state(self, told: Sequence[Any]) -> FrontierState:
        moment, accepted, decided, waiting, parked, complete, *rest = told
        return FrontierState(
            name=self.name,
            time=datetime.fromtimestamp(int(moment), UTC).isoformat(timespec="seconds"),
            accepted=int(accepted),
            decided=int(decided),
            waiting=int(waiting),
            parked=int(parked),
            segments=tuple(_segment(*each) for each in _in_steps(rest, 5)),
            complete=bool(complete),
        )

    def _gone(self) -> FrontierError:
        return FrontierError(self._redis.address, f"does not know this run of {self.name} any more")


def checked_name(name: str) -> str:
    """The name of a crawl. Raises ArgumentError."""
    if not _NAME.fullmatch(name):
        what = " is missing" if not name else f"={name}: is none"
        raise ArgumentError(
            f"FRONTIER_NAME{what}; give every process of the crawl the same name: letters, digits, '.', '_', '-'"
        )
    return name


def _segment(crawl: bytes, where: bytes, alive: int, leased: int, held: int) -> Segment:
    told = json.loads(where)
    return Segment(crawl.decode(), f"{told['out']} on {told['machine']}", bool(alive), int(leased), int(held))


def _said(url: str, meta: Meta) -> str:
    """ASCII: an address may hold what no UTF-8 can."""
    return json.dumps({"url": url, "meta": dict(meta)}, separators=(",", ":"))


def _plain(host: str) -> str:
    return "".join(host.split()).encode("ascii", "backslashreplace").decode() or NO_HOST


def _in_steps(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (values[at : at + size] for at in range(0, len(values), size))
