"""Units on a Ray cluster: plain remote tasks, one for a unit; each runs the process that it watches beside itself."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from typing import Any, cast

from crawler.engines import INDEX, EngineMissingError
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
        units_of = {self._task.remote(self._plan, step, unit): unit for unit in units}
        waiting = list(units_of)
        while waiting:
            ready, waiting = self._ray.wait(waiting)
            for task in ready:
                yield self._result(step, units_of[task], task)

    def _result(self, step: str, unit: Unit, task: Any) -> Result:
        try:
            return cast(Result, self._ray.get(task))
        except self._ray.exceptions.RayError as error:  # a machine of the cluster is gone, say
            problem = f"{unit.name}: Ray lost its task ({type(error).__name__}); run again to go on"
            return Result(unit.name, problem=problem, fatal=step == INDEX)

    def under_way(self) -> tuple[int, int]:
        """Nobody here can see it."""
        return 0, 0

    def close(self) -> None:
        """Leave the cluster; the tasks end with us."""
        self._ray.shutdown()
