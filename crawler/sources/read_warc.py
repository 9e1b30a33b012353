"""Read WARC files, ours and foreign, whole and damaged: .warc, .warc.gz, .warc.zst."""

from __future__ import annotations

import gzip
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord

from crawler.document import Fetched, FetchError
from crawler.sources.storage import Address, SourceError, check_whole, name_of, open_file, told
from crawler.sources.warc_record import MAX_BLOCK_BYTES, block_is_sound, fetched_of, is_site_file, target_of, time_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_GZIP, _ZSTD, _PLAIN = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"WARC/1."
_ZSTD_DICTIONARY = b"\x5d\x2a\x4d\x18"  # the frame that may stand before the first record of a .warc.zst
_BLOCK = 1024 * 1024
_NAMED = 5  # damaged places that a message names


class DamagedError(SourceError):
    """The file was read to its end, and some of it was damaged. Every sound record was handed out before."""


def read(
    path: Address, *, name: str = "", wanted: Callable[[str, bool], bool] = lambda url, _: bool(url)
) -> Iterator[Fetched]:
    """Every exchange, in file order, `record` set.

    A damaged record whose address can still be read is handed out with the error `broken`, so that it gets an outcome.

    Args:
        path: The file.
        name: What stands before "#" in `record`; the file's name by default.
        wanted: Whether an exchange is of interest, by its address and whether it is marked as a site file; others are
            passed over.

    Raises:
        SourceError: There is no such file, or it is no WARC.
        DamagedError: At the end, when something was damaged or broke off.
    """
    damage: list[int] = []
    for offset, record, file in records(path, damage):
        if (url := target_of(record)) and not wanted(url, is_site_file(record)):
            continue
        if fetched := exchange_of(record, file, f"{name or name_of(path)}#{offset}", damage):
            yield fetched
    if damage:
        places = ", ".join(map(str, damage[:_NAMED])) + (", ..." if len(damage) > _NAMED else "")
        raise DamagedError(
            f"{told(path)}: damaged or broken off at {len(damage)} place(s), at or after byte {places}; "
            "all other records were read. Get the file again, or go on without what is lost."
        )


def read_record_places(path: Address, damage: list[int]) -> Iterator[tuple[int, bool]]:
    """Where each record begins, and whether it is sound; `damage` gets the stretches where none could be read.

    Raises:
        SourceError: There is no such file, or it is no WARC.
    """
    for offset, record, file in records(path, damage):
        content = _content(record, file)
        yield offset, content is not None and block_is_sound(record, content)


def exchange_of(record: WarcRecord, file: BinaryIO, place: str, damage: list[int]) -> Fetched | None:
    """The exchange that a record of `records` holds, None for none; `damage` gets the offset of one that is broken."""
    content = _content(record, file)
    if content is None:
        return Fetched(target_of(record), 0, fetched_at=time_of(record), error=FetchError.TOO_LARGE, record=place)
    if not block_is_sound(record, content):
        damage.append(int(record.stream_pos))
        return Fetched(target_of(record), 0, fetched_at=time_of(record), error=FetchError.BROKEN, record=place)
    return fetched_of(record, content, place)


def exchange_at(path: Address, offset: int, place: str) -> Fetched | None:
    """The exchange whose record begins there; None when it holds none. Raises SourceError."""
    try:
        with open_file(path) as file:
            file.seek(offset)
            record = next(iter(ArchiveIterator(file, parse_http=False)), None)
            return exchange_of(record, file, place, []) if record is not None else None
    except OSError as error:
        raise SourceError(f"{told(path)}: the record at byte {offset} cannot be read") from error


def _content(record: WarcRecord, file: BinaryIO) -> bytes | None:
    """The record's block, as far as it can be read; None when it is too large."""
    if record.content_length > MAX_BLOCK_BYTES:
        return None
    try:
        return bytes(record.reader.read())
    except OSError:
        check_whole(file)
        return b""


def records(path: Address, damage: list[int]) -> Iterator[tuple[int, WarcRecord, BinaryIO]]:
    """Every record with its offset in the file. After a damaged stretch, reading goes on at the next record."""
    last = reported = -1
    with open_file(path) as file:
        magic = _magic(path, file)
        start = 0
        while start >= 0:
            file.seek(start)
            try:
                for record in ArchiveIterator(file, parse_http=False):
                    last = int(record.stream_pos)
                    yield last, record, file
                start = -1
            except OSError:
                check_whole(file)
                here = max(start, last)
                if not damage or last > reported:
                    damage.append(here)
                    reported = last
                start = _find(file, magic, here + 1)
        if last < 0:
            raise SourceError(
                f"{told(path)}: no WARC file: it holds no record. Give a .warc, .warc.gz or .warc.zst file."
            )
        if not _ends_whole(file, magic, last) and last not in damage:
            check_whole(file)
            damage.append(last)


def _magic(path: Address, file: BinaryIO) -> bytes:
    """What a record of this file begins with."""
    opening = file.read(len(_PLAIN))
    if opening.startswith(_ZSTD_DICTIONARY):
        return _ZSTD
    for magic in (_GZIP, _ZSTD, _PLAIN):
        if opening.startswith(magic):
            return magic
    raise SourceError(
        f"{told(path)}: no WARC file: it does not begin like one. Give a .warc, .warc.gz or .warc.zst file."
    )


def _find(file: BinaryIO, magic: bytes, start: int) -> int:
    """Where the magic bytes stand next, from `start` on; -1 when nowhere."""
    file.seek(start)
    tail = b""
    while block := file.read(_BLOCK):
        found = (tail + block).find(magic)
        if found >= 0:
            return start - len(tail) + found
        start += len(block)
        tail = (tail + block)[-len(magic) + 1 :]
    return -1


def _ends_whole(file: BinaryIO, magic: bytes, last: int) -> bool:
    """Whether the file does not break off after the record at `last`."""
    file.seek(last)
    if magic == _PLAIN:
        file.seek(-min(4, file.seek(0, os.SEEK_END)), os.SEEK_END)
        return file.read().endswith((b"\r\n\r\n", b"\n\n"))
    try:
        with gzip.open(file, "rb") if magic == _GZIP else zstd.open(file, "rb") as members:
            while members.read(_BLOCK):
                pass
    except (OSError, EOFError, zlib.error, zstd.ZstdError):
        return False
    return True
