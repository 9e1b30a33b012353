"""How long page bodies are kept, and their deletion when that is over, recorded in the ledger.

A file of bodies is kept through the last of its days: the day in its name is not counted, as in Regulation (EEC)
1182/71, Article 3, so that with 30 days a file of 1 March goes on 1 April. The shortest time of all policies counts.

The event `bodies-removed` is the decision to delete: it is signed and on the disk before the first file goes. Whoever
finds a file that such an event names finishes the work; until then `scrapy audit verify` names the file.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.audit.checkpoint import read_files, read_signed, render_files
from crawler.audit.digests import Digests
from crawler.audit.files import REMOVED
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.ledger import Ledger, ledger_files
from crawler.audit.read_run import read_run
from crawler.audit.signing import SigningKey
from crawler.durable import locked, write_error
from crawler.policy.policy import Policy
from crawler.sources.evidence import BODIES, day_of

RETENTION = "retention"  # in run.json, and the mode of the same name
ALL = "all"


class RetentionError(Exception):
    """Bodies cannot be deleted here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a crawl keeps bodies.

    Attributes:
        mode: none, retention or all, as the operator asked (`-a bodies=`).
        days: The fewest of all policies.
        by: The policies that say so.
    """

    mode: str
    days: int
    by: tuple[str, ...]

    def is_over(self, begun: date, today: date) -> bool:
        """Whether the days of a file are over."""
        return self.mode == RETENTION and begun + timedelta(days=self.days) < today

    def as_mapping(self) -> dict[str, Any]:
        """As it stands in run.json."""
        return {"bodies": self.mode, "days": self.days, "by": list(self.by)}


def retention_of(mode: str, policies: Iterable[Policy]) -> Retention:
    """What selected policies allow."""
    days = {policy.id: policy.bodies_days for policy in policies}
    fewest = min(days.values())
    return Retention(mode, fewest, tuple(name for name, number in days.items() if number == fewest))


def stored_retention(run: Mapping[str, Any]) -> Retention | None:
    """What run.json says; None where it does not, as in crawls of before 2026-11-23, which have bodies in evidence/."""
    told = run.get(RETENTION)
    try:
        return Retention(str(told["bodies"]), int(told["days"]), tuple(map(str, told["by"])))  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        return None


def warnings(retention: Retention, policies: Iterable[Policy]) -> Iterator[str]:
    """What the operator must know who keeps bodies beyond what policies allow."""
    if retention.mode != ALL:
        return
    for policy in policies:
        cited = sorted({key for part in policy.parts for key in part.retention.cite})
        law = f" [{', '.join(cited)}]" if cited else ""
        yield (
            f"-a bodies=all: page bodies stay until you delete them; {policy.id} allows {policy.bodies_days} days{law}"
        )


def overdue(crawl: Path, today: date | None = None) -> list[str]:
    """The files of bodies that should be gone by now: their days are over, or an event says that they were deleted.

    Args:
        crawl: The crawl's folder.
        today: In UTC; left out, now.
    """
    run = read_run(crawl)
    if run is None:
        return []
    retention = stored_retention(run)
    day = today or datetime.now(UTC).date()
    announced = _announced(crawl)
    return [
        name
        for name, begun in _files(crawl)
        if name in announced or (retention is not None and retention.is_over(begun, day))
    ]


def expire(crawl: Path, ledger: Ledger, retention: Retention, today: date) -> list[str]:
    """Delete the bodies whose days are over; the caller has the crawl's lock.

    Args:
        crawl: The crawl's folder.
        ledger: Its ledger, open.
        retention: How long it keeps bodies.
        today: In UTC.

    Returns:
        The files that went, as seen from the crawl.

    Raises:
        WriteError: The disk refused; what an event names and is still there goes the next time.
    """
    announced = _announced(crawl)
    files = dict(_files(crawl))
    due = [name for name, begun in files.items() if name not in announced and retention.is_over(begun, today)]
    if due:
        digests = Digests()
        try:
            told = {name: digests.of(crawl / name)._asdict() for name in due}
        except OSError as error:
            raise write_error(crawl / BODIES, error) from error
        days = f"{retention.days} days after the day in their names are over"
        ledger.event(REMOVED, files=told, note=f"{days} ({', '.join(retention.by)}: retention.bodies_days)")
        ledger.sync()
    gone = [name for name in files if name in announced or name in due]
    for name in gone:
        _delete(crawl / name)
    if gone:
        _sync_folder(crawl / BODIES)
    return gone


def expire_crawl(
    crawl: Path, run: Mapping[str, Any], key: SigningKey, today: date, days: int | None = None
) -> list[str]:
    """Delete the bodies of a crawl that nobody writes into.

    Args:
        crawl: The crawl's folder.
        run: Its run.json.
        key: Signs its ledger.
        today: In UTC.
        days: Fewer than the policies allow; with it also bodies go that `-a bodies=all` kept.

    Raises:
        RetentionError: The crawl does not say how long it keeps bodies, or `days` are more than the policies allow.
        InUseError: A crawl is running there.
        LedgerError, WriteError: The ledger cannot be continued, or the disk refused.
    """
    retention = stored_retention(run)
    if retention is None:
        raise RetentionError(
            f"{crawl}/run.json does not say how long bodies are kept: crawls made before 2026-11-23 keep them in "
            "evidence/, where no file goes without others; delete the whole crawl when its days are over"
        )
    if days is not None:
        if days > retention.days:
            by = ", ".join(retention.by)
            raise RetentionError(f"--days {days}: more than the {retention.days} that {by} allows; give fewer")
        retention = replace(retention, mode=RETENTION, days=days)
    with locked(crawl):
        listed = _listed(crawl)
        ledger = Ledger(crawl, key=key, origin=f"usufruct/{run['id']}")
        try:
            gone = expire(crawl, ledger, retention, today)
            if listed is not None:
                ledger.seal(render_files({name: file for name, file in listed.items() if name not in gone}))
        finally:
            ledger.close()
    return gone


def removals(crawl: Path) -> Iterator[dict[str, Any]]:
    """The events that say which bodies were deleted, oldest first."""
    for path in ledger_files(crawl / LEDGER):
        with path.open("rb") as file:
            for content in file:
                if f'"event":"{REMOVED}"'.encode() in content:
                    with contextlib.suppress(ValueError):
                        line = json.loads(content)
                        if isinstance(line, dict) and line.get("event") == REMOVED and "result" not in line:
                            yield line


def _announced(crawl: Path) -> frozenset[str]:
    files = (line.get("files") for line in removals(crawl))
    return frozenset(str(name) for each in files if isinstance(each, dict) for name in each)


def _files(crawl: Path) -> Iterator[tuple[str, date]]:
    """The files of bodies with the day on which each was begun."""
    for path in sorted((crawl / BODIES).glob("*")):
        if begun := day_of(path.name):
            yield f"{BODIES}/{path.name}", begun


def _listed(crawl: Path) -> dict[str, tuple[int, str]] | None:
    """The listing of files that the checkpoint vouches for, if it does."""
    signed = read_signed(crawl / LEDGER)
    return read_files(crawl / LEDGER) if signed and signed.files else None


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise write_error(path, error) from error


def _sync_folder(folder: Path) -> None:
    try:
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        raise write_error(folder, error) from error
