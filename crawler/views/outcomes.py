"""What a policy makes of a page, in one entry: the result with what decided it."""

from __future__ import annotations

from crawler.document import Treatment
from crawler.redecide import Redecided
from crawler.views import Values


def outcome_values(outcome: Redecided) -> Values:
    """A result with what decided it."""
    deciding = outcome.decision.deciding
    return {
        "result": outcome.result,
        "gate": outcome.decision.gate.name.lower().replace("_", "-"),
        "rule": outcome.rule,
        "effect": deciding.effect if deciding else "",
        "status": deciding.status if deciding else "",
        "cite": list(deciding.citations) if deciding else [],
        "treatments": treatments_of(outcome),
    }


def treatments_of(outcome: Redecided) -> dict[str, str]:
    treatments = outcome.decision.treatments.items()
    return {kind: each.name.lower() for kind, each in sorted(treatments) if each is not Treatment.KEEP}
