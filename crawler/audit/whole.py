"""Why several crawls are no whole together: what two of them decided, none of them accepted, or a third one has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from crawler.audit.lines import read
from crawler.audit.segments import CRAWL
from crawler.audit.union import Place, Totals


def problems_of(totals: Totals, kind: str, paths: Sequence[Path], names: Sequence[str]) -> Iterator[str]:
    """Why the segments are no whole: each address that two of them decided, or none accepted, masked.

    Args:
        totals: What was found.
        kind: Of the merged folder.
        paths: The segments' folders.
        names: What stands before a place in each of them.
    """
    twice = totals.places if kind == CRAWL else []
    known = _addresses([place for places in twice for place in places] + totals.unasked, paths)
    for places in twice:
        told = " and ".join(f"{names[place.segment]}{known.get(place, ('', ''))[0]}" for place in places)
        yield f"{known.get(places[0], ('', '?'))[1]}: decided in {len(places)} segments, {told}"
    if kind == CRAWL and totals.twice > len(twice):
        yield f"{totals.twice - len(twice)} more addresses were decided in two segments"
    for place in totals.unasked:
        where, url = known.get(place, ("", "?"))
        yield f"{url}: was never accepted, but is decided at {names[place.segment]}{where}"


def left_frontier(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """How a shared frontier stood when the last of these crawls left it; None where none says so."""
    notes = [note for run in runs if isinstance(note := run.get("frontier"), dict) and "decided" in note]
    return dict(max(notes, key=lambda note: (note["decided"], note["time"]))) if notes else None


def frontier_problems(runs: Sequence[Mapping[str, Any]], totals: Totals) -> Iterator[str]:
    """Why these are not all the segments of the frontier that they shared."""
    names = {str(note.get("name")) for run in runs if isinstance(note := run.get("frontier"), dict)}
    if len(names) > 1:
        yield f"worked on different frontiers: {', '.join(sorted(names))}"
    left = left_frontier(runs)
    if left is None:
        return
    missing = set(map(str, left["segments"])) - {str(run.get("id")) for run in runs}
    if missing:
        told = ", ".join(sorted(missing))
        yield f"frontier {left['name']}: {len(missing)} further segment(s) worked on it; name them, too: {told}"
    elif left["complete"] and left["accepted"] != totals.accepted:
        yield f"frontier {left['name']}: accepted {left['accepted']} addresses, the segments have {totals.accepted}"


def _addresses(places: Iterable[Place], paths: Sequence[Path]) -> dict[Place, tuple[str, str]]:
    """Where each of these lines stands, and its address as the ledger has it."""
    wanted, found = set(places), {}
    for number, path in enumerate(paths):
        if any(place.segment == number for place in wanted):
            for where, line in read(path):
                place = Place(number, line["seq"]) if type(line.get("seq")) is int else Place(number, -1)
                if place in wanted:
                    found[place] = where, str(line.get("url"))
    return found
