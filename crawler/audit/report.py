"""What a check found."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from crawler.audit.line import printable

MAX_NAMED = 1_000

_LINE = re.compile(r"ledger/(\d+)\.jsonl(?: line (\d+))?")


class Problem(NamedTuple):
    """What is wrong, and where: a file of the crawl, with a line or record if it is one."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(slots=True)
class Report:
    """What was checked, what is worth knowing, and what is wrong.

    `found` counts all problems; the first MAX_NAMED are in `problems`.
    """

    checked: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    found: int = 0

    def problem(self, where: str, what: str) -> None:
        """Name something that is wrong."""
        self.found += 1
        if self.found <= MAX_NAMED:
            self.problems.append(Problem(printable(where), printable(what)))

    def merge(self, other: Report) -> None:
        """Take over what another check found; what is wrong with lines of the ledger stands first, in their order."""
        self.checked += other.checked
        self.notes += other.notes
        self.found += other.found
        self.problems = sorted(self.problems + other.problems, key=_place)[:MAX_NAMED]

    def as_json(self) -> dict[str, Any]:
        """Plain values, ready for json.dumps."""
        return {
            "ok": not self.found,
            "checked": self.checked,
            "notes": self.notes,
            "problems": [problem._asdict() for problem in self.problems],
            "found": self.found,
        }


def _place(problem: Problem) -> tuple[float, ...]:
    found = _LINE.fullmatch(problem.where)
    return (0, int(found[1]), float(found[2] or "inf")) if found else (1,)
