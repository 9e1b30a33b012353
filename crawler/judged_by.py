"""The policies of a crawl as it was judged by them: as it stored them, else as the shipped files stood on its day.

A policy that is known in neither way, since its file is the user's own, is left out: the ledger still says its rules,
effects and citation keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from crawler.arguments import all_facts
from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.read_run import RunError, load_run
from crawler.policy.library import Library
from crawler.policy.load import build
from crawler.policy.model import Citation, Rule
from crawler.policy.policy import Policy
from crawler.policy.read import PolicyError

FOLDER = "policies"  # of a crawl: the flattened form of each policy, whose SHA-256 is its digest


def policies_of(crawl: CrawlFolder) -> dict[str, Policy]:
    """The policies of a crawl by id; one whose digest is not the crawl's was changed since and stands as of today."""
    return {name: policy for name, policy in _found(crawl) if policy is not None}


def _found(crawl: CrawlFolder) -> Iterator[tuple[str, Policy | None]]:
    entries = _entries(crawl.path)
    libraries = [Library(all_facts(), include_bills=bills) for bills in (False, True)]
    for name, digest in crawl.policies.items():
        day = _day(entries.get(name, {}))
        built = [policy for library in libraries if (policy := _build(library, name, day))]
        same = next((policy for policy in built if policy.digest == digest), None)
        yield name, same or stored(crawl.path, name, digest, day) or (built[0] if built else None)


def _build(library: Library, name: str, day: date) -> Policy | None:
    try:
        return build(library, name, day)
    except PolicyError:
        return None


def stored(crawl: Path, name: str, digest: str, day: date) -> Policy | None:
    """The policy that a crawl stored; None when it is not there, or is not the one that judged."""
    try:
        content = (crawl / FOLDER / f"{name}.json").read_bytes()
        if sha256(content).hexdigest() != digest:
            return None
        form = json.loads(content)
        policy = Policy(
            id=name,
            title=name,
            day=day,
            rules=tuple(Rule.model_validate_json(json.dumps(rule)) for rule in form["rules"]),
            citations={key: Citation.model_validate_json(json.dumps(one)) for key, one in form["citations"].items()},
            digest=digest,
            bodies_days=form["bodies_days"],
            readings={frozenset(readings): frozenset(ids) for readings, ids in form["readings"]},
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return replace(policy, title=str(_entries(crawl).get(name, {}).get("title", name)))


def says_of(policies: Mapping[str, Policy]) -> dict[str, str]:
    """The plain sentence of every rule."""
    return {rule.id: rule.says for policy in policies.values() for rule in policy.rules}


def _entries(crawl: Path) -> dict[str, dict[str, Any]]:
    """What run.json says of each policy; {} where it does not."""
    try:
        return {str(entry["id"]): dict(entry) for entry in load_run(crawl)["policies"]}
    except (RunError, ValueError, KeyError, TypeError):
        return {}


def _day(entry: Mapping[str, Any]) -> date:
    try:
        return date.fromisoformat(str(entry.get("day")))
    except ValueError:
        return datetime.now(UTC).date()
