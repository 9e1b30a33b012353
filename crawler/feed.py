"""Where a crawl's addresses come from and what stands in its own books: its own frontier, or one that is shared.

    own       accepted -> waits in state.sqlite, or is under way -> decided
    shared    offered to all -> taken by one: from then on it is in that one's books, until it gives it back

`frontier/accepted.jsonl` lists what was accepted, or taken; `Pending` knows what of it has no outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from crawler.document import url_id
from crawler.pending import UNKNOWN, Meta, Pending
from crawler.shared import FrontierState, SharedFrontier

Step = tuple[str, Meta]
TakeIn = Callable[[str, Meta], None]


class Feed:
    """The crawl's own frontier.

    Args:
        take_in: Told of every accepted address, and how it was reached, before it is accepted.
        addresses: Knows which of them have no outcome.
    """

    is_shared = False

    def __init__(self, take_in: TakeIn, addresses: Pending) -> None:
        self._take_in, self._addresses = take_in, addresses

    @property
    def counted(self) -> int:
        """How many addresses were accepted that count for the limit."""
        return self._addresses.counted

    def accept(self, url: str, meta: Meta, *, counts: bool, waits: bool) -> bool:
        """Take an address in, to wait or to be asked for now; False when it is in already, or only offered."""
        if not self._addresses.is_new(url):
            return False
        self._take_in(url, meta)
        self._addresses.accept(url, meta, counts=counts, waits=waits)
        return True

    def together(self) -> AbstractContextManager[None]:
        """All that is accepted within is accepted, or nothing."""
        return self._addresses.together()

    def take(self) -> Step | None:
        """An address to go for; None when none waits, or none may be asked for now."""
        return self._addresses.take()

    def is_no_page(self, url: str) -> None:
        """The address turned out not to count for the limit."""
        self._addresses.is_no_page(url)

    def hold(self, url: str) -> bool:
        """The outcome of an address is about to be recorded; False when it is another process's by now."""
        self.accept(url, UNKNOWN, counts=True, waits=False)
        return True

    def decided(self, name: str) -> None:
        """The lines about the address of that SHA-256 are in the ledger."""
        self._addresses.decided(name)

    def synced(self) -> None:
        """All lines so far are on the disk."""
        self._addresses.forget()

    def leave(self) -> FrontierState | None:
        """The run ends in order; how a shared frontier stands then."""
        return None


class SharedFeed(Feed):
    """A frontier that other processes work on, too; every method may raise WriteError.

    Attributes:
        frontier: The frontier itself.
        left: How it stood when this process left it.
    """

    is_shared = True

    def __init__(self, take_in: TakeIn, addresses: Pending, frontier: SharedFrontier) -> None:
        super().__init__(take_in, addresses)
        self.frontier = frontier
        self.left: FrontierState | None = None

    def join(self, crawl: str, policies: Mapping[str, str], out: str, *, goes_on: bool) -> None:
        """Begin, or go on: what has no line in the ledger is the others' as much as ours. Raises ArgumentError."""
        names = self.frontier.join(crawl, policies, out, goes_on=goes_on)
        decided = [name for name in names if self._addresses.is_decided(name)]
        self.frontier.settle(decided, sorted(set(names).difference(decided)))
        self._addresses.leave()

    @property
    def counted(self) -> int:
        return self.frontier.counted

    def accept(self, url: str, meta: Meta, *, counts: bool, waits: bool) -> bool:
        self.frontier.offer(url, meta, counts=counts)
        return False

    def together(self) -> AbstractContextManager[None]:
        return self.frontier.together()

    def take(self) -> Step | None:
        while taken := self.frontier.take():
            if self._addresses.is_new(taken.url):
                super().accept(taken.url, taken.meta, counts=taken.counts, waits=False)
                return taken.url, taken.meta
            self.frontier.settle([url_id(taken.url)], [])  # the frontier has lost what the ledger knows
        return None

    def put_back(self, url: str, meta: Meta, *, seconds: float, first: bool) -> None:
        """Give an address back; its host is left alone for that long."""
        self.frontier.put_back(url, meta, seconds=seconds, first=first)
        self._addresses.leave(url_id(url))

    def park(self) -> int:
        """Nothing is under way: what this process has nevertheless met an error in it. Says how many they are."""
        left = self._addresses.under_way()
        self.frontier.park(left)
        self._addresses.leave()
        return len(left)

    def is_no_page(self, url: str) -> None:
        self.frontier.is_no_page(url)

    def hold(self, url: str) -> bool:
        if self.frontier.hold(url_id(url)):
            return True
        self._addresses.leave(url_id(url))
        return False

    def decided(self, name: str) -> None:
        super().decided(name)
        self.frontier.decided(name)

    def synced(self) -> None:
        super().synced()
        self.frontier.synced()

    def leave(self) -> FrontierState | None:
        if self.left is None:
            self.left = self.frontier.leave()
            self._addresses.leave()
        return self.left
