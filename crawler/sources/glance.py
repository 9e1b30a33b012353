"""What stands at one place of the evidence, "evidence/00000.warc.gz#4711", in a few words for people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from crawler.sources.one_record import read_record
from crawler.sources.storage import SourceError
from crawler.sources.warc_record import NO_BODY

_REMOVED = re.compile(r"length=([0-9]{1,15})")


@dataclass(frozen=True, slots=True)
class Glance:
    """One exchange, without its content.

    Attributes:
        url: The address asked for, as it is stored.
        status: HTTP status; 0 without an answer.
        error: Why there is no usable answer; "" when there is.
        media_type: As declared.
        bytes: Length of the body.
        has_body: Whether the body stands there, too.
        site_file: Whether it was fetched for what it says about pages.
        time: UTC, ISO 8601; "" when it is not known.
    """

    url: str
    status: int
    error: str
    media_type: str
    bytes: int
    has_body: bool
    site_file: bool
    time: str


def glance(crawl: Path, place: str) -> Glance | None:
    """Look. None where no sound exchange stands, also for places outside of the crawl."""
    try:
        record = read_record(crawl, place)
    except SourceError:
        return None
    fetched = record.fetched
    if fetched is None:
        return None
    removed = _REMOVED.search(dict(record.headers).get(NO_BODY, ""))
    return Glance(
        url=fetched.url,
        status=fetched.status,
        error="" if removed else fetched.error.value,
        media_type="".join(fetched.header("content-type")[:1]).partition(";")[0].strip(),
        bytes=int(removed[1]) if removed else len(fetched.body),
        has_body=not removed and bool(fetched.body),
        site_file=fetched.site_file,
        time=fetched.fetched_at.isoformat(timespec="seconds") if fetched.fetched_at else "",
    )
