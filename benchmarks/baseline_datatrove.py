"""What datatrove's users run on archives: WarcReader, Trafilatura, PIIFormatter, JsonlWriter; a process a task.

python -m benchmarks.baseline_datatrove FOLDER OUT --processes 1

WarcReader wants `pip install warcio faust-cchardet python-magic`, and libmagic.
"""

from __future__ import annotations

import argparse
from pathlib import Path

TIMEOUT_S = 30.0  # for one page; datatrove's own 1 s would leave pages out on a busy machine


def main() -> None:
    """Run the pipeline over every archive in a folder."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.baseline_datatrove")
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--processes", type=int, default=1)
    given = parser.parse_args()

    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.extractors import Trafilatura
    from datatrove.pipeline.formatters import PIIFormatter
    from datatrove.pipeline.readers import WarcReader
    from datatrove.pipeline.writers.jsonl import JsonlWriter

    executor = LocalPipelineExecutor(
        pipeline=[
            WarcReader(str(given.folder), glob_pattern="*.warc.gz"),
            Trafilatura(timeout=TIMEOUT_S),
            PIIFormatter(),
            JsonlWriter(str(given.out / "texts")),
        ],
        tasks=given.processes,
        workers=given.processes,
        logging_dir=str(given.out / "logs"),
    )
    executor.run()


if __name__ == "__main__":
    main()
