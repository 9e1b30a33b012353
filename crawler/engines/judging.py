"""Judging many files: plan, find the site files of all, judge each, merge. The same command again goes on.

    inputs ─> units ─> site files of all units (crawler/sources/site_index.py) ─> a segment for each unit ─> merged.json

What a unit is judged by never depends on which file stands beside it: the site files of all inputs are known before
the first page is judged. Units are complete or not; those that are stay as they are while nothing that their outcomes
depend on has changed.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from crawler.arguments import ArgumentError, Judging, judging
from crawler.audit.checkpoint import CHECKPOINT, PUBLIC_KEY
from crawler.audit.segments import JUDGED, MERGED, Merged, crawls_in, is_merged, read_merged
from crawler.audit.signing import SigningKey, default_key_path
from crawler.crawl_archive import split_sources
from crawler.durable import InUseError, locked, make_folder, write_error, write_whole
from crawler.engines import INDEX, JUDGE, Engine
from crawler.engines.plan import NOTES, Plan, Result, Unit, digest_of, done, was_done
from crawler.fingerprint import KEEP
from crawler.merging import merge
from crawler.sources.documents import Fields
from crawler.sources.inputs import is_text_set
from crawler.sources.site_index import join
from crawler.sources.storage import is_remote, name_of, stamp, unit_name
from crawler.working import Working, pseudonym_key, work_of

PLAN = "plan.json"


@dataclass(slots=True)
class Report:
    """What came of it, for the operator.

    Attributes:
        units: How many there are.
        skipped: How many of them were complete already.
        again: How many were complete once, and are judged again, since something has changed.
        results: Of the units, in their order.
        merged: The merged folder; None when no unit is complete.
    """

    units: int = 0
    skipped: int = 0
    again: int = 0
    results: list[Result] = field(default_factory=list)
    merged: Merged | None = None

    @property
    def problems(self) -> list[str]:
        """All that was damaged or not judged."""
        return [problem for result in self.results for problem in (*result.damage, result.problem) if problem]


def units_of(sources: Sequence[str]) -> list[Unit]:
    """The units, by name, whatever the order of the sources. Raises NoArchiveError, SourceError."""
    folders = [each for source in sources for each in _segments_of(source)]
    crawls, files = split_sources(folders)
    units = [Unit(unit_name(path), str(path.resolve()), is_crawl=True) for path in crawls]
    for address in files:
        found = stamp(address)
        where = str(address) if is_remote(address) else str(Path(address).resolve())
        units.append(Unit(unit_name(address), where, size=found.size, version=found.version))
    return sorted({unit.name: unit for unit in units}.values(), key=lambda unit: unit.name)


def make_plan(
    given: Mapping[str, str], working: Working, fields: Fields, units: Sequence[Unit], *, fetched_by: str
) -> Plan:
    """What the units are judged by; a judging that was begun goes on with its own day and key.

    Raises:
        ArgumentError: An argument cannot be used, or the folder holds something else.
        PolicyError, KeyFileError, WriteError: As in a crawl.
    """
    out = Path(given["out"])
    begun = _begun(out)
    now = datetime.now(UTC)
    identity = str(begun["id"]) if begun else f"{now:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
    today = date.fromisoformat(str(begun["today"])) if begun else now.date()
    what = judging(given, today=today, fetched_by=fetched_by)
    if what.duplicates != KEEP:
        raise ArgumentError(
            f"-a duplicates={what.duplicates}: which of two texts is the first would depend on how the files are cut; "
            "leave it out with --engine, or judge without --engine"
        )
    digest = _digest(what, working, given, fields, units)
    make_folder(out / NOTES)
    if not begun:
        note = {
            "id": identity,
            "today": today.isoformat(),
            "policies": {each.id: each.digest for each in what.policies},
        }
        write_whole(out / NOTES / PLAN, json.dumps(note, indent=2).encode() + b"\n")
    elif begun.get("policies") != {each.id: each.digest for each in what.policies}:
        raise ArgumentError(
            f"-a out={out}: was begun under {', '.join(begun['policies'])}, or their files have changed since; go on "
            "with the same policies, or judge into a new folder"
        )
    work = work_of(what, working, pseudonym_key(working, identity), today)
    return Plan(identity, what, working, work, fields, digest)


def judge_files(plan: Plan, units: Sequence[Unit], engine: Callable[[], Engine], tell: Tell) -> Report:
    """Judge all units that are not complete, then merge.

    Args:
        plan: By what.
        units: What.
        engine: Starts whoever works; not called when nothing is to be done.
        tell: Hears what happens.

    Raises:
        ArgumentError: Another process writes there.
        MergeError, WriteError, SigningKeyError: The union cannot be written; the segments stand.
    """
    out = plan.judging.out
    report = Report(units=len(units))
    try:
        with locked(out / NOTES):
            results = {unit.name: found for unit in units if (found := done(plan, unit))}
            left = [unit for unit in units if unit.name not in results]
            report.skipped, report.again = len(results), sum(was_done(plan, unit) for unit in left)
            tell.begin(units, results)
            if left:
                results |= _work(plan, units, left, engine, tell)
            report.results = [results[unit.name] for unit in units if unit.name in results]
            report.merged = _merged(plan, units, report, changed=bool(left))
    except InUseError as error:
        raise ArgumentError(f"-a out={out}: {error}") from error
    return report


class Tell:
    """Hears what happens; this one says nothing."""

    def begin(self, units: Sequence[Unit], results: Mapping[str, Result]) -> None:
        """So many units, of which these are complete."""

    def watch(self, engine: Engine, step: str) -> None:
        """A step is begun."""

    def done(self, unit: Unit, result: Result) -> None:
        """A unit was judged."""

    def end(self) -> None:
        """Nothing comes any more."""


def _work(
    plan: Plan, units: Sequence[Unit], left: Sequence[Unit], start: Callable[[], Engine], tell: Tell
) -> dict[str, Result]:
    """Results of the units that were left; those that a fatal problem came before have none."""
    results: dict[str, Result] = {}
    engine = start()
    by_name = {unit.name: unit for unit in units}
    try:
        if lost := _index(plan, units, engine, tell):
            return {result.unit: result for result in lost}
        tell.watch(engine, JUDGE)
        for result in engine.run(JUDGE, sorted(left, key=lambda unit: -unit.size)):  # the long ones first
            results[result.unit] = result
            tell.done(by_name[result.unit], result)
            if result.fatal:
                break
    finally:
        tell.end()
        engine.close()
    return results


def _index(plan: Plan, units: Sequence[Unit], engine: Engine, tell: Tell) -> list[Result]:
    """The site files of all inputs, unless they stand there already; a file that is no WARC has none.

    Returns:
        The units whose site files nobody could look for, though they may be there: no page can be judged without them.
    """
    note = plan.sites.with_suffix(".json")
    wanted = [unit for unit in units if _may_hold_site_files(unit)]
    versions = [[unit.name, unit.size, unit.version] for unit in wanted]
    if plan.sites.exists() and note.exists() and json.loads(note.read_bytes()) == versions:
        return []
    tell.watch(engine, INDEX)
    note.unlink(missing_ok=True)
    results = list(engine.run(INDEX, wanted))
    if lost := [result for result in results if result.fatal]:
        return lost
    found = {result.unit for result in results if not result.problem}
    parts = [plan.part_of_sites(unit) for unit in wanted if unit.name in found]
    try:
        join(parts, plan.sites)
        for part in parts:
            part.unlink()
    except (OSError, sqlite3.Error) as error:
        raise write_error(plan.sites, error if isinstance(error, OSError) else OSError(0, str(error))) from error
    write_whole(note, json.dumps(versions).encode())
    return []


def _merged(plan: Plan, units: Sequence[Unit], report: Report, *, changed: bool) -> Merged | None:
    """The union of the complete units."""
    out = plan.judging.out
    complete = [plan.segment(unit) for unit in units if done(plan, unit)]
    if is_merged(out):
        if not changed and [each.path.resolve() for each in read_merged(out).segments] == [
            path.resolve() for path in complete
        ]:
            return read_merged(out)
        for name in (MERGED, CHECKPOINT, PUBLIC_KEY):
            (out / name).unlink(missing_ok=True)
    if not complete:
        return None
    key = SigningKey.load_or_create(plan.working.ledger_key_file or default_key_path())
    return merge(complete, out, kind=JUDGED, key=key)


def _segments_of(source: str) -> Iterator[str]:
    """The crawls of a merged folder; everything else as it is."""
    if not is_remote(source) and is_merged(Path(source)):
        yield from map(str, crawls_in(Path(source)))
    else:
        yield source


def _begun(out: Path) -> dict[str, Any] | None:
    """The notes of the judging in a folder; None for an empty one. Raises ArgumentError."""
    try:
        found = json.loads((out / NOTES / PLAN).read_bytes())
        if isinstance(found, dict) and {"id", "today", "policies"} <= found.keys():
            return found
    except (OSError, ValueError):
        pass
    if out.exists() and (not out.is_dir() or any(path.name != NOTES for path in out.iterdir())):
        raise ArgumentError(
            f"-a out={out}: holds something else than files judged with --engine; give a folder that does not exist yet"
        )
    return None


def _digest(what: Judging, working: Working, given: Mapping[str, str], fields: Fields, units: Sequence[Unit]) -> str:
    sites = {unit.name: f"{unit.size} {unit.version}" for unit in units if _may_hold_site_files(unit)}
    told = {**given, "text_field": fields.text, "url_field": fields.url}
    return digest_of(what, working, told, sites)


def _may_hold_site_files(unit: Unit) -> bool:
    """Whether pages of other units may be judged by something in it; a crawl brings its own, and lends none."""
    return not unit.is_crawl and not is_text_set(name_of(unit.address))
