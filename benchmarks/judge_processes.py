"""Two local processes against one, and Ray with two workers against two local processes, on the same archives, in turn.

python -m benchmarks.judge_processes WORK [--pages 6000] [--pairs 3]

On a machine whose cores are all busy two processes cannot be twice as fast as one: run it where two are idle.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.judge_files import Run, archives, judge, ratio, told

FILES = 8
RUNS = (("local", 1), ("local", 2), ("ray", 2))


def main() -> None:
    """Run the rounds, print the ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.judge_processes")
    parser.add_argument("work", type=Path)
    parser.add_argument("--pages", type=int, default=6000)
    parser.add_argument("--pairs", type=int, default=3)
    given = parser.parse_args()
    folder = archives(given.work, given.pages, FILES)
    found: dict[tuple[str, int], list[Run]] = {each: [] for each in RUNS}
    for pair in range(given.pairs):
        for engine, processes in RUNS:
            out = given.work / f"{engine}-{processes}-{pair}"
            found[engine, processes].append(judge(folder, out, engine=engine, processes=processes))
            print(told(f"{engine}, {processes} processes", found[engine, processes][-1]), flush=True)
    one, two, ray = (found[each] for each in RUNS)
    print(f"two local processes against one: {ratio(two, one)}")
    print(f"Ray with two workers against two local processes: {ratio(ray, two)}")


if __name__ == "__main__":
    main()
