"""Whether every accepted URL has at most one outcome a policy, and the counts: seen = kept + ... + pending.

Names of URLs, 25 bytes each, are spread over parts, which are compared one by one. Many wait in a temporary folder, so
that memory does not grow with the crawl.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

from crawler.audit.chain import Entry
from crawler.audit.report import Report
from crawler.document import Result

_NAME = re.compile("[0-9a-f]{64}")
_PARTS = 256
_MOST_WAITING = 256 * 1024  # entries in memory
_KEY, _KIND, _NUMBER = 16, 2, 7  # bytes: of the URL's SHA-256; accepted, or which policy; seq of the line
_ENTRY = _KEY + _KIND + _NUMBER
_ACCEPTED = 0  # kind; 1 + 2i is an outcome of policy i, 2 + 2i one whose record was not published


class Outcomes:
    """Takes names of URLs, then compares them. A context manager: its temporary folder goes at the end.

    Args:
        policies: Their ids.
        report: Gets what does not fit.
        place_of: The place of a line, by its `seq`.
    """

    def __init__(self, policies: Sequence[str], report: Report, place_of: Callable[[int], str]) -> None:
        self._kinds = {policy: 1 + 2 * index for index, policy in enumerate(policies)}
        self._report, self._place_of = report, place_of
        self._results: dict[str, Counter[str]] = {policy: Counter() for policy in policies}
        self._parts = [bytearray() for _ in range(_PARTS)]
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._waiting = self._seen = 0

    def accept(self, url_sha256: str) -> bool:
        """Take an accepted URL, repeats do not matter; False for what names none."""
        if not _NAME.fullmatch(url_sha256):
            return False
        self._put(url_sha256, _ACCEPTED, 0)
        return True

    def decide(self, entry: Entry, *, published: bool) -> None:
        """An outcome line of one of the policies, and whether the record that it names, if any, was published."""
        policy, name = str(entry.line.get("policy")), entry.line.get("url_sha256")
        if policy not in self._kinds:
            return
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self._report.problem(entry.where, "changed: names no URL")
            return
        if published:
            self._results[policy][str(entry.line.get("result"))] += 1
        self._put(name, self._kinds[policy] + (not published), entry.seq)

    def end(self) -> None:
        """Compare, and say the counts."""
        for number, part in enumerate(self._parts):
            self._compare(self._spilt(number) + part)
        for policy, results in self._results.items():
            results[Result.PENDING] = self._seen - results.total()
            told = " + ".join(f"{result.value} {results[result]}" for result in Result if _is_told(result, results))
            self._report.checked.append(f"{policy}: seen {self._seen} = {told}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._folder:
            self._folder.cleanup()

    def _put(self, url_sha256: str, kind: int, number: int) -> None:
        key = bytes.fromhex(url_sha256)
        entry = key[:_KEY] + kind.to_bytes(_KIND, "big") + number.to_bytes(_NUMBER, "big")
        self._parts[key[0]] += entry
        self._waiting += 1
        if self._waiting >= _MOST_WAITING:
            self._spill()

    def _spill(self) -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="usufruct-verify-")
        for number, part in enumerate(self._parts):
            with (Path(self._folder.name) / str(number)).open("ab") as file:
                file.write(part)
            part.clear()
        self._waiting = 0

    def _spilt(self, number: int) -> bytes:
        return (Path(self._folder.name) / str(number)).read_bytes() if self._folder else b""

    def _compare(self, content: bytes) -> None:
        entries = sorted(content[at : at + _ENTRY] for at in range(0, len(content), _ENTRY))
        for _, found in groupby(entries, lambda entry: entry[:_KEY]):
            self._seen += 1
            told = list(map(_told, found))
            if told[0][0] != _ACCEPTED:
                self._report.problem(self._place_of(told[0][1]), "is about a URL that was never accepted")
            for earlier, later in _twice(told):
                where, other = self._place_of(later), self._place_of(earlier)
                self._report.problem(where, f"inserted: its URL has an outcome of this policy already, at {other}")


def _is_told(result: Result, results: Counter[str]) -> bool:
    """Every result is, but `unchanged` only where there is any."""
    return result is not Result.UNCHANGED or results[result] > 0


def _told(entry: bytes) -> tuple[int, int]:
    return int.from_bytes(entry[_KEY : _KEY + _KIND], "big"), int.from_bytes(entry[_KEY + _KIND :], "big")


def _twice(told: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Pairs of published outcomes of one policy; `told` is in order."""
    for (kind, number), (next_kind, next_number) in pairwise(told):
        if kind == next_kind and kind % 2:
            yield number, next_number
