"""States what opt-out registries answered for this address or its domain.

Specification: none in common; registries such as Spawning's Do Not Train list answer "opted out" per address, as in
reference/signals.md 13, read 2026-11-22. Asking them is the operator's choice; without answers nothing is stated.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.document import Evidence, Fact

WHERE = ("answers of opt-out registries, where the operator asks any",)
NEEDS: tuple[str, ...] = ()
FACTS = ("opt-out-registry",)
SPECIFICATION = "answers of opt-out registries, as the operator's connection gives them, read 2026-11-22"

UNKNOWN = "unknown"
ANSWERS = frozenset(("listed", "not-listed", UNKNOWN))


def read(evidence: Evidence) -> Iterator[Fact]:
    """State one `opt-out-registry` per registry asked, in the order of their names; no usable answer is "unknown"."""
    for registry, answer in sorted(evidence.registries.items()):
        said = answer if answer in ANSWERS else UNKNOWN
        yield Fact("opt-out-registry", said, f"registry:{registry}"[:200], answer[:200])
