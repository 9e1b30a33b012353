"""Says which media format a file has: by its first bytes, which cannot be misconfigured, else as declared.

Source: the signatures that the formats' own specifications give.
"""

from __future__ import annotations

from crawler.document import Fetched

EPUB = "application/epub+zip"
PDF = "application/pdf"
SVG = "image/svg+xml"
JPEG = "image/jpeg"
PNG = "image/png"

_SIGNATURES = (  # offset, bytes, format; the first that matches
    (0, b"\xff\xd8\xff", JPEG),
    (0, b"\x89PNG\r\n\x1a\n", PNG),
    (0, b"GIF8", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/avi"),
    (4, b"ftypavi", "image/avif"),  # avif, avis
    (4, b"ftyphei", "image/heic"),  # heic, heix
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"%PDF-", PDF),
    (30, b"mimetypeapplication/epub+zip", EPUB),  # EPUB requires it as the first file
)
_DECLARED = ("image/", "audio/", "video/", PDF, EPUB, "application/postscript")
_HEAD = 1024  # bytes in which an SVG shows its root element


def format_of(fetched: Fetched) -> str:
    """The media type of a file that can carry metadata of its own; "" for web pages, plain text and the unknown."""
    body = fetched.body
    for offset, signature, format_ in _SIGNATURES:
        if body.startswith(signature, offset):
            return format_
    declared = next(iter(fetched.header("content-type")), "").partition(";")[0].strip().lower()
    if declared.startswith(_DECLARED):
        return declared
    return SVG if declared.endswith("/xml") and b"<svg" in body[:_HEAD] else ""
