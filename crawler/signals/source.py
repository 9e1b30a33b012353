"""States the classes that the operator's source lists give an address ("pirate", "dataset_for_sale", ...)."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.document import Evidence, Fact

WHERE = ("lists of source classes",)
NEEDS: tuple[str, ...] = ()
FACTS = ("source.class",)
SPECIFICATION = "ours: the operator's source lists"


def read(evidence: Evidence) -> Iterator[Fact]:
    """One `source.class` per class, with or without a page."""
    for name in evidence.classes:
        yield Fact("source.class", name, "operator:sources")
