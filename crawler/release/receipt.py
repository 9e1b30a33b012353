"""`release.json`, the receipt: what was asked, what each set rule measured, what was left out, from what it is made.

It holds counts, limits, citations and digests; no text, no address, no creator.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

import rfc8785

from crawler.durable import write_whole
from crawler.policy.set_rules import SetEffect, SetRule
from crawler.release.asked import Asked
from crawler.release.inputs import Inputs
from crawler.release.latest import Reason
from crawler.release.measures import Measured, State
from crawler.release.parts import Parts
from crawler.shards import manifest

FILE = "release.json"
SAMPLE, HELD = "sample.csv", "held.csv"
SHEETS = {
    SAMPLE: "fill the column mark (good, reject or bad)",
    HELD: "to release what is held, mark it approve",
}


_REASONS = {
    Reason.DRIFT: "what was kept is refused now",
    Reason.GONE: "the server has these pages no more",
    Reason.LATER: "a later crawl did not keep these pages",
    Reason.VERSION: "not judged again under this version of the policy: scrapy judge --known",
}


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One set rule: what it measured first, what it measures in the release, and how many records it took out."""

    rule: SetRule
    first: Measured
    released: Measured
    taken_out: int

    @property
    def state(self) -> State:
        """`not kept` when its effect followed, else what holds for the release."""
        return State.NOT_KEPT if self.first.state is State.NOT_KEPT else self.released.state


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of it.

    Attributes:
        parts: The crawls that it is made from.
        suppressed_by: For what later crawls took records back -> how many; empty where none did.
        strangers: Marks about records that the crawl does not hold.
        overruled: Decisions in the ledger that a CSV of marks overruled.
        reasons: Ids of the rules that refuse the release, or words; empty when there is one.
    """

    id: str
    asked: Asked
    parts: Parts
    results: tuple[RuleResult, ...]
    counts: Mapping[str, int]
    strangers: int
    overruled: int
    age_of_bodies: int | None
    reasons: tuple[str, ...]
    suppressed_by: Mapping[str, int] = field(default_factory=dict)

    @property
    def overdue_days(self) -> int:
        """For how many days page bodies have lain in the evidence longer than the policy allows; 0 for none."""
        return max((self.age_of_bodies or 0) - self.asked.policy.bodies_days, 0)


def write_receipt(folder: Path, receipt: Receipt) -> None:
    """Write it beside the manifest. Raises WriteError."""
    content = json.dumps(_form(receipt, manifest.read(folder)), ensure_ascii=False, indent=2)
    write_whole(folder / FILE, content.encode() + b"\n")


def release_id(asked: Asked, parts: Parts) -> str:
    """The same for the same inputs, policy and answers: 16 hexadecimal digits."""
    return sha256(rfc8785.dumps({"asked": _asked(asked), "made from": _made_from(asked, parts)})).hexdigest()[:16]


def told(receipt: Receipt) -> Iterator[str]:
    """The receipt for the console, and what to do next."""
    asked, counts = receipt.asked, receipt.counts
    left = ", ".join(f"{place} {number}" for place, number in counts.items() if number and place != "in")
    verb = "not released" if receipt.reasons else f"released {counts['in']} of {sum(counts.values())} records"
    yield f"{asked.policy.id}: {verb}" + (f" ({left})" if left else "")
    for reason, number in receipt.suppressed_by.items():
        yield f"  {number} suppressed: {_REASONS[Reason(reason)]} ({reason})"
    for result in receipt.results:
        yield f"  {_sentence(result)}"
    if receipt.strangers:
        yield f"  {receipt.strangers} marks are about records that this crawl does not hold"
    if receipt.overruled:
        yield f"  {receipt.overruled} decisions in the ledger are overruled by -a review="
    if receipt.overdue_days:
        days = asked.policy.bodies_days
        yield f"  page bodies in {asked.crawl}/evidence are {receipt.overdue_days} days older than the {days} allowed"
    yield from _next_steps(receipt)


def _sentence(result: RuleResult) -> str:
    rule, measured = result.rule, result.first if result.state is State.NOT_KEPT else result.released
    side = "at least" if rule.max is None else "at most"
    value = "" if measured.value is None else f" {round(measured.value, 4):g},"
    counts = ", ".join(f"{name} {number}" for name, number in measured.details.items())
    took = f"; took out {result.taken_out}" if result.taken_out else ""
    return f"{rule.id}: {result.state}:{value} {side} {rule.limit:g} ({rule.numbers}; {counts}){took}"


def _next_steps(receipt: Receipt) -> Iterator[str]:
    asked = receipt.asked
    review = asked.out / "review"
    files = [str(path) for path in asked.review]
    missing = [one.rule for one in receipt.results if one.released.state is State.NOT_MEASURED]
    for rule in missing:
        if rule.when == "before-collection":
            yield f"next: for {rule.id}, give -a assessment=FILE, a CSV with the columns source,items,bad"
        elif rule.measure == "automatic-sample":
            yield f"next: for {rule.id}, crawl or judge with a safety check; no program has looked at these records"
    for name, todo in SHEETS.items():
        if (sheet := review / name).exists():
            yield f"next: {todo} in {sheet}, then: {asked.command} -a review={','.join([*files, str(sheet)])}"
    if receipt.reasons:
        yield f"no shards were written; refused by: {', '.join(receipt.reasons)}"
    yield f"{asked.out / FILE}: the receipt"


def _form(receipt: Receipt, written: Mapping[str, Any] | None) -> dict[str, Any]:
    asked, policy = receipt.asked, receipt.asked.policy
    return {
        "id": receipt.id,
        "outcome": "refused" if receipt.reasons else "released",
        "refused_by": list(receipt.reasons),
        "policy": {"id": policy.id, "title": policy.title, "day": policy.day.isoformat(), "digest": policy.digest},
        "asked": _asked(asked),
        "made_from": _made_from(asked, receipt.parts),
        "records": dict(receipt.counts),
        **({"suppressed_by": dict(receipt.suppressed_by)} if receipt.suppressed_by else {}),
        "set_rules": [_rule(result) for result in receipt.results],
        "sharing": {
            "asked": asked.share,
            "allowed": policy.share.level if policy.share else "public",
            "cite": list(policy.share.cite) if policy.share else [],
        },
        "retention": {
            "bodies_days": policy.bodies_days,
            "oldest_body_days": receipt.age_of_bodies,
            "overdue_days": receipt.overdue_days,
        },
        "unknown_marks": receipt.strangers,
        "overruled_reviews": receipt.overruled,
        "manifest": written["hash"] if written else "",
    }


def _rule(result: RuleResult) -> dict[str, Any]:
    rule = result.rule
    asked = rule.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"replaces", "review_by"})
    return {
        **asked,
        "when": rule.when.value,
        "outcome": result.state.value,
        "measured": _measured(result.first),
        "in_the_release": _measured(result.released),
        "took_out": result.taken_out if rule.effect is not SetEffect.REFUSE_RELEASE else 0,
    }


def _measured(measured: Measured) -> dict[str, Any]:
    return {"state": measured.state.value, "value": measured.value, **measured.details}


def _asked(asked: Asked) -> dict[str, Any]:
    return {"share": asked.share, "seed": asked.seed, "format": asked.format}


def _made_from(asked: Asked, parts: Parts) -> dict[str, Any]:
    """Digests of all that decides."""
    crawls = list(map(_crawl, parts.each))
    return {
        **(crawls[0] if len(crawls) == 1 else {"crawls": crawls}),
        "policy_digest": asked.policy.digest,
        "review": [_digest(path) for path in asked.review],
        "suppress": _digest(asked.suppress),
        "assessment": _digest(asked.assessment),
    }


def _crawl(part: Inputs) -> dict[str, Any]:
    return {
        "crawl": part.run["id"],
        "crawl_finished": part.run.get("finished"),
        "manifests": dict(part.manifests),
        "ledger": {"size": part.ledger.size, "head": part.ledger.head},
    }


def _digest(path: Path | None) -> str:
    if path is None:
        return ""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
