"""The policies of a crawl as it was judged by them: as it stored them, else as the shipped files stood on its day.

A policy that is known in neither way, since its file is the user's own, is left out: the ledger still says its rules,
effects and citation keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from crawler.arguments import all_facts
from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.read_run import RunError, load_run
from crawler.policy.library import Library
from crawler.policy.load import build
from crawler.policy.policy import Policy
from crawler.policy.read import PolicyError
from crawler.stored_rules import load_policy


def policies_of(crawl: CrawlFolder) -> dict[str, Policy]:
    """The policies of a crawl by id; one whose digest is not the crawl's was changed since and stands as of today."""
    return {name: policy for name, policy in _found(crawl) if policy is not None}


def _found(crawl: CrawlFolder) -> Iterator[tuple[str, Policy | None]]:
    folder = crawl.segments[0]  # of a merged folder, all were judged by the same
    entries = _entries(folder)
    libraries = [Library(all_facts(), include_bills=bills) for bills in (False, True)]
    for name, digest in crawl.policies.items():
        told = entries.get(name, {})
        day = _day(told)
        entry = {"id": name, "title": str(told.get("title", name)), "day": day.isoformat(), "digest": digest}
        built = [policy for library in libraries if (policy := _build(library, name, day))]
        same = next((policy for policy in built if policy.digest == digest), None)
        yield name, same or _stored(folder, entry) or (built[0] if built else None)


def _build(library: Library, name: str, day: date) -> Policy | None:
    try:
        return build(library, name, day)
    except PolicyError:
        return None


def _stored(crawl: Path, entry: Mapping[str, Any]) -> Policy | None:
    """The policy that a crawl stored; None when it is not there, or is not the one that judged."""
    try:
        return load_policy(crawl, entry)
    except (PolicyError, ValueError):
        return None


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
