"""States what the operator said about the run: who fetched, for what purpose, commercially or not."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.document import Evidence, Fact

WHERE = ("arguments of the run",)
NEEDS: tuple[str, ...] = ()
FACTS = ("run.fetched-by", "run.purpose", "run.actor", "run.commercial", "run.competes", "run.stage")
SPECIFICATION = "ours: arguments of the crawl"


def read(evidence: Evidence) -> Iterator[Fact]:
    """One `run.<name>` per known name that the operator gave, with or without a page."""
    for fact in FACTS:
        value = evidence.run.get(fact.removeprefix("run."))
        if value is not None:
            yield Fact(fact, value, "operator:run")
