"""Cuts the XMP packets out of a file, by scanning for their marks, for which the XMP specification made them.

Specification: Adobe XMP Specification, Part 1 (packet wrapper) and Part 3 (storage in files). Scanning needs no library
and works alike for every format, with the specification's own warning: it cannot tell whose packet it found. So PDF,
where pictures on the pages have packets too, is followed by its structure. JPEG and PNG have a second place each, in
which packets are in pieces or compressed.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from crawler.media.formats import JPEG, PDF, PNG, SVG
from crawler.media.pdf import document_metadata

MAX_PACKETS = 8
MAX_PACKET_BYTES = 4 * 1024 * 1024

# The wrapper, or without one its content; prefixes of XML namespaces are free
_BEGIN = re.compile(rb"<\?xpacket begin=|<(?P<tag>(?:[A-Za-z_][\w.-]{0,30}:)?(?:xmpmeta|RDF))[\s>]")
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_PADDING = b"\x00 \t\r\n"
# Keyword, flag 1 for compressed, method 0, language and translated keyword, each with a NUL at its end
_PNG_COMPRESSED = re.compile(rb"iTXtXML:com\.adobe\.xmp\x00\x01\x00[^\x00]{0,200}\x00[^\x00]{0,200}\x00")
_JPEG_EXTENSION = b"http://ns.adobe.com/xmp/extension/\x00"
_HAS_EXTENSION = re.compile(rb"HasExtendedXMP\W{1,4}([0-9A-Za-z]{32})")  # and its identity, 32 digits
_RDF = b"http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def packets(body: bytes, format_: str) -> tuple[tuple[bytes, ...], str]:
    """The packets as UTF-8, without wrapper, in the order found, and why others could not be read ("" if none)."""
    found, reason = _found(body, format_)
    stripped = dict.fromkeys(content for packet in found if (content := packet.strip(_PADDING)))
    kept = tuple(packet for packet in stripped if len(packet) <= MAX_PACKET_BYTES)[:MAX_PACKETS]
    return kept, "too-large" if len(kept) < len(stripped) else reason


def _found(body: bytes, format_: str) -> tuple[Iterable[bytes], str]:
    if format_ == SVG:
        return _scan_svg(body), ""
    if format_ == PNG:
        return (*_scan(body), *_compressed_in_png(body)), ""
    if format_ == JPEG:
        return _scan_jpeg(body), ""
    if format_ == PDF:
        content, reason = document_metadata(body)
        if reason != "damaged":
            return (content,), reason
        standing = tuple(_scan(body))  # a compressed one is not seen in this way
        return standing, "" if standing else reason
    return _scan(body), ""


def _scan(body: bytes) -> Iterator[bytes]:
    """Every packet that stands in the bytes as it is; of one that was cut off what is there, so that it is missed."""
    position = 0
    for _ in range(MAX_PACKETS + 1):
        begin = _BEGIN.search(body, position)
        if begin is None:
            break
        tag = begin["tag"]
        start = begin.start() if tag else max(body.find(b"?>", begin.end()) + 2, begin.start())
        end = body.find(b"</%b>" % tag if tag else b"<?xpacket end", begin.end())
        if end < start:
            yield body[begin.start() : begin.start() + MAX_PACKET_BYTES]
            break  # to look for the ends of all others would take for ever
        position = end + (len(tag) + 3 if tag else 0)
        yield body[start:position]
    for encoding in _WIDE:
        yield from _scan_wide(body, encoding)


def _scan_wide(body: bytes, encoding: str) -> Iterator[bytes]:
    """The first wrapped packet in UTF-16 or UTF-32."""
    start = body.find("<?xpacket begin=".encode(encoding))
    end = body.find("<?xpacket end".encode(encoding), start)
    if 0 <= start < end:
        yield body[start : min(end, start + 4 * MAX_PACKET_BYTES + 4)].decode(encoding, "replace").encode()


def _scan_svg(body: bytes) -> Iterator[bytes]:
    """A wrapped packet; else the drawing itself, since its root may declare what the metadata in it use."""
    if b"<?xpacket begin=" in body:
        yield from _scan(body)
    elif _RDF in body:
        yield body


def _compressed_in_png(body: bytes) -> Iterator[bytes]:
    """Of chunks iTXt that say so; of one that is damaged what is there, so that it is missed."""
    for found in islice(_PNG_COMPRESSED.finditer(body), MAX_PACKETS + 1):
        content = body[found.end() : found.end() + MAX_PACKET_BYTES]
        try:
            yield zlib.decompressobj().decompress(content, MAX_PACKET_BYTES + 1)
        except zlib.error:
            yield content


def _scan_jpeg(body: bytes) -> Iterator[bytes]:
    """A packet that is too long for one segment has an extension in pieces, which scanning would take for a packet."""
    if _JPEG_EXTENSION not in body:
        yield from _scan(body)
        return
    segments = tuple(_segments(body))
    packets = tuple(_scan(b"".join(part for part in segments if not part.startswith(_JPEG_EXTENSION))))
    yield from packets
    if named := next(filter(None, map(_HAS_EXTENSION.search, packets)), None):
        yield _joined(segments, _JPEG_EXTENSION + named[1])


def _joined(segments: Sequence[bytes], begins: bytes) -> bytes:
    """The extension from its pieces; after their beginning: length of the whole, offset of the piece, piece."""
    pieces = (part[len(begins) + 4 :] for part in segments if part.startswith(begins))
    return b"".join(piece[4:] for piece in sorted(pieces, key=lambda piece: piece[:4]))


def _segments(body: bytes) -> Iterator[bytes]:
    """The contents of a JPEG's segments, as far as the picture itself."""
    position = 2
    while body[position : position + 1] == b"\xff" and body[position + 1 : position + 2] != b"\xda":
        length = int.from_bytes(body[position + 2 : position + 4])
        yield body[position + 4 : position + 2 + length]
        position += 2 + max(length, 2)
