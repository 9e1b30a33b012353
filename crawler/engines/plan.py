"""What is judged by what, and what of it is done: the values that travel to the processes, and OUT/judging/.

OUT/segments/<unit>/       a crawl's folder for each file             OUT/merged.json        their union
OUT/judging/plan.json      begun when, with which arguments           OUT/judging/sites.sqlite    site files
OUT/judging/done/<unit>.json   the unit is complete: by which plan, of which size and version, what came of it
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crawler.arguments import Judging
from crawler.durable import make_folder, write_whole
from crawler.sources.documents import Fields
from crawler.workers import Work
from crawler.working import Working

SEGMENTS, NOTES = "segments", "judging"


@dataclass(frozen=True, slots=True)
class Unit:
    """One file to judge, or one crawl.

    Attributes:
        name: Of its segment.
        address: Where it is.
        is_crawl: Whether it is the folder of a crawl, read by its ledger.
        size: In bytes; 0 for a crawl.
        version: By what a change of it is seen.
    """

    name: str
    address: str
    is_crawl: bool = False
    size: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a process must know; picklable.

    Attributes:
        id: Of the judging as a whole.
        judging: By what; its `out` is the folder of everything.
        working: How.
        work: The same for the judge, with the key of the pseudonyms.
        fields: Where sets of texts have text and address.
        digest: Of all that outcomes depend on.
    """

    id: str
    judging: Judging
    working: Working
    work: Work
    fields: Fields
    digest: str

    @property
    def sites(self) -> Path:
        """The index of site files."""
        return self.judging.out / NOTES / "sites.sqlite"

    def part_of_sites(self, unit: Unit) -> Path:
        """What one unit adds to it."""
        return self.judging.out / NOTES / "sites" / f"{unit.name}.sqlite"

    def segment(self, unit: Unit) -> Path:
        """The crawl's folder that a unit leaves."""
        return self.judging.out / SEGMENTS / unit.name


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one step for one unit.

    Attributes:
        unit: Its name.
        documents: Addresses decided.
        repeated: Further captures of an address in the same unit.
        without_robots: Origins whose robots.txt is not recorded.
        damage: What was lost, in words.
        problem: Why the unit is not complete; "" when it is.
        fatal: Whether that holds for all units: the disk is full, a model is missing.
    """

    unit: str
    documents: int = 0
    repeated: int = 0
    without_robots: int = 0
    damage: tuple[str, ...] = ()
    problem: str = ""
    fatal: bool = False


def digest_of(judging: Judging, working: Working, given: Mapping[str, str], sites: Mapping[str, str]) -> str:
    """Of all that outcomes depend on, but the units themselves.

    Args:
        judging: The arguments, read.
        working: The settings, read.
        given: The arguments as they were given.
        sites: Versions of the files that site files may stand in, by unit.
    """
    lists = {name: _digest_of_file(given[name]) for name in ("classes", "records") if given.get(name)}
    told = {
        "policies": {policy.id: policy.digest for policy in judging.policies},
        "run": dict(judging.run),
        "arguments": {name: value for name, value in given.items() if name not in ("out", "policy")},
        "lists": lists,
        "names": dict(working.engines),
        "registries": dict(working.registries),
        "pseudonyms": working.pseudonyms,
        "text_engine": working.text_engine,
        "sites": dict(sites),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def done(plan: Plan, unit: Unit) -> Result | None:
    """What came of a unit that is complete, judged by this plan and not changed since; None for any other."""
    try:
        note: dict[str, Any] = json.loads(_note_of(plan, unit).read_bytes())
        if note["plan"] != plan.digest or note["unit"] != _identity(unit) or not plan.segment(unit).is_dir():
            return None
        return Result(**{**note["result"], "damage": tuple(note["result"]["damage"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def was_done(plan: Plan, unit: Unit) -> bool:
    """Whether the unit was complete once, whatever it was judged by."""
    return _note_of(plan, unit).exists()


def note_done(plan: Plan, unit: Unit, result: Result) -> None:
    """The unit is complete. Raises WriteError."""
    note = {"plan": plan.digest, "unit": _identity(unit), "result": asdict(result)}
    make_folder(_note_of(plan, unit).parent)
    write_whole(_note_of(plan, unit), json.dumps(note, indent=2, ensure_ascii=False).encode() + b"\n")


def forget_done(plan: Plan, unit: Unit) -> None:
    """The unit is to be judged again."""
    _note_of(plan, unit).unlink(missing_ok=True)


def _note_of(plan: Plan, unit: Unit) -> Path:
    return plan.judging.out / NOTES / "done" / f"{unit.name}.json"


def _identity(unit: Unit) -> dict[str, Any]:
    return {"name": unit.name, "size": unit.size, "version": unit.version}


def _digest_of_file(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
