"""Sitemaps (sitemaps.org, protocol 0.9): lists of addresses, plain or gzipped; they hold no text to keep."""

from __future__ import annotations

import zlib
from io import BytesIO
from urllib.parse import urljoin, urlsplit

from lxml import etree

from crawler.document import Fetched

MOST_ADDRESSES = 50_000  # the protocol's own limit for one file
MOST_BYTES = 50 * 1024 * 1024  # likewise, uncompressed
SNIFF_BYTES = 4_096


def sitemap_kind(page: Fetched) -> str:
    """ "sitemap", "sitemap-index", or "" for what is neither, by the name of the root element."""
    head = _plain(page.body, SNIFF_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.startswith(b"<"):
        return ""
    try:
        for _, root in etree.iterparse(BytesIO(head), events=("start",), recover=True, resolve_entities=False):
            return {"urlset": "sitemap", "sitemapindex": "sitemap-index"}.get(_name(root), "")
    except etree.LxmlError:
        pass
    return ""


def listed(page: Fetched) -> tuple[str, ...]:
    """The absolute http(s) addresses of the `loc` elements, in order, once each; as many as could be read."""
    found: dict[str, None] = {}
    try:
        body = BytesIO(_plain(page.body, MOST_BYTES))
        for _, element in etree.iterparse(body, events=("end",), recover=True, resolve_entities=False):
            if _name(element) == "loc":
                _add(found, page.url, (element.text or "").strip())
                if len(found) >= MOST_ADDRESSES:
                    break
            elif _name(element) in ("url", "sitemap"):
                element.clear()
    except etree.LxmlError:
        pass
    return tuple(found)


def _add(found: dict[str, None], base: str, address: str) -> None:
    try:
        absolute = urljoin(base, address).split("#", 1)[0]
        if address and urlsplit(absolute).scheme in ("http", "https"):
            found[absolute] = None
    except ValueError:
        pass


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _plain(body: bytes, most: int) -> bytes:
    """At most so many bytes of the body, gzip undone where it is gzip."""
    if body[:2] != b"\x1f\x8b":
        return body[:most]
    try:
        return zlib.decompressobj(wbits=31).decompress(body, most)
    except zlib.error:
        return b""
