"""What must end is given a bound of the processor's own time, which no busy machine uses up."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

MOST_S = 60.0  # what this bounds takes well under a second; what it is there to find takes hours


@contextlib.contextmanager
def ends() -> Iterator[None]:
    """Fail where the block keeps the processor for a minute."""

    def give_up(*_: object) -> None:
        raise AssertionError(f"has not ended after {MOST_S:g} s of the processor's time")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
