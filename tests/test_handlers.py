"""The pool of connections."""

from __future__ import annotations

from twisted.internet.task import Clock

from crawler.handlers import ForgettingPool


class _Connection:
    """Idle, as the pool takes it back."""

    state = "QUIESCENT"

    def __init__(self) -> None:
        self.transport = self

    def loseConnection(self) -> None:  # noqa: N802 - Twisted's
        """Nothing to close."""


def test_a_host_without_connections_is_forgotten() -> None:
    """After the last was taken, and after the last was idle for too long; not before."""
    clock = Clock()
    pool = ForgettingPool(clock)  # type: ignore[no-untyped-call]
    pool.cachedConnectionTimeout = 5
    for host in "ab":
        pool._putConnection((b"http", host, 80), _Connection())  # type: ignore[no-untyped-call]
    assert sorted(host for _, host, _ in pool._connections) == ["a", "b"]
    pool.getConnection((b"http", "a", 80), None)
    assert [host for _, host, _ in pool._connections] == ["b"]
    clock.advance(4)
    assert len(pool._connections) == 1
    clock.advance(1)
    assert not pool._connections
    assert not pool._timeouts
