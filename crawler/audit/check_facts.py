"""Whether the files of facts can be read to their end."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.audit.facts import FOLDER, SCHEMA
from crawler.audit.files import Files
from crawler.audit.report import Report


def check_facts(crawl: Path, files: Files, report: Report) -> None:
    """Read every file of facts that its digest does not vouch for already."""
    found = sorted((crawl / FOLDER).glob("[0-9]*.parquet"))
    for number, path in enumerate(found):
        name = f"{FOLDER}/{path.name}"
        if path.name != f"{number:05d}.parquet":
            report.problem(f"{FOLDER}/{number:05d}.parquet", f"missing, though {found[-1].name} is there")
            return
        if not files.is_sound(name) and not _is_readable(path):
            report.problem(name, "changed: cannot be read as facts")
    if found:
        report.checked.append(f"facts: {len(found)} file(s)")


def _is_readable(path: Path) -> bool:
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            rows = sum(len(batch) for batch in file.iter_batches())
            return bool(file.schema_arrow.names == SCHEMA.names and rows == file.metadata.num_rows)
    except (pa.ArrowException, OSError, ValueError, KeyError):
        return False
