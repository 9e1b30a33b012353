"""One stored exchange, by the place that a ledger line names."""

from __future__ import annotations

import re
from pathlib import Path

from fastwarc.warc import ArchiveIterator

from crawler.document import Fetched
from crawler.sources.evidence import FOLDER
from crawler.sources.warc_record import MAX_BODY_BYTES, fetched_of

_PLACE = re.compile(rf"({FOLDER}/[0-9A-Za-z_-]+\.warc(?:\.gz|\.zst)?)#([0-9]{{1,15}})")


def read_at(crawl: Path, place: str) -> Fetched | None:
    """The exchange at "evidence/00000.warc.gz#<offset>".

    Returns:
        None where there is no such file, no whole record at that byte, or none that holds an exchange; also for places
        outside of the crawl's evidence, whatever they name.
    """
    match = _PLACE.fullmatch(place)
    if match is None:
        return None
    try:
        with (crawl / match[1]).open("rb") as file:
            file.seek(int(match[2]))
            for record in ArchiveIterator(file, parse_http=False):
                if record.content_length > MAX_BODY_BYTES:
                    return None
                return fetched_of(record, bytes(record.reader.read()), place)
    except (OSError, ValueError):
        return None
    return None
