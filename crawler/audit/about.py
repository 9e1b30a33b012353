"""What a crawl says of itself: who ran it, when, under which rules, and whether somebody still writes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.audit.line import printable
from crawler.audit.read_run import read_run
from crawler.durable import LOCK

_LOCKS = Path("/proc/locks")  # Linux says there who holds what; elsewhere nothing is known


@dataclass(frozen=True, slots=True)
class JudgedUnder:
    """A policy as run.json names it; "" for what it does not say."""

    id: str
    title: str
    day: str
    digest: str


@dataclass(frozen=True, slots=True)
class About:
    """The head of run.json; "" for what it does not say. Times are ISO 8601 with a zone."""

    id: str = ""
    started: str = ""
    finished: str = ""
    agent: str = ""
    policies: tuple[JudgedUnder, ...] = ()
    resumed: tuple[str, ...] = ()
    in_use: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain values, ready for json.dumps."""
        policies = [{name: getattr(one, name) for name in JudgedUnder.__slots__} for one in self.policies]
        own = {name: getattr(self, name) for name in ("id", "started", "finished", "agent", "in_use")}
        return {**own, "resumed": list(self.resumed), "policies": policies}


def about(crawl: Path) -> About:
    """Read it. What cannot be read is empty, never an exception."""
    run = read_run(crawl) or {}
    policies, resumed = run.get("policies"), run.get("resumed")
    entries = [entry for entry in policies if isinstance(entry, Mapping)] if isinstance(policies, list) else []
    return About(
        id=_text(run, "id"),
        started=_text(run, "started"),
        finished=_text(run, "finished"),
        agent=_text(run, "agent"),
        policies=tuple(JudgedUnder(*(_text(entry, name) for name in JudgedUnder.__slots__)) for entry in entries),
        resumed=tuple(map(str, resumed)) if isinstance(resumed, list) else (),
        in_use=_is_held(crawl / LOCK),
    )


def _text(entry: Mapping[str, Any], name: str) -> str:
    return printable(str(entry.get(name) or ""))


def _is_held(lock: Path) -> bool:
    """Whether a process holds the lock. Asking for it oneself could turn away a crawl that begins just now."""
    try:
        inode = os.stat(lock).st_ino
        return any(line.split()[5].endswith(f":{inode}") for line in _LOCKS.read_text().splitlines())
    except (OSError, IndexError):
        return False
