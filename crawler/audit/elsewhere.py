"""Lines about records of an earlier crawl: whether that crawl, where its folder is at hand, says what they say.

The folders beside this one are looked at: the runs of a job lie side by side. Memory grows by some bytes for each line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crawler.audit.chain import Entry, parse
from crawler.audit.ledger_files import FOLDER, ledger_files
from crawler.audit.read_run import RUN, read_run
from crawler.audit.report import Report
from crawler.document import Result

_WRITTEN = (Result.KEPT.value, Result.HELD.value)
_SAME = ("url_sha256", "policy")


class Elsewhere:
    """Takes the lines of the result `unchanged`, then compares them with those that they name."""

    def __init__(self, crawl: Path, report: Report) -> None:
        self._crawl, self._report = crawl, report
        self._named: dict[str, dict[int, tuple[str, str]]] = {}  # crawl -> seq there -> line here, what it must say

    def check(self, entry: Entry) -> None:
        """One line."""
        stands = entry.line.get("unchanged")
        try:
            assert isinstance(stands, Mapping)
            crawl, seq, result, shard = (stands[name] for name in ("crawl", "ledger", "result", "shard"))
            if not (isinstance(crawl, str) and type(seq) is int and result in _WRITTEN and isinstance(shard, str)):
                raise ValueError("no place of a record")
        except (AssertionError, KeyError, ValueError):
            self._report.problem(entry.where, "changed: unchanged, but names no line of an earlier crawl")
            return
        self._named.setdefault(crawl, {})[seq] = entry.where, _told(entry.line, str(result), shard)

    def end(self) -> None:
        """Compare."""
        for crawl, named in self._named.items():
            folder = beside(self._crawl, crawl)
            if folder is None:
                what = f"{len(named)} line(s) name records of the crawl {crawl}, which does not lie beside this one"
                self._report.notes.append(f"{what}; they were not compared")
                continue
            self._compare(crawl, folder, named)

    def _compare(self, crawl: str, folder: Path, named: dict[int, tuple[str, str]]) -> None:
        for seq, line in _lines(folder, named):
            where, told = named.pop(seq)
            if _told(line, str(line.get("result")), str(line.get("shard"))) != told:
                self._report.problem(where, f"changed: line {seq} of the crawl {crawl} says something else")
        for seq, (where, _) in named.items():
            self._report.problem(where, f"names line {seq} of the crawl {crawl}, which is not there")


def beside(crawl: Path, name: str) -> Path | None:
    """The folder beside a crawl that holds the crawl of that id; None when there is none."""
    folders = (path.parent for path in crawl.resolve().parent.glob(f"*/{RUN}"))
    return next((folder for folder in sorted(folders) if (read_run(folder) or {}).get("id") == name), None)


def _lines(folder: Path, wanted: Mapping[int, object]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The lines with these numbers, in order."""
    left, seq = len(wanted), 0
    for path in ledger_files(folder / FOLDER):
        with path.open("rb") as file:
            for content in file:
                if seq in wanted and (line := parse(content)) is not None:
                    yield seq, line
                    left -= 1
                if not left:
                    return
                seq += 1


def _told(line: Mapping[str, Any], result: str, shard: str) -> str:
    """What both lines must agree in."""
    return " ".join((*(str(line.get(name)) for name in _SAME), result, shard))
