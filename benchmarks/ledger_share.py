"""What the ledger costs a crawl: the same crawl with it and without, in turn.

    python -m benchmarks.ledger_share [--pairs 5] [--pages 1500]

The pages are tiny and no names are looked for, so that the share is larger than in any real crawl. "Without" appends
nothing, hashes nothing and signs nothing; all else is the same.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.crash import ROOT, Crawl, Site

_WITHOUT = """
import sys
import crawler.collection as collection
from crawler.audit.ledger import Checkpoint

class Nothing(collection.Ledger):
    count = 0
    size = property(lambda self: self.count)
    def append(self, lines):
        self.count += len(lines)
        return self.count - len(lines)
    def sync(self):
        return Checkpoint(self.count, "", self.head)

collection.Ledger = Nothing
from scrapy.cmdline import execute
execute(["scrapy", *sys.argv[1:]])
"""


def main() -> int:
    """Print each pair, then the median."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--pages", type=int, default=1_500)
    asked = parser.parse_args()
    site, shares = Site(asked.pages), []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        for pair in range(asked.pairs):
            order = (True, False) if pair % 2 else (False, True)
            took = {
                with_ledger: _run(site, Path(folder, f"{pair}-{with_ledger}"), with_ledger) for with_ledger in order
            }
            shares.append(took[True] / took[False] - 1)
            print(f"with {took[True]:.1f} s, without {took[False]:.1f} s: {shares[-1]:+.1%}", flush=True)
    print(f"the ledger costs {statistics.median(shares):+.1%} (median of {asked.pairs} pairs)")
    return 0


def _run(site: Site, out: Path, with_ledger: bool) -> float:
    crawl = Crawl(site, out)
    command = crawl.command()
    if not with_ledger:
        command = [sys.executable, "-c", _WITHOUT, *command[3:]]
    began = time.monotonic()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env={**os.environ, "NO_PROXY": "*"})
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
