"""Undo the transfer and content coding of a stored HTTP body (RFC 9112 section 7.1, RFC 9110 section 8.4).

Archives disagree: some store the body as it came over the line, some store it decoded and keep the headers. So a coding
that is announced and does not fit is taken as undone already, and what breaks off is kept up to there.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable, Sequence

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_PIECE = 32 * 1024
_GZIP = b"\x1f\x8b"  # what begins so is gzip, and no text, also where it breaks off at once
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")


class TooLargeError(Exception):
    """The decoded body passes the limit."""


def decode(body: bytes, transfer: Sequence[str], content: Sequence[str], max_bytes: int) -> bytes:
    """The content itself.

    Args:
        body: As stored.
        transfer: Values of Transfer-Encoding.
        content: Values of Content-Encoding.
        max_bytes: Of the result, and of each step.

    Raises:
        TooLargeError: There is more.
    """
    for coding in reversed([*_names(content), *_names(transfer)]):
        undo = _UNDO.get(coding)
        body = undo(body, max_bytes) if undo else body
    return body


def _names(values: Sequence[str]) -> list[str]:
    return [name.strip().lower() for value in values for name in value.split(",")]


def _dechunk(body: bytes, max_bytes: int) -> bytes:
    pieces: list[bytes] = []
    at = 0
    while found := _CHUNK.match(body, at):
        start = found.end()
        at = start + int(found[1], 16)
        pieces.append(body[start:at])
        if at == start or at >= len(body):  # the last chunk, or the archive breaks off
            return b"".join(pieces)
        at += 2
    return b"".join(pieces) if len(pieces) > 1 else body


def _gunzip(body: bytes, max_bytes: int) -> bytes:
    engine = zlib.decompressobj(16 + zlib.MAX_WBITS)
    return _pump(engine.decompress, body, max_bytes) or (b"" if body.startswith(_GZIP) else body)


def _inflate(body: bytes, max_bytes: int) -> bytes:
    """What "deflate" announces should be zlib, and often is bare deflate."""
    engine, bare = zlib.decompressobj(), zlib.decompressobj(-zlib.MAX_WBITS)
    return _pump(engine.decompress, body, max_bytes) or _pump(bare.decompress, body, max_bytes) or body


def _unbrotli(body: bytes, max_bytes: int) -> bytes:
    engine = brotli.Decompressor()
    return _pump(lambda piece, room: engine.process(piece, output_buffer_limit=room), body, max_bytes) or body


def _unzstd(body: bytes, max_bytes: int) -> bytes:
    return _pump(zstd.ZstdDecompressor().decompress, body, max_bytes) or body


def _pump(step: Callable[[bytes, int], bytes], body: bytes, max_bytes: int) -> bytes:
    """Feed the body in pieces, so that what comes before a break is kept."""
    done: list[bytes] = []
    room = max_bytes + 1
    for at in range(0, len(body), _PIECE):
        try:
            done.append(step(body[at : at + _PIECE], room))
        except (zlib.error, brotli.error, zstd.ZstdError, EOFError):
            break
        room -= len(done[-1])
        if room <= 0:
            raise TooLargeError
    return b"".join(done)


_UNDO: dict[str, Callable[[bytes, int], bytes]] = {
    "chunked": _dechunk,
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
