"""What the rules say and what they cite, from the text that the crawl was judged by; never from another text.

The crawl keeps that text in `policies/<id>.json`, whose SHA-256 is the digest in run.json. Where it does not, the
profile installed here is taken if its digest is the same; else rules and citations are shown by their names only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from crawler.arguments import all_facts
from crawler.audit.read_run import read_run
from crawler.policy.load import load
from crawler.policy.policy import Policy
from crawler.policy.read import PolicyError
from crawler.stored_rules import load_policy

CHECKED = {
    "V": "checked",
    "K": "known, not re-read",
    "U": "unconfirmed",
}
STATUS = {
    "law": "law",
    "guidance": "guidance, not binding",
    "contested": "contested",
    "bill": "a bill, not passed",
    "ours": "our own choice",
}


@dataclass(frozen=True, slots=True)
class CitationText:
    """One instrument as a lawyer would cite it; `instrument` is "" when only the key is known."""

    key: str
    instrument: str = ""
    article: str = ""
    published: str = ""
    url: str = ""
    checked: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule in words; `says` is "" when only its id is known."""

    id: str
    says: str = ""
    status: str = ""
    effect: str = ""
    confidence: str = ""
    facts: tuple[str, ...] = ()
    cite: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyText:
    """One policy of the crawl.

    Attributes:
        id: As in the ledger; `title`, `day` and `digest` as run.json says.
        source: Where its text was found: "in the crawl", "installed", or "" when it was not.
        rules: By id.
        citations: By key.
    """

    id: str
    title: str
    day: str
    digest: str
    source: str = ""
    rules: Mapping[str, RuleText] = field(default_factory=dict)
    citations: Mapping[str, CitationText] = field(default_factory=dict)

    def rule(self, name: str) -> RuleText:
        """A rule, in words if they are known."""
        return self.rules.get(name) or RuleText(name)

    def citation(self, key: str) -> CitationText:
        """A citation, with its instrument if it is known."""
        return self.citations.get(key) or CitationText(key)


def policy_texts(crawl: Path) -> dict[str, PolicyText]:
    """The policies of a crawl by id, in the order of run.json."""
    entries = (read_run(crawl) or {}).get("policies")
    found: dict[str, PolicyText] = {}
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("id"):
            name, title, day, digest = (str(entry.get(key, "")) for key in ("id", "title", "day", "digest"))
            found[name] = _with_text(crawl, PolicyText(name, title, day, digest))
    return found


def _with_text(crawl: Path, policy: PolicyText) -> PolicyText:
    found, source = _stored(crawl, policy), "in the crawl"
    if found is None:
        found, source = _installed(policy), "installed"
    if found is None:
        return policy
    forms = [rule.model_dump(mode="json") for rule in (*found.rules, *found.set_rules)]
    rules = {str(form["id"]): _rule(form) for form in forms}
    citations = {key: _citation(key, entry.model_dump(mode="json")) for key, entry in found.citations.items()}
    return replace(policy, source=source, rules=rules, citations=citations)


def _stored(crawl: Path, policy: PolicyText) -> Policy | None:
    """The policy in the crawl, if it is the one with that digest."""
    if "/" in policy.id or policy.id.startswith("."):
        return None
    try:
        return load_policy(crawl, {"id": policy.id, "day": policy.day, "digest": policy.digest})
    except (PolicyError, ValueError):
        return None


def _installed(policy: PolicyText) -> Policy | None:
    """The same as the profile installed here, if it says the same."""
    try:
        day = date.fromisoformat(policy.day)
        for bills in (False, True):
            found = load(policy.id, all_facts(), today=day, include_bills=bills)
            if found.digest == policy.digest:
                return found
    except (PolicyError, ValueError, OSError):
        pass
    return None


def _rule(form: Mapping[str, Any]) -> RuleText:
    rule, says, status, effect, confidence = (
        str(form.get(name) or "") for name in ("id", "says", "status", "effect", "confidence")
    )
    when, cite = form.get("when"), form.get("cite")
    facts = tuple(map(str, when)) if isinstance(when, dict) else ()
    cited = tuple(map(str, cite)) if isinstance(cite, list) else ()
    return RuleText(rule, says, status, effect, confidence, facts, cited)


def _citation(key: str, form: Mapping[str, Any]) -> CitationText:
    names = ("instrument", "article", "published", "url", "checked", "note")
    return CitationText(key, *(str(form.get(name) or "") for name in names))
