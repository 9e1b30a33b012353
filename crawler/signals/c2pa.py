"""States what the signed C2PA manifest of a file says about training and data mining.

Specification: CAWG Training and Data Mining Assertion 1.1, DIF, 16 May 2025, and its forerunner in C2PA 1.x, read
2026-11-22. Each use is answered on its own. What is constrained without saying how is not allowed. A manifest that
failed validation carries no weight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crawler.document import Assertion, Evidence, Fact
from crawler.signals.xmp import unread

WHERE = ("C2PA manifest inside the file",)
NEEDS: tuple[str, ...] = ()
SPECIFICATION = "CAWG Training and Data Mining Assertion 1.1, DIF, 16 May 2025, read 2026-11-22"

_FACT_OF_ENTRY: Mapping[str, str] = {
    "ai_generative_training": "c2pa.generative-training",
    "ai_inference": "c2pa.inference",
    "ai_training": "c2pa.training",
    "data_mining": "c2pa.data-mining",
}
_POINT = "@invalid-manifest"  # another reading: a manifest is believed that failed validation
_USES = ("allowed", "notAllowed", "constrained")

FACTS = (
    *_FACT_OF_ENTRY.values(),
    *(fact + _POINT for fact in _FACT_OF_ENTRY.values()),
    "c2pa.malformed",
    "c2pa.invalid",
    "c2pa.unread",
)


def read(evidence: Evidence) -> Iterator[Fact]:
    """State the use that each entry allows, in the order of the manifest.

    Yields:
        One fact for each known entry: "allowed", "notAllowed" or "constrained"; `c2pa.malformed` "unknown-use" or
        "wrong-prefix" for an entry that tries to say something; `c2pa.invalid` where validation failed, and then
        `c2pa.malformed` "invalid-manifest" if it refuses or limits a use; `c2pa.unread` with the reason.
    """
    for reason in unread(evidence, "c2pa"):
        yield Fact("c2pa.unread", reason, "body")
    for assertion in evidence.embedded.c2pa if evidence.embedded else ():
        stated = tuple(_entries(assertion))
        if assertion.valid:
            yield from stated
        else:
            where = f"c2pa:{assertion.label}"
            yield Fact("c2pa.invalid", "validation-failed", where, assertion.label)
            for fact in stated:
                if fact.name != "c2pa.malformed":
                    yield Fact(fact.name + _POINT, fact.value, fact.where, fact.quote)
            if any(fact.value != "allowed" for fact in stated):
                yield Fact("c2pa.malformed", "invalid-manifest", where, assertion.label)


def _entries(assertion: Assertion) -> Iterator[Fact]:
    where = f"c2pa:{assertion.label}"
    for key, fields in assertion.entries.items():
        prefix, _, entry = key.partition(".")
        use = fields.get("use", "")
        if entry not in _FACT_OF_ENTRY:
            continue
        if prefix != assertion.label.partition(".")[0]:
            if use != "allowed":
                yield Fact("c2pa.malformed", "wrong-prefix", where, key[:200])
        elif use not in _USES:
            yield Fact("c2pa.malformed", "unknown-use", where, use[:200])
        else:
            without_terms = use == "constrained" and not fields.get("constraint_info", "").strip()
            yield Fact(_FACT_OF_ENTRY[entry], "notAllowed" if without_terms else use, where, use)
