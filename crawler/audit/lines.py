"""The lines of a ledger for readers: outcomes, which have a result, and events, which have none; each in its order.

What cannot be wanted is passed by before it is parsed, so that a question about a few lines costs one pass over bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from crawler.audit.chain import parse
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.ledger import ledger_files

_BLOCK = 1024 * 1024
_OUTCOME = {"result", "policy", "url_sha256", "seq"}
_TEXTS = ("time", "url", "url_sha256", "site", "policy", "digest", "result", "stage", "rule", "effect", "status",
          "shard", "note")  # fmt: skip
_LISTS = ("citations", "rules", "met", "evidence")
_EVENT = {"event", "seq"}

# Between them in a line there is no other member of that name: quotes inside a string are escaped.
_POLICY, _NAME = re.compile(rb'"policy":"([^"\\]*)"'), re.compile(rb'"url_sha256":"([0-9a-f]{64})"')

Line = dict[str, Any]


class Placed(NamedTuple):
    """One line with its place, "ledger/00000.jsonl line 17"."""

    where: str
    line: Line


def is_outcome(line: Line) -> bool:
    """Whether a line says what became of a URL."""
    return (
        line.keys() >= _OUTCOME
        and type(line["seq"]) is int
        and all(isinstance(line.get(name, ""), str) for name in _TEXTS)
        and all(isinstance(line.get(name, []), list) for name in _LISTS)
    )


def is_event(line: Line) -> bool:
    """Whether a line says what happened to the crawl: a page was reviewed, bodies were removed."""
    return line.keys() >= _EVENT and "result" not in line


def read(crawl: Path, may_be_wanted: Callable[[bytes], bool] = bool) -> Iterator[Placed]:
    """Every line that can be read and may be wanted, in order, events too; what is no JSON object is left out."""
    for path in ledger_files(crawl / LEDGER):
        with path.open("rb") as file:
            for number, content in enumerate(file, 1):
                if may_be_wanted(content) and content.endswith(b"\n") and (line := parse(content)) is not None:
                    yield Placed(f"{LEDGER}/{path.name} line {number}", line)


def outcomes(crawl: Path, may_be_wanted: Callable[[bytes], bool] = bool) -> Iterator[Placed]:
    """The same, outcomes only."""
    return (placed for placed in read(crawl, may_be_wanted) if is_outcome(placed.line))


def events(crawl: Path, may_be_wanted: Callable[[bytes], bool] = bool) -> Iterator[Placed]:
    """The same, events only."""
    needle = b'"event":'
    found = read(crawl, lambda content: needle in content and may_be_wanted(content))
    return (placed for placed in found if is_event(placed.line))


def named(crawl: Path, may_be_wanted: Callable[[bytes], bool] = bool) -> Iterator[tuple[str, str]]:
    """URL (its SHA-256) and policy of every outcome, read off its canonical form, which is much faster."""
    for path in ledger_files(crawl / LEDGER):
        with path.open("rb") as file:
            for content in file:
                if may_be_wanted(content) and b'"result":' in content and content.endswith(b"\n"):
                    policy, name = _POLICY.search(content), _NAME.search(content)
                    if policy and name:
                        yield name[1].decode(), policy[1].decode("utf-8", "replace")


def newest_first(crawl: Path) -> Iterator[bytes]:
    """The ledger's whole lines as they are stored, last one first."""
    for path in reversed(ledger_files(crawl / LEDGER)):
        with path.open("rb") as file:
            end, rest = path.stat().st_size, b""
            torn = True  # what follows the last newline is no line
            while end:
                start = max(end - _BLOCK, 0)
                file.seek(start)
                lines = (file.read(end - start) + rest).split(b"\n")
                rest, end = lines[0], start
                found = lines[:0:-1]
                yield from found[1:] if torn and found else found
                torn = torn and not found
            if rest and not torn:
                yield rest
