"""What came of repeating the decisions of a crawl, for people and for programs. Never page text."""

from __future__ import annotations

import json

from crawler.audit.line import printable
from crawler.compare_lines import Difference
from crawler.verify_decisions import Verified

MOST_NAMED = 1_000  # differences; the others are counted


class Telling:
    """Prints each difference as it is found, then the numbers."""

    def __init__(self) -> None:
        self.found = 0

    def tell(self, difference: Difference) -> None:
        """Name one."""
        self.found += 1
        if self.found <= MOST_NAMED:
            self.name(difference)

    def name(self, difference: Difference) -> None:
        print(printable(f"DIFFERS  {difference}"))

    def end(self, verified: Verified) -> None:
        """Say how many there were."""
        for note, urls in verified.notes.items():
            print(printable(f"note     {urls} address(es): {note}"))
        if self.found > MOST_NAMED:
            print(f"         {self.found - MOST_NAMED} more not named")
        print(summary(verified))


class JsonTelling(Telling):
    """Collects the differences that are named; prints one JSON object."""

    def __init__(self) -> None:
        super().__init__()
        self._named: list[Difference] = []

    def name(self, difference: Difference) -> None:
        self._named.append(difference)

    def end(self, verified: Verified) -> None:
        counts = {
            "ok": not verified.differ,
            "lines": verified.lines,
            "from_bodies": verified.from_bodies,
            "from_facts_and_headers": verified.lines - verified.from_bodies,
            "differ": verified.differ,
            "differences": [each._asdict() for each in self._named],
            "found": self.found,
            "notes": verified.notes,
        }
        print(json.dumps(counts, ensure_ascii=False, indent=2))


def summary(verified: Verified) -> str:
    """The numbers in one line."""
    rest = verified.lines - verified.from_bodies
    return (
        f"{verified.lines} lines: {verified.from_bodies} judged again from bodies, {rest} from facts and headers; "
        f"{verified.differ} differ"
    )
