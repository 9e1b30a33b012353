"""Media files in, the metadata they carry about themselves out: XMP packets, EPUB packages, C2PA manifests.

Bytes are foreign: every reader here survives any of them, in bounded time and memory, decodes no pixels and asks no
network. What could not be read is told as "<kind>: <reason>", so that a policy can say what follows.
"""

from __future__ import annotations

from crawler.document import Embedded, Fetched
from crawler.media.epub import package
from crawler.media.formats import EPUB, format_of
from crawler.media.manifest import assertions
from crawler.media.xmp import packets

__all__ = ["MAX_BYTES", "embedded"]

MAX_BYTES = 64 * 1024 * 1024  # of one file; twice of what a crawl downloads


def embedded(fetched: Fetched) -> Embedded | None:
    """What a media file, a PDF or an EPUB says about itself; None for anything else."""
    format_ = format_of(fetched) if fetched.has_content else ""
    if not format_:
        return None
    is_epub = format_ == EPUB
    if len(fetched.body) > MAX_BYTES:
        return Embedded(unread=_unread(**{"opf" if is_epub else "xmp": "too-large", "c2pa": "too-large"}))
    opf, opf_reason = package(fetched.body) if is_epub else (b"", "")
    xmp, xmp_reason = ((), "") if is_epub else packets(fetched.body, format_)
    c2pa, c2pa_reason = assertions(fetched.body, format_)
    return Embedded(xmp, opf, c2pa, _unread(opf=opf_reason, xmp=xmp_reason, c2pa=c2pa_reason))


def _unread(**reasons: str) -> tuple[str, ...]:
    return tuple(f"{kind}: {reason}" for kind, reason in reasons.items() if reason)
