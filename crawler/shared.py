"""What a crawl asks of a frontier that it shares with other processes. `crawler.cluster` has the one in Redis.

    offered -> waits -> leased by one process -> being recorded by it -> decided
                  ^________________|   that process gave it back, or is not heard of any more

Each process writes a crawl's folder of its own, its segment, about what it took. Nobody but the process that was about
to record an address can know whether its lines were written: such an address waits until that segment goes on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Protocol

from crawler.document import Fetched
from crawler.pending import Meta


class Taken(NamedTuple):
    """An address to go for: how it was reached, and whether it counts for the limit."""

    url: str
    meta: Meta
    counts: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """Another process's part.

    Attributes:
        crawl: Its crawl's id.
        out: Its folder, as its operator named it, and the machine's name.
        is_alive: Whether it was heard of lately.
        leased: Addresses that it works on.
        held: Addresses whose outcomes only it knows.
    """

    crawl: str
    out: str
    is_alive: bool
    leased: int
    held: int


@dataclass(frozen=True, slots=True)
class FrontierState:
    """The frontier at one moment.

    Attributes:
        name: Its name.
        time: When, ISO 8601, by the frontier's clock.
        accepted: Addresses that were ever taken in, `decided` of them.
        waiting: Addresses that nobody works on, `parked` of them since they failed again and again.
        segments: Everybody who ever worked on it.
        complete: Whether nothing is left anywhere.
    """

    name: str
    time: str
    accepted: int
    decided: int
    waiting: int
    parked: int
    segments: tuple[Segment, ...]
    complete: bool

    def as_json(self) -> dict[str, Any]:
        """For run.json."""
        told = asdict(self)
        return {**told, "segments": [segment.crawl for segment in self.segments]}

    def left_by_the_dead(self) -> Iterator[Segment]:
        """Segments that are not heard of and hold something."""
        return (segment for segment in self.segments if segment.held and not segment.is_alive)

    def may_bring_more(self) -> bool:
        """Whether something waits, or somebody works on something."""
        return self.waiting > self.parked or any(one.leased for one in self.segments)


class SharedFrontier(Protocol):
    """The frontier as one process sees it. Every method raises WriteError when it cannot be reached.

    Attributes:
        name: Its name; "" where there is none.
        counted: How many addresses were accepted that count for the limit, over all processes, when last heard of.
        wait_s: After `take` gave nothing: seconds until a host may be asked again.
        is_alive: Whether the others still believe in this process: what it leased is its own.
    """

    name: str
    counted: int
    wait_s: float

    @property
    def is_alive(self) -> bool: ...

    def join(self, crawl: str, policies: Mapping[str, str], out: str, *, goes_on: bool = False) -> Collection[str]:
        """Begin, or go on; names of the addresses that this segment had under way.

        Args:
            crawl: Its id.
            policies: By what it judges: policy -> digest, and the facts of the run, such as "purpose=model-training".
            out: Its folder.
            goes_on: Whether it was begun before.

        Raises:
            ArgumentError: The frontier does not know it, is complete, or judges by something else.
        """

    def settle(self, decided: Sequence[str], undecided: Sequence[str]) -> None:
        """Say which of these have their lines in the ledger; the others wait again."""

    def beat(self) -> None:
        """Say that one is alive."""

    def offer(self, url: str, meta: Meta, *, counts: bool) -> None:
        """Take an address in unless it was before; known to others after `together`, or the next `take`."""

    def together(self) -> AbstractContextManager[None]:
        """All that is offered within is known to others at its end."""

    def take(self) -> Taken | None:
        """Lease an address whose host may be asked now."""

    def hold(self, name: str) -> bool:
        """The outcome of an address is about to be recorded; False when it is leased by somebody else now."""

    def decided(self, name: str) -> None:
        """Its lines are in the ledger."""

    def synced(self) -> None:
        """All lines so far are on the disk."""

    def put_back(self, url: str, meta: Meta, *, seconds: float, first: bool) -> None:
        """The address waits again, the host is left alone for that long; `first` of its host, or last."""

    def park(self, left: Collection[str]) -> None:
        """Addresses that one has and cannot decide: not for now, nor for others. All else that one has waits again."""

    def is_no_page(self, url: str) -> None:
        """The address turned out not to count for the limit."""

    def free_host(self, url: str, seconds: float) -> None:
        """The page was answered, or failed; the host may be asked again after so long."""

    def leave_alone(self, host: str, seconds: float) -> None:
        """Nobody asks the host for that long."""

    def quiet_for(self, host: str) -> float:
        """Seconds for which it is to be left alone still."""

    async def site_file(self, address: str, fetch: Callable[[], Awaitable[Fetched]]) -> tuple[Fetched, float]:
        """A site file, fetched by one process for all, and the seconds for which it counts still."""

    def state(self) -> FrontierState:
        """How things stand."""

    def leave(self) -> FrontierState:
        """End in order: what was leased waits again."""


class Alone:
    """No frontier: a segment goes on only to publish what it has, and takes nothing."""

    name, counted, wait_s, is_alive = "", 0, 1.0, True

    def join(self, crawl: str, policies: Mapping[str, str], out: str, *, goes_on: bool = False) -> Collection[str]:
        return ()

    def settle(self, decided: Sequence[str], undecided: Sequence[str]) -> None: ...

    def beat(self) -> None: ...

    def offer(self, url: str, meta: Meta, *, counts: bool) -> None: ...

    @contextmanager
    def together(self) -> Iterator[None]:
        yield

    def take(self) -> Taken | None:
        return None

    def hold(self, name: str) -> bool:
        return False

    def decided(self, name: str) -> None: ...

    def synced(self) -> None: ...

    def put_back(self, url: str, meta: Meta, *, seconds: float, first: bool) -> None: ...

    def park(self, left: Collection[str]) -> None: ...

    def is_no_page(self, url: str) -> None: ...

    def free_host(self, url: str, seconds: float) -> None: ...

    def leave_alone(self, host: str, seconds: float) -> None: ...

    def quiet_for(self, host: str) -> float:
        return 0.0

    async def site_file(self, address: str, fetch: Callable[[], Awaitable[Fetched]]) -> tuple[Fetched, float]:
        return await fetch(), 0.0

    def state(self) -> FrontierState:
        return FrontierState("", "", 0, 0, 0, 0, (), complete=False)

    leave = state
