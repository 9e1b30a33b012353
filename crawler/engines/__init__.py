"""The judge over many files: a file is a unit, judged whole inside one process, and leaves a segment of its own.

    plan.py      what is judged by what, and what is done    unit.py       one file, in the process that judges it
    watched.py   that process, seen from outside             judging.py    all files, then the merged folder
    local.py     processes of this machine                   ray.py        a Ray cluster
    telling.py   progress                                    datatrove.py  a step of somebody's own pipeline

An engine only says where units are worked on; what is done is the same function everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Protocol, cast

from crawler.engines.plan import Plan, Result, Unit

_LOCAL, RAY = ENGINES = ("local", "ray")
INDEX, JUDGE = "index", "judge"  # steps: find the site files of a unit, judge its pages


class EngineMissingError(Exception):
    """The engine's package is not installed, or it does not start; the message says what to do."""


class Engine(Protocol):
    """Works on units."""

    def run(self, step: str, units: Sequence[Unit]) -> Iterator[Result]:
        """Do one step for every unit, as many at once as there are processes; results as they come."""

    def under_way(self) -> tuple[int, int]:
        """Documents and bytes of the units that are being worked on; (0, 0) where nobody can say."""

    def close(self) -> None:
        """Stop at once; what is under way can be gone on with."""


def start(name: str, plan: Plan, *, processes: int, address: str = "") -> Engine:
    """The engine of that name; raises EngineMissingError."""
    return cast(Engine, import_module(f"{__name__}.{name}").start(plan, processes=processes, address=address))
