"""`scrapy judge --engine local` against datatrove on the same archives, in turn.

python -m benchmarks.judge_datatrove WORK [--pages 2000] [--processes 1] [--pairs 3]

Ours: three policies, all signals, personal data without names of persons, evidence, ledger, facts, three sets of
shards, merged and signed. datatrove's: extraction, e-mail and IP addresses, one set of JSON lines.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.judge_files import archives, datatrove, judge, ratio, told
from crawler.text import ENGINES


def main() -> None:
    """Run the pairs, print the ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.judge_datatrove")
    parser.add_argument("work", type=Path)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--text-engine", choices=ENGINES, action="append")
    given = parser.parse_args()
    folder = archives(given.work, given.pages, given.processes)
    for engine in given.text_engine or ENGINES:
        ours, others = [], []
        for pair in range(given.pairs):
            out = given.work / f"{engine}-{pair}"
            others.append(datatrove(folder, given.work / f"datatrove-{engine}-{pair}", processes=given.processes))
            print(told("datatrove", others[-1]), flush=True)
            settings = [f"TEXT_ENGINE={engine}"]
            ours.append(judge(folder, out, engine="local", processes=given.processes, settings=settings))
            print(told(f"scrapy judge, {engine}", ours[-1]), flush=True)
        print(f"with {engine}: {ratio(ours, others)}", flush=True)


if __name__ == "__main__":
    main()
