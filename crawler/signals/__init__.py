"""Evidence to facts. Each module of this folder that has `read` is one signal, found by folder.

A signal has `WHERE` (the places it reads, for people), `NEEDS` (paths of the site files it reads), `FACTS` (every fact
name it can state), `SPECIFICATION` (name, revision, date read) and `read(evidence)`, which never raises and never
judges. With `evidence.page` None it states only what site files and the operator say: that is the gate before a fetch.
Two functions more, where needed:

`linked(evidence)` yields further files it wants to see: a path of the page's origin, or an absolute address. It is
asked again as evidence grows (robots.txt, the page), so that one file can lead to another.
`at_page(evidence)` yields the site files that it reads once more together with the page; all others have said all
they have to say at the gate, and do not travel on.

A fact named "<fact>@<point>" says what <fact> would be if an open point of the specifications were read the other way;
`normal_form.under` takes such a reading where a policy asks for it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Collection, Iterator
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from crawler.document import Evidence, Fact, Fetched
from crawler.signals.normal_form import FACTS as MERGED_FACTS
from crawler.signals.normal_form import sources


class Signal(Protocol):
    """What a signal module offers."""

    WHERE: tuple[str, ...]
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
def needs(wanted: frozenset[str] | None = None) -> tuple[str, ...]:
    """Paths of the site files to fetch for each origin, sorted.

    Args:
        wanted: Names of the facts that somebody looks at; None for all. A merged fact wants all its sources.
    """
    return tuple(sorted({path for module in _wanted(wanted) for path in module.NEEDS}))


@cache
def known_facts() -> frozenset[str]:
    """Every fact name a policy may ask for, those of the normal form included."""
    return frozenset(name for module in modules() for name in module.FACTS).union(MERGED_FACTS)


def read_all(evidence: Evidence) -> tuple[Fact, ...]:
    """What all signals state, in the order of the modules' names; without the normal form."""
    return tuple(fact for module in modules() for fact in module.read(evidence))


def linked(evidence: Evidence, wanted: frozenset[str] | None = None) -> tuple[str, ...]:
    """Further files to fetch, paths or addresses, as `evidence.site` will name them; without those it holds."""
    found = {file: None for module in _wanted(wanted) if hasattr(module, "linked") for file in module.linked(evidence)}
    return tuple(file for file in found if file not in evidence.site)


def at_page(evidence: Evidence) -> dict[str, Fetched]:
    """The site files that signals read once more together with the page."""
    wanted = {file for module in modules() if hasattr(module, "at_page") for file in module.at_page(evidence)}
    return {path: file for path, file in evidence.site.items() if path in wanted}


@cache
def _wanted(wanted: frozenset[str] | None) -> tuple[Signal, ...]:
    if wanted is None:
        return modules()
    names: Collection[str] = wanted | {source for name in wanted for source in sources(name)}
    return tuple(module for module in modules() if any(fact.partition("@")[0] in names for fact in module.FACTS))
