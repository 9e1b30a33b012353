"""run.json: what a run says of itself, at its beginning, when it goes on and at its end."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from crawler.arguments import AGENT, VERSION, Judging
from crawler.audit.read_run import RUN
from crawler.durable import write_whole
from crawler.policy.policy import Policy
from crawler.working import Working

PACKAGES = ("scrapy", "robotexclusionrulesparser", "presidio-analyzer", "spacy", "resiliparse", "fastwarc", "pyarrow")


class RunFile:
    """The file while the run is under way; every method writes it whole, and raises WriteError.

    Args:
        out: The crawl's folder.
        content: `first_content`, or what `begun` read of the run before.

    Attributes:
        id: The crawl's.
        started: When it was begun.
    """

    def __init__(self, out: Path, content: Mapping[str, Any]) -> None:
        self._path, self._content = out / RUN, {**content, "finished": None}
        self.id, self.started = str(content["id"]), datetime.fromisoformat(str(content["started"]))

    def begin(self, ledger_key: str) -> None:
        """The run takes the folder over; `ledger_key` checks its signatures."""
        self._content["ledger_key"] = ledger_key
        self._write()

    def resume(self, found: str) -> None:
        """The run goes on with one before, of which it found that."""
        entry = {"time": _now(), "found": found}
        self._content["resumed"] = [*self._content.get("resumed", ()), entry]
        self._write()

    def share(self, name: str) -> None:
        """The run works on the shared frontier of that name."""
        self._content["frontier"] = {"name": name}
        self._write()

    def finish(self, *, frontier: Mapping[str, Any] | None = None) -> None:
        """The run ends in order; `frontier` is how the shared one stood then."""
        if frontier:
            self._content["frontier"] = dict(frontier)
        self._content["finished"] = _now()
        self._write()

    def _write(self) -> None:
        write_whole(self._path, json.dumps(self._content, indent=2, ensure_ascii=False).encode() + b"\n")


def first_content(judging: Judging, working: Working, facts_of_run: Mapping[str, Any]) -> dict[str, Any]:
    """What a new crawl says; `facts_of_run` is what only its command knows: seeds, user agent, settings."""
    now = datetime.now(UTC)
    return {
        "id": f"{now:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}",
        "started": now.isoformat(timespec="seconds"),
        "today": now.date().isoformat(),
        "finished": None,
        "agent": AGENT,
        "policies": [_policy_entry(policy) for policy in judging.policies],
        "run": dict(judging.run),
        "bodies": "kept" if judging.keep_bodies else "not kept",
        "retention": judging.retention.as_mapping(),
        "format": judging.format,
        "duplicates": judging.duplicates,
        "names": dict(sorted(working.engines.items())),
        "text_engine": working.text_engine,
        "pseudonyms": working.pseudonyms,
        "pseudonym_key": "thrown away" if working.throw_key_away else "kept outside this folder",
        "versions": {"usufruct": VERSION, "python": platform.python_version()}
        | {name: version(name) for name in PACKAGES},
        **facts_of_run,
    }


def _policy_entry(policy: Policy) -> dict[str, Any]:
    return {
        "id": policy.id,
        "title": policy.title,
        "day": policy.day.isoformat(),
        "digest": policy.digest,
        "bodies_days": policy.bodies_days,
        "readings": sorted({point for readings in policy.readings for point in readings}),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
