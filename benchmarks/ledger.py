"""What the ledger costs: how fast lines are appended, and how fast and in how much memory they are verified.

    python -m benchmarks.ledger [--lines 10000000] [--folder DIR]

Makes a crawl of dropped pages in a folder that is removed (or kept, with --folder), and runs `scrapy audit verify`.
Prints lines a second, the largest resident memory of the verifying process in MiB, and what Merkle tree and signatures
add to appending: lines are appended in groups of three, once chained only and once to a whole ledger that is synced
every thousand groups, in pairs, by turns.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

from benchmarks.small_crawl import ROOT, listing
from crawler.audit.ledger import START, Ledger, seal
from crawler.audit.line import Line
from crawler.audit.signing import SigningKey
from crawler.durable import LineFile
from crawler.shards.shard_set import ShardSet

POLICY, ORIGIN = "bench", "usufruct/bench"
GROUP = 3
SYNC_EVERY = 1_000  # groups
APPENDED = 60_000  # lines of one side of a pair
PAIRS = 5


def main() -> int:
    """0 when the made ledger is in order."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _append(Path(folder))
        crawl = given.folder or Path(folder) / "crawl"
        if not crawl.exists():
            begin = monotonic()
            make(crawl, given.lines)
            print(f"made {given.lines:,} lines in {monotonic() - begin:.0f} s", flush=True)
        return _verify(crawl, given.lines)


def make(crawl: Path, lines: int) -> None:
    """A finished crawl of so many pages, all dropped."""
    key = SigningKey.load_or_create(crawl.parent / "ledger.key")
    ledger = Ledger(crawl, key=key, origin=ORIGIN)
    policies = [{"id": POLICY, "digest": _DIGEST}]
    run = {"id": "bench", "policies": policies, "ledger_key": str(key.verifier(ORIGIN))}
    (crawl / "run.json").write_text(json.dumps(run), encoding="utf-8")
    header = {"crawl": "bench", "policy": POLICY, "digest": _DIGEST}
    ShardSet(crawl / POLICY, prefix=POLICY, header=header, sync_ledger=ledger.sync_head).close()
    (crawl / "frontier").mkdir()
    with (crawl / "frontier/accepted.jsonl").open("w", encoding="utf-8") as accepted:
        group = []
        for line in _lines(lines):
            named = {name: line[name] for name in ("url_sha256", "url", "site")}
            accepted.write(json.dumps(named, separators=(",", ":")) + "\n")
            group.append(line)
            if len(group) == SYNC_EVERY:
                ledger.append(group)
                group.clear()
        ledger.append(group)
    ledger.seal(listing(crawl))
    ledger.close()


_DIGEST = sha256(b"bench").hexdigest()


def _lines(count: int) -> Iterator[dict[str, Any]]:
    like = Line(
        time="2026-11-23T00:00:00.000Z",
        url="",
        url_sha256="",
        site="",
        policy=POLICY,
        digest=_DIGEST,
        result="dropped",
        stage="signals",
        rule="bench.reserved",
        effect="drop",
        status="law",
        citations=("EU-790-4",),
        rules=("bench.reserved", "bench.robots"),
        note="tdm-reservation=1 (header:tdm-reservation)",
    ).as_mapping()
    for number in range(count):
        site = f"host{number % 1_000}.example"
        url = f"https://{site}/archive/{number}"
        yield {**like, "url": url, "url_sha256": sha256(url.encode()).hexdigest(), "site": site}


def _append(folder: Path) -> None:
    lines = list(_lines(APPENDED))
    groups = [lines[at : at + GROUP] for at in range(0, len(lines), GROUP)]
    pairs = [(_chained(folder / f"a{n}", groups), _whole(folder / f"b{n}", groups)) for n in range(PAIRS)]
    chained, whole = (median(side) for side in zip(*pairs, strict=True))
    ratio = median(whole / chained for chained, whole in pairs)
    print(f"append: {APPENDED / chained:,.0f} lines/s chained only, {APPENDED / whole:,.0f} with tree and signatures,")
    print(
        f"        {whole / APPENDED * 1e6:.1f} µs a line, {ratio:.2f} times as long (median of {PAIRS} pairs)",
        flush=True,
    )


def _chained(folder: Path, groups: list[list[dict[str, Any]]]) -> float:
    """Seconds to seal and write the lines."""
    folder.mkdir()
    file, seq, head = LineFile(folder / "lines"), 0, START
    begin = monotonic()
    for number, group in enumerate(groups, 1):
        contents = []
        for line in group:
            content, head = seal(line, seq, head)
            contents.append(content)
            seq += 1
        file.append(b"".join(contents))
        if not number % SYNC_EVERY:
            file.sync()
    seconds = monotonic() - begin
    file.close()
    return seconds


def _whole(folder: Path, groups: list[list[dict[str, Any]]]) -> float:
    """Seconds to append the lines to a ledger."""
    ledger = Ledger(folder, key=SigningKey.load_or_create(folder.parent / "ledger.key"), origin=ORIGIN)
    begin = monotonic()
    for number, group in enumerate(groups, 1):
        ledger.append(group)
        if not number % SYNC_EVERY:
            ledger.sync()
    seconds = monotonic() - begin
    ledger.close()
    return seconds


def _verify(crawl: Path, lines: int) -> int:
    begin = monotonic()
    child = subprocess.Popen([sys.executable, "-m", "scrapy", "audit", "verify", str(crawl)], cwd=ROOT)
    _, status, used = os.wait4(child.pid, 0)
    seconds = monotonic() - begin
    print(f"verify: {lines:,} lines in {seconds:.0f} s, {lines / seconds:,.0f} lines/s, ", end="")
    print(f"peak {used.ru_maxrss / 1024:.0f} MiB")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
