"""Evidence to facts. Each module of this folder that has `read` is one signal, found by folder.

A signal has `NEEDS` (paths of the site files it reads), `FACTS` (every fact name it can state), `SPECIFICATION`
(name, revision, date read) and `read(evidence)`, which never raises and never judges. With `evidence.page` None it
states only what site files and the operator say: that is the gate before a fetch.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from crawler.document import Evidence, Fact
from crawler.signals.normal_form import FACTS as MERGED_FACTS


class Signal(Protocol):
    """What a signal module offers."""

    NEEDS: tuple[str, ...]
    FACTS: tuple[str, ...]
    SPECIFICATION: str

    @staticmethod
    def read(evidence: Evidence) -> Iterator[Fact]: ...


@cache
def modules() -> tuple[Signal, ...]:
    """All signal modules, sorted by name."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_"))
    candidates = (import_module(f"{__name__}.{name}") for name in names)
    return tuple(cast(Signal, module) for module in candidates if hasattr(module, "read"))


@cache
def needs() -> tuple[str, ...]:
    """Paths of the site files to fetch for each origin, sorted."""
    return tuple(sorted({path for module in modules() for path in module.NEEDS}))


@cache
def known_facts() -> frozenset[str]:
    """Every fact name a policy may ask for, those of the normal form included."""
    return frozenset(name for module in modules() for name in module.FACTS).union(MERGED_FACTS)


def read_all(evidence: Evidence) -> tuple[Fact, ...]:
    """What all signals state, in the order of the modules' names; without the normal form."""
    return tuple(fact for module in modules() for fact in module.read(evidence))
