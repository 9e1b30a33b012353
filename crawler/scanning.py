"""One text scanned on request, with the grounds of every find and what a policy would do with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crawler.document import Fact, FindPii, Span, Treatment
from crawler.judge import facts_of_finds
from crawler.pii import sensitive
from crawler.pii.sensitive import PageClues
from crawler.pii.why import Why, why
from crawler.policy.decide import ANY_KIND, KINDS_APART, decide, treatment_of
from crawler.policy.model import Rule
from crawler.policy.policy import Policy
from crawler.text.language import detect

KINDS_OF_FACT = "pii."
_TREATMENTS = ("redact", "pseudonymize", "keep")  # effects under which a page goes on


@dataclass(frozen=True, slots=True)
class Found:
    """One find with its grounds."""

    span: Span
    words: str
    why: Why


@dataclass(frozen=True, slots=True)
class Scanned:
    """A text and what is in it.

    Attributes:
        language: ISO 639-1; "" where it cannot be told.
        detected: Whether we told it, and nobody else.
        engine: What reads names in this language; "" for nothing.
        said: Facts about persons and the page that `sensitive` states.
    """

    text: str
    language: str
    detected: bool
    engine: str
    found: tuple[Found, ...]
    said: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Treated:
    """What a policy does with one kind of personal data, and the rules that say so."""

    treatment: Treatment
    rules: tuple[Rule, ...]


def scan(text: str, language: str, find: FindPii, engines: Mapping[str, str]) -> Scanned:
    """Scan a text as a page of its own; "" as its language asks for it to be detected.

    Raises:
        EngineError: The engine of the language cannot be loaded.
    """
    spoken = language or detect(text)
    engine = engines.get(spoken, "")
    said = sensitive.find(text, spoken, find(text, spoken), PageClues(names_checked=bool(engine)))
    found = tuple(Found(span, text[span.start : span.end], why(text, span, engine)) for span in said.spans)
    return Scanned(text, spoken, not language, engine, found, said.facts)


def facts_of(scanned: Scanned) -> tuple[Fact, ...]:
    """What a judge would state of the finds, and of nothing else."""
    unchecked = "" if scanned.engine else scanned.language or "unknown"
    return (*facts_of_finds((found.span for found in scanned.found), unchecked), *scanned.said)


def treatments(policy: Policy, scanned: Scanned) -> dict[str, Treated]:
    """For each kind that was found its treatment, and the rules that ask for it or for more; sorted by kind."""
    facts = facts_of(scanned)
    decision = decide(policy, facts)
    fired = {one.rule for one in decision.fired}
    rules = [rule for rule in policy.rules if rule.id in fired]
    return {
        kind: Treated(treatment_of(decision, kind), _about(rules, kind))
        for kind in sorted({found.span.kind for found in scanned.found})
    }


def page_rules(policy: Policy, scanned: Scanned) -> tuple[Rule, ...]:
    """Rules about the page as a whole that the finds made fire: drop, review, require consent."""
    fired = {one.rule for one in decide(policy, facts_of(scanned)).fired}
    return tuple(
        rule for rule in policy.rules if rule.id in fired and rule.effect not in _TREATMENTS and _is_about_finds(rule)
    )


def _about(rules: Iterable[Rule], kind: str) -> tuple[Rule, ...]:
    names = {f"{KINDS_OF_FACT}{kind}", *((f"{KINDS_OF_FACT}{ANY_KIND}",) if kind not in KINDS_APART else ())}
    return tuple(rule for rule in rules if names & set(rule.when) and rule.effect in _TREATMENTS)


def _is_about_finds(rule: Rule) -> bool:
    return any(name.startswith("pii") for name in rule.when)
