"""Bytes to text: the declared encoding where it is usable, the detected one elsewhere.

Order: byte order mark, charset of Content-Type, meta charset, detection (WHATWG Encoding and HTML standards,
sections on determining the character encoding, read 2026-11-22; w3lib implements the first three).
"""

from __future__ import annotations

from resiliparse.parse.encoding import detect_encoding
from w3lib.encoding import html_to_unicode

DETECT_BYTES = 64 * 1024  # the detector sees this much; whole megabytes tell it no more


def decode(body: bytes, content_type: str = "") -> str:
    """The body as text. Undecodable bytes become U+FFFD; NUL characters are removed, since parsers stop at them."""
    _, text = html_to_unicode(
        content_type or None,
        body,
        auto_detect_fun=lambda raw: str(detect_encoding(raw[:DETECT_BYTES])) or None,
        default_encoding="utf-8",
    )
    return text.replace("\x00", "")
