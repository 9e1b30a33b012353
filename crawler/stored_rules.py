"""What a crawl decided by, in its folder: `policies/<id>.json`, and `policies/records.yaml` as the operator gave it.

With these and the stored facts every decision can be repeated, however the profiles have changed since.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from crawler.audit import facts, frontier
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.read_run import RUN, RunError, load_run
from crawler.durable import make_folder, write_whole
from crawler.policy.policy import Policy
from crawler.policy.read import PolicyError
from crawler.policy.records import Record, load_records
from crawler.policy.stored import digest_of, dump, load_stored
from crawler.sources import evidence

FOLDER = "policies"
RECORDS = "records.yaml"  # no policy is stored under this name: theirs end in .json
# Names in the crawl's folder that are no policy's.
TAKEN = frozenset({evidence.FOLDER, evidence.BODIES, LEDGER, facts.FOLDER, frontier.FOLDER, FOLDER, RUN})


@dataclass(frozen=True, slots=True)
class StoredRules:
    """What a crawl decided by.

    Attributes:
        policies: In the order of run.json, each exactly as it judged.
        records: Licenses and consents that were on file.
        today: The day on which they had to be valid.
    """

    policies: tuple[Policy, ...]
    records: tuple[Record, ...]
    today: date


def check_names(policies: Iterable[Policy]) -> None:
    """Raise PolicyError when a policy's outputs would stand in a folder that has another meaning."""
    for policy in policies:
        if policy.id.casefold() in TAKEN:
            raise PolicyError(
                f"policy={policy.id}",
                f"{policy.id!r} as a name, which is also that of a folder of every crawl",
                f"names other than {', '.join(sorted(TAKEN))}",
                "rename the file",
            )


def store(crawl: Path, policies: Iterable[Policy], records: bytes) -> None:
    """Write what will be decided by; `records` is the operator's file as given, b"" without one. Raises WriteError."""
    make_folder(crawl / FOLDER)
    for policy in policies:
        write_whole(crawl / FOLDER / file_name(policy.id), dump(policy))
    if records:
        write_whole(crawl / FOLDER / RECORDS, records)


def file_name(policy: str) -> str:
    """Where a policy stands below `policies/`; the form of its id (crawler/policy/spec.py) makes it safe."""
    return f"{policy}.json"


def load(crawl: Path, run: Mapping[str, Any], known_facts: Collection[str]) -> StoredRules:
    """What a crawl decided by.

    Args:
        crawl: The crawl's folder.
        run: Its run.json.
        known_facts: Names that signals can state.

    Raises:
        PolicyError: Something of it is missing or changed.
    """
    try:
        policies = tuple(load_policy(crawl, entry) for entry in run["policies"])
        today = date.fromisoformat(run["today"]) if "today" in run else datetime.fromisoformat(run["started"]).date()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PolicyError(str(crawl / RUN), f"changed ({type(error).__name__})", todo="restore it") from error
    path = crawl / FOLDER / RECORDS
    return StoredRules(policies, load_records(path, known_facts) if path.exists() else (), today)


def run_of(crawl: Path) -> dict[str, Any]:
    """The crawl's run.json. Raises PolicyError."""
    try:
        return load_run(crawl)
    except RunError as error:
        raise PolicyError(str(crawl / RUN), str(error), todo="restore it") from error


def load_policy(crawl: Path, entry: Mapping[str, Any]) -> Policy:
    """One policy that a crawl decided by, as its entry in run.json names it: id, title, day and digest.

    Raises:
        PolicyError: It is missing or changed.
        KeyError, TypeError, ValueError: The entry is none.
    """
    path = crawl / FOLDER / file_name(entry["id"])
    try:
        stored = path.read_bytes()
    except OSError as error:
        raise PolicyError(
            str(path),
            f"cannot be read ({error.strerror})",
            todo="restore it; crawls made before 2026-11-23 stored no policies and can be judged, not verified",
        ) from error
    if digest_of(stored) != entry["digest"]:
        raise PolicyError(str(path), f"changed: its SHA-256 is not the digest in {RUN}", todo="restore it")
    day = date.fromisoformat(entry["day"])
    return load_stored(stored, id=entry["id"], title=entry.get("title", ""), day=day, where=str(path))
