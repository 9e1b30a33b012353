"""What the outcomes of a page mean for a spider that knows nothing of them."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.document import Judged, Result, Stage

VERDICT = "usufruct_verdict"  # meta
REFUSING = (Stage.FETCH, Stage.SIGNALS)  # a page whose policies all ended here is not allowed
NO_TEXT = (
    Stage.TEXT,
    Stage.DUPLICATES,
)  # nobody refused it: there is nothing in it to train on, or it is there already
NOT_JUDGED = "its page did not come through the gate"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be done with an answer.

    Attributes:
        url: The address that it was asked for.
        refused: Nobody may use it: the spider does not get to see it.
        items: Why what a callback makes of it goes no further; "" when it does.
    """

    url: str
    refused: bool
    items: str


def verdict_of(judged: Judged, *, has_content: bool) -> Verdict:
    """Read it off the outcomes: one policy that keeps the page is enough, as for its record."""
    outcomes = judged.outcomes
    free = any(
        each.result is Result.KEPT or (each.result is Result.DROPPED and each.stage in NO_TEXT) for each in outcomes
    )
    reasons = (
        f"{each.policy}: {each.result.value}" + (f" ({each.decision.deciding.rule})" if each.decision.deciding else "")
        for each in outcomes
    )
    refused = has_content and all(each.stage in REFUSING for each in outcomes)
    return Verdict(judged.url, refused, "" if free else ", ".join(reasons))
