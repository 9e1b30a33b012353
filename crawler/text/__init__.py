"""Bytes of a page in, main text and what the page declares about itself out; one module per media type."""

from __future__ import annotations

from crawler.text.engines import ENGINES, RESILIPARSE, EngineMissing, extractor
from crawler.text.html import Page, is_html, parse
from crawler.text.plain import is_plain, read_plain
from crawler.text.sitemap import listed, sitemap_kind

__all__ = [
    "ENGINES",
    "RESILIPARSE",
    "EngineMissing",
    "Page",
    "extractor",
    "is_html",
    "is_plain",
    "listed",
    "parse",
    "read_plain",
    "sitemap_kind",
]
