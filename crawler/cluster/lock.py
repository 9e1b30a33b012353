"""Locks and claims of jobs in Redis, for hosts that share no folder.

A lock is a key with a life of `TTL_S` that its holder renews three times in that time (SET NX PX, as Redis' own pages
describe the pattern). Whoever cannot renew it ends its run before the key dies and anybody else may begin one. Each
holder has a token that is higher than any before; only the holder with that very token renews or lets go.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Callable, Iterator
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from crawler.cluster.address import shown, why
from crawler.durable import InUseError

if TYPE_CHECKING:
    from redis import Redis

T = TypeVar("T")
PREFIX = "usufruct:jobs"
TTL_S = 30.0
CLAIMED_S = 8 * 86_400  # longer than any clock is behind
_RENEW = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0"
_LET_GO = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


class LockError(OSError):
    """Redis cannot be reached or refuses: nobody may begin anything."""


class MissingExtraError(ImportError):
    """The extra `redis` is not installed; the message says how to get it."""


class RedisHold:
    """The right to run a job, renewed in a thread.

    Attributes:
        token: Higher than that of any holder before.
    """

    def __init__(self, key: str, token: int, renew: Callable[[str], bool], ttl_s: float) -> None:
        self.key, self.token, self.value = key, token, f"{token}:{socket.gethostname()}:{os.getpid()}"
        self._renew, self._ttl_s = renew, ttl_s
        self._until = monotonic() + ttl_s
        self._is_gone, self._ends = False, Event()
        self._thread = Thread(target=self._keep, daemon=True)

    def is_lost(self) -> bool:
        """Whether it went to somebody else, or soon may: a fifth of its life is left for the run to end in."""
        return self._is_gone or monotonic() > self._until - self._ttl_s / 5

    def start(self) -> None:
        """Begin to renew it."""
        self._thread.start()

    def stop(self) -> None:
        """Renew it no more."""
        self._ends.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._ends.wait(self._ttl_s / 3) and not self._is_gone:
            begin = monotonic()
            with contextlib.suppress(LockError):  # the next try may succeed; `is_lost` counts the time
                if self._renew(self.value):
                    self._until = begin + self._ttl_s
                else:
                    self._is_gone = True


class RedisLocks:
    """Locks and claims under a prefix. Jobs of one name are one job; `#name` behind the address keeps sets apart.

    Args:
        address: redis://HOST:6379/0, rediss://... or unix:///path?db=0, with `#name` or without.
        ttl_s: How long a lock outlives its holder.

    Raises:
        MissingExtraError: redis is not installed.
        LockError: The address is none.
    """

    def __init__(self, address: str, ttl_s: float = TTL_S) -> None:
        try:
            import redis
        except ImportError as error:
            raise MissingExtraError(
                "lock: redis://... needs the extra `redis`: pip install 'usufruct[redis]'"
            ) from error
        place, _, name = address.partition("#")
        self._prefix, self._ttl_s = f"{PREFIX}:{name}" if name else PREFIX, ttl_s
        self._shown, self._error = shown(address).partition("#")[0], redis.RedisError
        try:
            self._redis: Redis = redis.Redis.from_url(place, socket_timeout=5, socket_connect_timeout=5)
        except ValueError as error:
            raise LockError(f"lock: {self._shown}: {why(error)}") from error

    @contextlib.contextmanager
    def hold(self, job: str) -> Iterator[RedisHold]:
        """Be the only one that runs a job. Raises InUseError when another one does, LockError."""
        key = f"{self._prefix}:{job}:lock"
        token = int(self._asked(lambda: self._redis.incr(f"{self._prefix}:{job}:token")))
        hold = RedisHold(key, token, lambda value: self._renew(key, value), self._ttl_s)
        if not self._asked(lambda: self._redis.set(key, hold.value, nx=True, px=self._ms)):
            raise InUseError(f"{job}: another host holds its lock")
        hold.start()
        try:
            yield hold
        finally:
            hold.stop()
            with contextlib.suppress(LockError):  # it dies by itself
                self._asked(lambda: self._redis.eval(_LET_GO, 1, key, hold.value))

    def claim(self, job: str, due: str) -> bool:
        """Whether this process is the first that sees to a due time. Raises LockError."""
        owner = json.dumps({"host": socket.gethostname(), "pid": os.getpid()})
        return bool(self._asked(lambda: self._redis.set(self._claim(job, due), owner, nx=True, ex=CLAIMED_S)))

    def owner(self, job: str, due: str) -> bytes:
        """Who claimed a due time, as JSON; b"" for nobody. Raises LockError."""
        found: Any = self._asked(lambda: self._redis.get(self._claim(job, due)))
        return bytes(found or b"")

    def unclaim(self, job: str, due: str) -> None:
        """Give a claim back. Raises LockError."""
        self._asked(lambda: self._redis.delete(self._claim(job, due)))

    def _claim(self, job: str, due: str) -> str:
        return f"{self._prefix}:{job}:due:{due}"

    def _renew(self, key: str, value: str) -> bool:
        return bool(self._asked(lambda: self._redis.eval(_RENEW, 1, key, value, str(self._ms))))

    @property
    def _ms(self) -> int:
        return round(self._ttl_s * 1_000)

    def _asked(self, ask: Callable[[], T]) -> Any:
        try:
            return ask()
        except self._error as error:
            raise LockError(f"lock: {self._shown}: {type(error).__name__}; nothing is begun until it answers") from None
