"""Policies as they are stored beside what they decided: all that decides, in canonical JSON (RFC 8785).

The SHA-256 of the stored bytes is the policy's digest, so that a decision can be repeated when the files of the
profiles have long changed. What a profile says to people (summary, grounds, outputs, warnings) is not in it.
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

import rfc8785
from pydantic import BaseModel, ConfigDict, ValidationError

from crawler.policy.model import Citation, Rule, Share
from crawler.policy.policy import Policy
from crawler.policy.read import PolicyError
from crawler.policy.set_rules import SetRule


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: tuple[Rule, ...]
    set_rules: tuple[SetRule, ...]
    citations: dict[str, Citation]
    readings: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    share: Share | None
    bodies_days: int


def dump(policy: Policy) -> bytes:
    """The bytes to store; their SHA-256 is the policy's digest, whatever the policy says it is."""
    share = policy.share
    cited = {key for rule in policy.rules for key in rule.cite}
    cited |= {key for set_rule in policy.set_rules for key in set_rule.cite}
    cited |= set(share.cite) if share else set()
    form: Any = {
        "rules": [_written(rule) for rule in policy.rules],
        "set_rules": [_written(rule) for rule in policy.set_rules],
        "citations": {key: _written(policy.citations[key]) for key in sorted(cited)},
        "readings": [[sorted(readings), sorted(ids)] for readings, ids in policy.readings.items()],
        "share": _written(share) if share else None,
        "bodies_days": policy.bodies_days,
    }
    return rfc8785.dumps(form)


def digest_of(stored: bytes) -> str:
    """The digest of a policy, in hex, by its stored form."""
    return sha256(stored).hexdigest()


def load_stored(stored: bytes, *, id: str, title: str = "", day: date, where: str = "policy") -> Policy:
    """A policy that decides exactly as the one that was stored.

    Args:
        stored: What `dump` made.
        id: The policy's name; it is no part of what decides.
        title: For people.
        day: The day whose rules these are.
        where: What a message calls the bytes.

    Raises:
        PolicyError: They are no stored policy.
    """
    try:
        form = _Form.model_validate_json(stored)
        policy = Policy(
            id=id,
            title=title or id,
            day=day,
            rules=form.rules,
            citations=form.citations,
            digest=digest_of(stored),
            bodies_days=form.bodies_days,
            readings={frozenset(readings): frozenset(ids) for readings, ids in form.readings},
            set_rules=form.set_rules,
            share=form.share,
        )
    except ValidationError as error:
        found = ".".join(map(str, error.errors()[0]["loc"])) or "the file"
        raise PolicyError(where, f"no stored policy ({found})", todo="restore it as the crawl wrote it") from None
    return policy


def _written(entry: BaseModel) -> dict[str, Any]:
    return entry.model_dump(mode="json", by_alias=True, exclude_defaults=True)
