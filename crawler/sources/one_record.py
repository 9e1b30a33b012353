"""One record of an evidence file, by its reference: "evidence/00000.warc.gz#4711"."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecord

from crawler.document import Fetched
from crawler.sources.evidence import BODIES, FOLDER
from crawler.sources.storage import SourceError
from crawler.sources.warc_record import MAX_BLOCK_BYTES, block_is_sound, fetched_of

_GZIP = b"\x1f\x8b\x08"
_REFERENCE = re.compile(rf"(?a:((?:{FOLDER}|{BODIES})/[0-9][\w-]*\.warc\.gz)#([0-9]{{1,15}}))")


@dataclass(frozen=True, slots=True)
class OneRecord:
    """A record as it is stored.

    Attributes:
        reference: Where it stands.
        type: response, metadata, ...
        headers: The WARC headers, in order.
        bytes: Length of its block.
        is_sound: Whether the block has its length and fits its digest.
        fetched: The exchange that it holds; None when it holds none, or is not sound.
    """

    reference: str
    type: str
    headers: tuple[tuple[str, str], ...]
    bytes: int
    is_sound: bool
    fetched: Fetched | None


class GoneError(SourceError):
    """The file of a reference is not there."""


def split_reference(reference: str) -> tuple[str, int]:
    """File and offset of a reference into a crawl's folder.

    Raises:
        SourceError: It is none; no path can lead out of the folder.

    >>> split_reference("bodies/2026-11-23-00000.warc.gz#12")
    ('bodies/2026-11-23-00000.warc.gz', 12)
    """
    found = _REFERENCE.fullmatch(reference)
    if not found:
        raise SourceError(f"{reference:.200}: no reference to a record of this crawl (evidence/00000.warc.gz#0)")
    return found[1], int(found[2])


def read_record(crawl: Path, reference: str) -> OneRecord:
    """The record at a reference.

    Raises:
        GoneError: The file is not there.
        SourceError: The reference is none, or no record begins there.
    """
    name, offset = split_reference(reference)
    try:
        with (crawl / name).open("rb") as file:
            file.seek(offset)
            if file.read(len(_GZIP)) != _GZIP:
                raise SourceError(f"{reference}: no record begins there")
            file.seek(offset)
            record = next(iter(ArchiveIterator(file, parse_http=False)), None)
            if record is None or int(record.stream_pos) != offset:
                raise SourceError(f"{reference}: no record begins there")
            return _read(record, reference)
    except FileNotFoundError:
        raise GoneError(f"{name}: is not there") from None
    except OSError as error:
        raise SourceError(f"{reference}: cannot be read: {error.strerror or 'damaged'}") from error


def _read(record: WarcRecord, reference: str) -> OneRecord:
    content = b""
    if fits := record.content_length <= MAX_BLOCK_BYTES:
        with suppress(OSError):  # damaged; it is not as long as it should be
            content = bytes(record.reader.read())
    sound = fits and block_is_sound(record, content)
    return OneRecord(
        reference,
        record.headers.get("WARC-Type") or "",
        tuple((str(key), str(value)) for key, value in record.headers),
        len(content),
        sound,
        fetched_of(record, content, reference) if sound else None,
    )
