"""Units on a Ray cluster: plain remote tasks, one for a unit; each runs the process that it watches beside itself."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from typing import Any

from crawler.engines import EngineMissingError
from crawler.engines.plan import Plan, Result, Unit
from crawler.engines.watched import do_here

INSTALL = "--engine ray needs the extra `ray`: pip install 'usufruct[ray]'"


def start(plan: Plan, *, processes: int, address: str = "") -> OnRay:
    """The engine: a cluster of this machine's own, or the one at that address."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would report to its makers
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError as error:
        raise EngineMissingError(INSTALL) from error
    try:
        own: dict[str, Any] = {} if address else {"num_cpus": processes, "include_dashboard": False}
        ray.init(address=address or "local", log_to_driver=False, logging_level=logging.ERROR, **own)
    except Exception as error:
        raise EngineMissingError(f"Ray does not start: {type(error).__name__}: {str(error)[:300]}") from error
    return OnRay(ray, plan)


class OnRay:
    """A unit is a task of one processor; how many run at once is the cluster's to say."""

    def __init__(self, ray: Any, plan: Plan) -> None:
        self._ray, self._plan = ray, ray.put(plan)
        self._task = ray.remote(num_cpus=1)(do_here)

    def run(self, step: str, units: Sequence[Unit]) -> Iterator[Result]:
        """Results as they come."""
        waiting = [self._task.remote(self._plan, step, unit) for unit in units]
        while waiting:
            ready, waiting = self._ray.wait(waiting)
            yield from self._ray.get(ready)

    def under_way(self) -> tuple[int, int]:
        """Nobody here can see it."""
        return 0, 0

    def close(self) -> None:
        """Leave the cluster; the tasks end with us."""
        self._ray.shutdown()
