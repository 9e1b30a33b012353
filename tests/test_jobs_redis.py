"""Locks and claims of jobs in a real Redis: one holder, tokens that grow, and a holder that hangs loses its lock."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.cluster.lock import LockError, RedisLocks
from crawler.durable import InUseError
from tests.jobs_served import wait_for

redis = pytest.importorskip("redis", reason="the extra `redis` is not installed")
TTL_S = 0.6
DUE = "20261123T030000Z"


def _until(what: Callable[[], bool]) -> None:
    wait_for(what, "the lock dies or is taken")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of its own, on a socket in a folder."""
    folder = tmp_path_factory.mktemp("redis")
    command = ["redis-server", "--port", "0", "--unixsocket", str(folder / "s"), "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        _until(lambda: (folder / "s").exists())
        yield f"unix://{folder / 's'}"
        server.terminate()


def test_one_holds_a_job_and_lets_go(address: str) -> None:
    """Sets of jobs with other names are kept apart; tokens grow."""
    first, second, other = RedisLocks(address), RedisLocks(address), RedisLocks(f"{address}#other")
    with first.hold("a") as one, second.hold("b"), other.hold("a"):
        with pytest.raises(InUseError), second.hold("a"):
            pass
        assert not one.is_lost()
    with second.hold("a") as two:
        assert two.token > one.token


def test_a_lock_is_renewed_while_its_holder_lives(address: str) -> None:
    """Longer than it would live by itself."""
    first, second = RedisLocks(address, TTL_S), RedisLocks(address, TTL_S)
    with first.hold("long") as hold:
        until = time.monotonic() + 3 * TTL_S
        while time.monotonic() < until:
            assert not hold.is_lost()
            with pytest.raises(InUseError), second.hold("long"):
                pass
            time.sleep(TTL_S / 10)


def test_a_holder_that_hangs_loses_its_lock(address: str) -> None:
    """It knows, somebody else has it, and letting go takes nothing from them."""
    first, second = RedisLocks(address, TTL_S), RedisLocks(address)
    with first.hold("hangs") as hung:
        hung.stop()  # as a machine that is stopped renews nothing
        _until(hung.is_lost)
        client = redis.Redis.from_url(address)
        _until(lambda: not client.exists(hung.key))
        taken = second.hold("hangs")
        hold = taken.__enter__()
    assert client.get(hung.key) == hold.value.encode()
    taken.__exit__(None, None, None)
    assert not client.exists(hung.key)


def test_a_lock_that_somebody_else_has_is_lost_at_once(address: str) -> None:
    """Whatever its clock says."""
    with RedisLocks(address, TTL_S).hold("taken") as hold:
        redis.Redis.from_url(address).set(hold.key, "another", px=60_000)
        _until(hold.is_lost)


def test_a_due_time_is_claimed_once(address: str) -> None:
    """By whichever host comes first; it can be given back; it dies in the end."""
    first, second = RedisLocks(address), RedisLocks(address)
    assert [first.claim("a", DUE), second.claim("a", DUE), second.claim("b", DUE)] == [True, False, True]
    assert b'"pid"' in second.owner("a", DUE)
    assert second.owner("a", "20261124T030000Z") == b""
    second.unclaim("a", DUE)
    assert second.claim("a", DUE)
    client = redis.Redis.from_url(address)
    assert all(client.ttl(key) > 0 for key in client.keys("*:due:*"))


def test_without_redis_nobody_begins_anything(tmp_path: Path) -> None:
    """It is said, without the password."""
    locks = RedisLocks("redis://me:secret@127.0.0.1:1/0")
    with pytest.raises(LockError, match="nothing is begun") as refused, locks.hold("a"):
        pass
    assert "secret" not in str(refused.value)
    with pytest.raises(LockError):
        RedisLocks("memcached://x")
