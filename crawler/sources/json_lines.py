"""JSON lines of texts, plain, gzip or zstd: datatrove's (id, text, metadata), Dolma's (the same with source, added)."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from crawler.document import Fetched
from crawler.sources.documents import Columns, Fields, broken_row, columns_of, names_in, page_of
from crawler.sources.read_warc import DamagedError
from crawler.sources.storage import Address, SourceError, check_whole, open_file, told

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_LONGEST_LINE = 64 * 1024 * 1024  # bytes; a longer one is broken


def read_json_lines(address: Address, fields: Fields, at: Callable[[int], None] = lambda _: None) -> Iterator[Fetched]:
    """Every line as a page, in file order; `at` hears how far into the file it has come, in bytes.

    Raises:
        SourceError: There is no such file, or its first object holds no text.
        DamagedError: At the end, when a line was no object or the file broke off; every other line was handed out.
    """
    damaged: list[int] = []
    columns: Columns | None = None
    with open_file(address) as file:
        for number, line in enumerate(_lines(file, damaged)):
            at(file.tell())
            row = _object(line)
            if row is None:
                damaged.append(number)
                yield broken_row(address, number)
                continue
            columns = columns or columns_of(address, names_in(row), fields)
            yield page_of(row, columns, address, number)
        check_whole(file)
    if columns is None and damaged:
        raise SourceError(f"{told(address)}: no line of it is a JSON object; give .jsonl, .jsonl.gz or .jsonl.zst")
    if damaged:
        places = ", ".join(str(each + 1) for each in damaged[:5] if each >= 0) + (", ..." if len(damaged) > 5 else "")
        raise DamagedError(
            f"{told(address)}: {len(damaged)} line(s) damaged or broken off, at or after line {places or 'the last'}; "
            "all other lines were read. Get the file again, or go on without what is lost."
        )


def _lines(file: BinaryIO, damaged: list[int]) -> Iterator[bytes]:
    """The lines that are not blank, whatever they are packed in; a file that breaks off is damaged at its end."""
    magic = file.read(len(_ZSTD))
    file.seek(0)
    plain: BinaryIO = file
    if magic.startswith(_GZIP):
        plain = cast(BinaryIO, gzip.GzipFile(fileobj=file))
    elif magic.startswith(_ZSTD):
        plain = cast(BinaryIO, zstd.ZstdFile(file))
    elif not isinstance(file, io.BufferedIOBase):
        plain = cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, file)))
    try:
        while line := plain.readline(_LONGEST_LINE):
            if not line.endswith(b"\n") and len(line) == _LONGEST_LINE:
                _skip_line(plain)
            if line.strip():
                yield line
    except (OSError, EOFError, zlib.error, zstd.ZstdError):
        check_whole(file)
        damaged.append(-1)


def _skip_line(plain: BinaryIO) -> None:
    while (rest := plain.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass


def _object(line: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
