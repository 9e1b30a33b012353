"""What a process that judges is at, in memory that whoever watches it can read: no message, no lock, no page."""

from __future__ import annotations

from collections.abc import MutableSequence
from time import monotonic

NOBODY = -1.0
FIELDS = 4  # documents done, bytes read, the page worked on, since when


class Board:
    """Four numbers.

    Args:
        cells: Shared between two processes, `FIELDS` long.
    """

    def __init__(self, cells: MutableSequence[float]) -> None:
        self._cells = cells

    def clear(self) -> None:
        """A unit is begun."""
        self._cells[0], self._cells[1], self._cells[2], self._cells[3] = 0.0, 0.0, NOBODY, 0.0

    def begin(self, page: int, at: int) -> None:
        """A page was read, and is worked on from now."""
        self._cells[1], self._cells[2] = float(at), float(page)
        self._cells[3] = monotonic()  # last: who watches looks at it first

    def end(self, page: int) -> None:
        """Its outcome is in the ledger."""
        self._cells[3] = 0.0
        self._cells[0], self._cells[2] = float(page + 1), NOBODY

    @property
    def page(self) -> int:
        """The page worked on, by its place in the unit; -1 for none."""
        return int(self._cells[2])

    @property
    def seconds(self) -> float:
        """For how long it has been worked on; 0 while none is."""
        since = self._cells[3]
        return monotonic() - since if since else 0.0

    @property
    def progress(self) -> tuple[int, int]:
        """Documents and bytes of the unit so far."""
        return int(self._cells[0]), int(self._cells[1])
