"""Why several crawls are no whole together: what two of them decided, and what none of them accepted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

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
