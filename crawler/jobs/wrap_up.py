"""What came of a run: how it ended, what it counted, what has changed; then bodies whose days are over are deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from crawler.audit.crawl_folder import FolderError, open_crawl
from crawler.audit.ledger import LedgerError
from crawler.audit.line import printable
from crawler.audit.signing import SigningKey, SigningKeyError, default_key_path
from crawler.audit.summary import summarize, with_seen
from crawler.durable import InUseError, WriteError
from crawler.jobs.book import Book, Run, Status
from crawler.jobs.model import Retention
from crawler.jobs.running import LOGS, Running
from crawler.policy.read import PolicyError
from crawler.resuming import begun, is_complete
from crawler.retention import RetentionError, expire_crawl
from crawler.shards import manifest
from crawler.sources.evidence import BODIES
from crawler.stored_rules import run_of

CHANGES = "changes.json"
_FEW = 20  # pages


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended."""

    status: Status
    reason: str
    goes_on: bool


def ended(running: Running) -> Ended:
    """How a run ended whose process is over."""
    code, asked = running.process.returncode, running.asked
    is_ours = begun(running.out) is not None  # else a spider without our pipeline, or nothing was begun
    if code == 0 and (is_complete(running.out) if is_ours else not asked):
        return Ended(Status.FINISHED, "", goes_on=False)
    if asked:
        late = f"; it did not end within {running.grace_s:.0f} s" if running.was_killed else ""
        return Ended(Status.KILLED if running.was_killed else Status.STOPPED, asked.reason + late, asked.goes_on)
    if code < 0:
        return Ended(Status.KILLED, f"by signal {-code}, not by us", goes_on=True)
    if code == 0:
        return Ended(Status.STOPPED, "by a signal, not by us", goes_on=True)
    return Ended(Status.FAILED, printable(running.last_words()) or f"exit code {code}", goes_on=False)


def counts_of(out: Path) -> dict[str, dict[str, int]]:
    """Policy -> result -> pages, from the ledger; {} where there is none."""
    try:
        summary = summarize(open_crawl(out), manifest.read)
    except (FolderError, OSError, ValueError):
        return {}
    return {policy: with_seen(counts) for policy, counts in summary.policies.items()}


def changes_of(out: Path) -> dict[str, Any]:
    """What has changed since the run before, where the crawl says so."""
    try:
        found = json.loads((out / CHANGES).read_bytes())
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def expire_runs(
    book: Book, job: str, retention: Retention, ledger_key: str, today: date | None = None
) -> Iterator[str]:
    """Delete page bodies whose days are over in all runs of a job, and earlier where the job says so.

    Ledgers, evidence of sites, facts and shards stay: they are the proof, and later runs refer to them.

    Yields:
        What could not be done, in words.
    """
    day = today or datetime.now(UTC).date()
    seen: set[str] = set()
    for run in book.runs(job):  # newest first
        if run.run in seen or not run.started or run.status == Status.RUNNING:
            continue
        seen.add(run.run)
        old = _is_old(run, len(seen), retention, day)
        if old:
            (book.folder / job / LOGS / f"{run.run}.log").unlink(missing_ok=True)
        if problem := _expire(run.path(book.folder), old, ledger_key, day):
            yield f"{run.run}: {problem}"


def _is_old(run: Run, place: int, retention: Retention, today: date) -> bool:
    """Whether a run, the `place`-th newest, is beyond what the job keeps."""
    if retention.runs is not None and place > retention.runs:
        return True
    return retention.days is not None and (today - datetime.fromisoformat(run.started).date()).days > retention.days


def _expire(out: Path, old: bool, ledger_key: str, today: date) -> str:
    if not (out / BODIES).is_dir() or not any((out / BODIES).iterdir()):
        return ""
    try:
        key = SigningKey.load_or_create(Path(ledger_key) if ledger_key else default_key_path())
        expire_crawl(out, run_of(out), key, today, 0 if old else None)
    except (PolicyError, RetentionError, LedgerError, SigningKeyError, InUseError, WriteError, OSError) as error:
        return f"page bodies were not looked through: {error}"
    return ""


def keep_rates(run: Run) -> dict[str, float]:
    """Policy -> share of decided pages that are in the collection: kept now, or before and unchanged.

    Where most pages were not due, those that were are few and no sample: fewer than `_FEW` have no rate.
    """
    rates, least = {}, _FEW if _number(run.changes.get("not_due")) else 1
    for policy, of in run.counts.items():
        decided = of.get("seen", 0) - of.get("pending", 0)
        if decided >= least:
            rates[policy] = (of.get("kept", 0) + of.get("unchanged", 0)) / decided
    return rates


def events_of(run: Run, before: Run | None) -> Iterator[dict[str, Any]]:
    """What the operator is told of: a failure, a keep rate that fell by half, pages that are refused now."""
    base = {"job": run.job, "run": run.run, "time": run.ended}
    if run.status in (Status.FAILED, Status.KILLED):
        yield {**base, "event": "failed", "text": f"{run.job}: {run.status}: {run.reason}", "counts": run.counts}
    rates, former = keep_rates(run), keep_rates(before) if before else {}
    for policy, rate in rates.items():
        if run.status == Status.FINISHED and rate < former.get(policy, 0.0) / 2:
            told = f"{run.job}: {policy} keeps {rate:.0%} of what it decided, {former[policy]:.0%} in the run before"
            yield {**base, "event": "keep-rate", "text": told, "policy": policy, "rate": rate, "before": former[policy]}
    if drift := _number(run.changes.get("drift")):
        told = f"{run.job}: {drift} page(s) that were kept are refused now; see drift.jsonl in the run's folder"
        yield {**base, "event": "drift", "text": told, "drift": drift}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
