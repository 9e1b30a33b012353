"""The crawls that a release is made from, the oldest first: one, the runs of a job, or the segments of a merged one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from crawler.audit.ledger_files import FOLDER as LEDGER
from crawler.audit.read_run import read_run
from crawler.audit.segments import JUDGED, FolderError, crawls_in, is_merged, read_merged
from crawler.known.incremental import RUNS, runs_in
from crawler.policy.policy import Policy
from crawler.release.inputs import Inputs, open_inputs
from crawler.release.problem import ReleaseError


@dataclass(frozen=True, slots=True)
class Parts:
    """One policy's part of each crawl that was judged by it, the oldest first."""

    each: tuple[Inputs, ...]

    @property
    def newest(self) -> Inputs:
        """The last one: the release is made under the policy as it judged there."""
        return self.each[-1]

    @property
    def crawls(self) -> tuple[str, ...]:
        """Their ids."""
        return tuple(str(part.run["id"]) for part in self.each)

    def records(self) -> Iterator[tuple[dict[str, Any], bool, int]]:
        """Every record, what was kept first, whether it was held, and the number of its crawl. Raises ReleaseError."""
        for wanted in (False, True):
            for number, part in enumerate(self.each):
                yield from ((record, wanted, number) for record in part.records(held=wanted))

    def age_of_bodies(self, today: date) -> int | None:
        """For how many days the oldest page body may lie in the evidence; None when there are none."""
        return max((days for part in self.each if (days := part.age_of_bodies(today)) is not None), default=None)


def folders(given: Sequence[Path]) -> tuple[Path, ...]:
    """The crawls that folders stand for: themselves, the runs of a job, the segments of a merged crawl.

    Raises:
        ReleaseError: A folder is none of these, or a crawl is named twice.
    """
    found: list[Path] = []
    for path in given:
        if (path / RUNS).is_dir() and not (path / LEDGER).is_dir():
            runs = [run for run in runs_in(path / RUNS) if (run / LEDGER).is_dir()]
            if not runs:
                raise ReleaseError(f"{path / RUNS}: holds no crawl yet")
            found += runs
        else:
            found += _segments(path)
    ids = [(read_run(path) or {}).get("id", str(path)) for path in found]
    if twice := {str(name) for name in ids if ids.count(name) > 1}:
        raise ReleaseError(f"the crawl {', '.join(sorted(twice))} is named twice; name each once, the oldest first")
    return tuple(found)


def _segments(path: Path) -> tuple[Path, ...]:
    try:
        segments = crawls_in(path)
        # Of an address that was captured in several files the first one counts; here the last one does.
        return segments[::-1] if is_merged(path) and read_merged(path).kind == JUDGED else segments
    except FolderError as error:
        raise ReleaseError(str(error)) from error


def open_parts(crawls: Sequence[Path], policy: Policy) -> Parts:
    """Find and check what the policy kept and held in each crawl that was judged by it. Raises ReleaseError."""
    *earlier, newest = crawls
    last = open_inputs(newest, policy)
    before = (open_inputs(folder, policy, as_it_was=True) for folder in earlier if _was_judged(folder, policy))
    return Parts((*before, last))


def _was_judged(folder: Path, policy: Policy) -> bool:
    run = read_run(folder)
    if run is None:
        raise ReleaseError(f"{folder}: holds no crawl; leave it out")
    names = {entry.get("id") for entry in run.get("policies", ()) if isinstance(entry, dict)}
    return bool(names & {policy.id, policy.id.partition("@")[0]})
