"""What the rules say and what they cite, from the text that the crawl was judged by; never from another text.

The crawl keeps that text in `policies/<id>.json`, whose SHA-256 is the digest in run.json. Where it does not, the
profile installed here is taken if its digest is the same; else rules and citations are shown by their names only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from crawler.arguments import all_facts
from crawler.audit.read_run import read_run
from crawler.policy.load import load
from crawler.policy.policy import Policy
from crawler.policy.read import PolicyError

FOLDER = "policies"
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
    form, source = _stored(crawl, policy), "in the crawl"
    if form is None:
        form, source = _installed(policy), "installed"
    if form is None:
        return policy
    rules = {str(rule["id"]): _rule(rule) for rule in (*form.get("rules", ()), *form.get("set_rules", ()))}
    citations = {key: _citation(key, entry) for key, entry in form.get("citations", {}).items()}
    return PolicyText(policy.id, policy.title, policy.day, policy.digest, source, rules, citations)


def _stored(crawl: Path, policy: PolicyText) -> dict[str, Any] | None:
    """The flattened form in the crawl, if it is the one with that digest."""
    if "/" in policy.id or policy.id.startswith("."):
        return None
    try:
        content = (crawl / FOLDER / f"{policy.id}.json").read_bytes()
        if policy.digest not in (sha256(content).hexdigest(), sha256(content.rstrip(b"\n")).hexdigest()):
            return None
        form = json.loads(content)
    except (OSError, ValueError, RecursionError):
        return None
    return form if isinstance(form, dict) else None


def _installed(policy: PolicyText) -> dict[str, Any] | None:
    """The same from the profile installed here, if it says the same."""
    try:
        day = date.fromisoformat(policy.day)
        loaded: Policy = load(policy.id, all_facts(), today=day)
        if loaded.digest != policy.digest:
            loaded = load(policy.id, all_facts(), today=day, include_bills=True)
    except (PolicyError, ValueError, OSError):
        return None
    if loaded.digest != policy.digest:
        return None
    return {
        "rules": [rule.model_dump(mode="json", by_alias=True) for rule in loaded.rules],
        "set_rules": [rule.model_dump(mode="json", by_alias=True) for rule in loaded.set_rules],
        "citations": {key: entry.model_dump(mode="json") for key, entry in loaded.citations.items()},
    }


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
