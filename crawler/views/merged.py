"""A merged folder in words: its segments, and the sums over all."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.audit.segments import Merged


def lines(merged: Merged) -> Iterator[str]:
    """A line a segment, a line a policy."""
    for segment in merged.segments:
        yield f"segment {segment.name}: crawl {segment.crawl}, {segment.size} ledger lines, root {segment.root[:16]}..."
    for policy, counts in merged.counts.items():
        told = " + ".join(f"{result} {number}" for result, number in counts.items() if result != "seen")
        yield f"{policy}: seen {counts.get('seen', 0)} = {told or 'nothing'}"
    if merged.frontier:
        waiting = merged.frontier["waiting"]
        told = (
            "complete" if merged.frontier["complete"] else f"{waiting} addresses wait in it, the crawl is not complete"
        )
        yield f"frontier {merged.frontier['name']}: {merged.frontier['accepted']} addresses; {told}"
    if merged.repeated:
        yield f"{merged.repeated} addresses stand in more than one segment, decided in one each"
