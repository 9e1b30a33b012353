"""What a crawl says of itself: who ran it, when, under which rules, and whether somebody still writes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crawler.audit.crawl_folder import CrawlFolder
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
class Resumed:
    """A run that went on with the crawl: when, and what it found of the one before."""

    time: str
    found: str


@dataclass(frozen=True, slots=True)
class About:
    """The head of run.json; "" for what it does not say. Times are ISO 8601 with a zone."""

    id: str = ""
    started: str = ""
    finished: str = ""
    agent: str = ""
    policies: tuple[JudgedUnder, ...] = ()
    resumed: tuple[Resumed, ...] = ()
    in_use: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain values, ready for json.dumps."""
        own = {name: getattr(self, name) for name in ("id", "started", "finished", "agent", "in_use")}
        return {**own, "resumed": list(map(asdict, self.resumed)), "policies": list(map(asdict, self.policies))}


def about(crawl: Path) -> About:
    """Read it. What cannot be read is empty, never an exception."""
    run = read_run(crawl) or {}
    return About(
        id=_text(run, "id"),
        started=_text(run, "started"),
        finished=_text(run, "finished"),
        agent=_text(run, "agent"),
        policies=tuple(
            JudgedUnder(*(_text(entry, name) for name in JudgedUnder.__slots__)) for entry in _entries(run, "policies")
        ),
        resumed=tuple(Resumed(_text(entry, "time"), _text(entry, "found")) for entry in _entries(run, "resumed")),
        in_use=_is_held(crawl / LOCK),
    )


def _entries(run: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects in a list of run.json; what is none is left out."""
    found = run.get(name)
    return [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list) else []


def about_all(crawl: CrawlFolder) -> About:
    """The same of a merged folder: what its segments say together; it has ended when all of them have."""
    told = [about(segment) for segment in crawl.segments]
    if not crawl.is_merged:
        return told[0]
    ended = all(one.finished for one in told)
    return About(
        id=" ".join(one.id for one in told),
        started=min(one.started for one in told),
        finished=max(one.finished for one in told) if ended else "",
        agent=told[0].agent,
        policies=told[0].policies,
        resumed=tuple(text for one in told for text in one.resumed),
        in_use=any(one.in_use for one in told),
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
