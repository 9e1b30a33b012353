"""Evidence that a run left behind when it died, cut back to what the ledger speaks of.

A record that no line speaks of belongs to an address that is pending: it is asked for again, and would stand there
twice. The last one may also be torn.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Collection
from pathlib import Path

from crawler.durable import write_error

_BLOCK = 1024 * 1024
Last = tuple[str, int]  # file, as seen from the crawl, and the offset of the last record that a line speaks of


def cut_after(folder: Path, last: Last | None, sealed: Collection[str]) -> int:
    """Cut the files of one folder of evidence.

    Args:
        folder: `evidence/` or `bodies/` of a crawl.
        last: The last record to keep; None when the ledger speaks of none.
        sealed: Files that a run has closed in order; they stay as they are.

    Returns:
        How many bytes went.

    Raises:
        WriteError: A file can be neither read nor cut.
    """
    gone = 0
    for path in sorted(folder.glob("*.warc.gz")):
        name = f"{folder.name}/{path.name}"
        if name in sealed or (last and name < last[0]):
            continue
        try:
            size = path.stat().st_size
            if last and name == last[0]:
                end = member_end(path, last[1])
                os.truncate(path, end)
                gone += size - end
            else:
                path.unlink()
                gone += size
        except OSError as error:
            raise write_error(path, error) from error
    return gone


def member_end(path: Path, offset: int) -> int:
    """Where the gzip member that begins at `offset` ends; `offset` when there is no whole one. Raises OSError."""
    member = zlib.decompressobj(wbits=31)
    with path.open("rb") as file:
        file.seek(offset)
        read = 0
        try:
            while not member.eof and (block := file.read(_BLOCK)):
                read += len(block)
                member.decompress(block)
        except zlib.error:
            return offset
    return offset + read - len(member.unused_data) if member.eof else offset
