"""The connection to Redis, made as scrapy-redis makes it, so that its settings hold; and what is asked through it.

Of scrapy-redis only the connection is used: its queue takes a request out for good before it is done, and pickles it.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scrapy.settings import BaseSettings

from crawler.arguments import ArgumentError
from crawler.cluster.address import shown, why
from crawler.cluster.scripts import PRELUDE
from crawler.durable import WriteError

if TYPE_CHECKING:
    from redis import Redis
    from redis.commands.core import Script

TIMEOUT_S = 10  # for one answer
WAITS_S = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0)  # between tries where the connection fails


class FrontierError(WriteError):
    """The shared frontier cannot be reached or refuses; nothing was recorded that it does not know of."""

    def __init__(self, address: str, problem: str) -> None:
        super().__init__(errno.EIO, problem, address)

    def __str__(self) -> str:
        return (
            f"the shared frontier at {self.filename}: {self.strerror}. What this process has is on the disk; "
            "go on with --resume when it can be reached"
        )


class Connection:
    """Runs scripts; tries again, within bounds, where the connection fails. Raises FrontierError.

    Args:
        settings: FRONTIER_REDIS, else REDIS_URL and REDIS_PARAMS as scrapy-redis reads them.
        prefix: Of all keys.
    """

    def __init__(self, settings: BaseSettings, prefix: str) -> None:
        try:
            from redis import exceptions
            from scrapy_redis.connection import get_redis_from_settings
        except ImportError as error:
            raise ArgumentError(
                f"FRONTIER_REDIS needs the extra `redis`: pip install 'usufruct[redis]' ({error})"
            ) from None
        self._exceptions, self._prefix = exceptions, prefix
        url = str(settings["FRONTIER_REDIS"] or settings["REDIS_URL"])
        params = {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S, **settings.getdict("REDIS_PARAMS")}
        chosen = BaseSettings({**settings.copy_to_dict(), "REDIS_URL": url, "REDIS_PARAMS": params})
        self.address = shown(url)
        try:
            self._client: Redis = get_redis_from_settings(chosen)
        except (ValueError, TypeError) as error:
            raise ArgumentError(
                f"FRONTIER_REDIS={self.address}: {why(error)}; write redis://HOST:6379/0, rediss://... or unix:///path?db=0"
            ) from None
        self._scripts: dict[str, Script] = {}

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns."""
        if script not in self._scripts:
            self._scripts[script] = self._client.register_script(PRELUDE + script)
        return self._tried(self._scripts[script], arguments)

    def close(self) -> None:
        """Let go."""
        self._client.close()

    def _tried(self, script: Script, arguments: Sequence[Any]) -> Any:
        problem = ""
        for wait in (*WAITS_S, None):
            try:
                return script(keys=[self._prefix], args=list(arguments))
            except self._exceptions.AuthenticationError as error:
                raise FrontierError(self.address, f"refuses the password: {error}") from None
            except (self._exceptions.ConnectionError, self._exceptions.TimeoutError) as error:
                problem = f"cannot be reached ({type(error).__name__})"
            except self._exceptions.ReadOnlyError as error:
                problem = str(error)
            except (self._exceptions.RedisError, OSError) as error:
                raise FrontierError(self.address, str(error).partition(" script: ")[0]) from None
            if wait is not None:
                time.sleep(wait)
        raise FrontierError(self.address, problem)
