"""Every address of several crawls once: which of them accepted it, which decided it, and the sums over all.

Entries of 46 bytes are spread over parts by the address's SHA-256, which are compared one by one; many wait in a
temporary folder, so that memory does not grow with the crawls.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from crawler.audit import frontier
from crawler.audit.crawl_folder import Published, ReadManifest
from crawler.audit.find import counts_as
from crawler.audit.report import MAX_NAMED
from crawler.document import Result

_NAME = re.compile("[0-9a-f]{64}")
_PARTS = 256
_MOST_WAITING = 128 * 1024  # entries in memory
_KEY, _SEGMENT, _KIND, _NUMBER = 32, 4, 2, 7  # bytes: SHA-256; which crawl; accepted, or which policy; seq
_ENTRY = _KEY + _SEGMENT + _KIND + _NUMBER + 1  # and the result
_ACCEPTED = 0  # kind; 1 + i is an outcome of policy i


class Place(NamedTuple):
    """A line: which crawl, and its `seq` there."""

    segment: int
    seq: int


@dataclass(slots=True)
class Totals:
    """What the crawls are together.

    Attributes:
        accepted: Number of addresses.
        counts: Policy -> result -> number of addresses; `pending` has no published outcome.
        repeated: Addresses that more than one crawl accepted.
        twice: Number of addresses that more than one crawl decided; `places` names lines of the first of them.
        unknown: Number of addresses that were decided and never accepted; `unasked` names a line of the first of them.
    """

    accepted: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    repeated: int = 0
    twice: int = 0
    places: list[tuple[Place, ...]] = field(default_factory=list)
    unknown: int = 0
    unasked: list[Place] = field(default_factory=list)

    @property
    def pending(self) -> int:
        """Under the policy that has most of them."""
        return max((counts[Result.PENDING] for counts in self.counts.values()), default=0)

    def as_json(self) -> dict[str, dict[str, int]]:
        """Policy -> "seen", then result -> number."""
        return {
            policy: {"seen": counts.total(), **{result: number for result, number in sorted(counts.items()) if number}}
            for policy, counts in self.counts.items()
        }


class Union:
    """Takes crawls one after the other, then compares. A context manager: its temporary folder goes at the end.

    Args:
        policies: Their ids.
        read_manifest: The shards' room.
    """

    def __init__(self, policies: Sequence[str], read_manifest: ReadManifest) -> None:
        self._policies, self._read_manifest = tuple(policies), read_manifest
        self._kinds = {policy: 1 + number for number, policy in enumerate(policies)}
        self._results = [Result.PENDING.value]
        self._parts = [bytearray() for _ in range(_PARTS)]
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._waiting = self._segments = 0

    def add(self, crawl: Path, lines: Iterable[Mapping[str, Any]]) -> None:
        """One more crawl, with the sound lines of its ledger; events are passed by."""
        published = Published(crawl, self._read_manifest)
        for line in lines:
            name, kind = line.get("url_sha256"), self._kinds.get(str(line.get("policy")))
            if "result" in line and kind and isinstance(name, str) and _NAME.fullmatch(name):
                place, seq = str(line.get("shard") or ""), int(line["seq"])
                result = counts_as(dict(line), bool(place) and published.lists(place, seq))
                self._put(name, kind, seq, self._number_of(result))
        for accepted in frontier.read(crawl):
            if _NAME.fullmatch(accepted.url_sha256):
                self._put(accepted.url_sha256, _ACCEPTED, 0, 0)
        self._segments += 1

    def end(self) -> Totals:
        """Compare all."""
        totals = Totals(counts={policy: Counter() for policy in self._policies})
        for number, part in enumerate(self._parts):
            content = self._spilt(number) + part
            entries = sorted(content[at : at + _ENTRY] for at in range(0, len(content), _ENTRY))
            for _, found in groupby(entries, lambda entry: entry[:_KEY]):
                self._count(list(map(_told, found)), totals)
        return totals

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._folder:
            self._folder.cleanup()

    def _count(self, found: Sequence[_Told], totals: Totals) -> None:
        """One address: the first crawl that decided it counts, and in it the last line of each policy."""
        totals.accepted += 1
        takers = {told.segment for told in found if told.kind == _ACCEPTED}
        totals.repeated += len(takers) > 1
        decided = {told.segment: Place(told.segment, told.seq) for told in found if told.result}
        first = min(decided, default=-1)
        last = {told.kind: told.result for told in found if told.segment == first and told.result}
        for policy, kind in self._kinds.items():
            totals.counts[policy][self._results[last.get(kind, 0)]] += 1
        if len(decided) > 1:
            totals.twice += 1
            if len(totals.places) < MAX_NAMED:
                totals.places.append(tuple(decided.values()))
        outside = [told for told in found if told.kind != _ACCEPTED and told.segment not in takers]
        if outside:
            totals.unknown += 1
            if len(totals.unasked) < MAX_NAMED:
                totals.unasked.append(Place(outside[0].segment, outside[0].seq))

    def _number_of(self, result: str) -> int:
        if result not in self._results:
            self._results.append(result)
        return self._results.index(result)

    def _put(self, name: str, kind: int, seq: int, result: int) -> None:
        key = bytes.fromhex(name)
        self._parts[key[0]] += (
            key
            + self._segments.to_bytes(_SEGMENT, "big")
            + kind.to_bytes(_KIND, "big")
            + seq.to_bytes(_NUMBER, "big")
            + result.to_bytes(1, "big")
        )
        self._waiting += 1
        if self._waiting >= _MOST_WAITING:
            self._spill()

    def _spill(self) -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="usufruct-merge-")
        for number, part in enumerate(self._parts):
            with (Path(self._folder.name) / str(number)).open("ab") as file:
                file.write(part)
            part.clear()
        self._waiting = 0

    def _spilt(self, number: int) -> bytes:
        return (Path(self._folder.name) / str(number)).read_bytes() if self._folder else b""


class _Told(NamedTuple):
    segment: int
    kind: int
    seq: int
    result: int


def _told(entry: bytes) -> _Told:
    numbers: Iterator[int] = (
        int.from_bytes(entry[begin:end], "big") for begin, end in ((32, 36), (36, 38), (38, 45), (45, 46))
    )
    return _Told(*numbers)
