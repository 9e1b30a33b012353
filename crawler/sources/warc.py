"""WARC files: what the rest of the crawler needs of them, in one place."""

from crawler.sources.evidence import EvidenceWriter
from crawler.sources.read_warc import DamagedError, SourceError, read
from crawler.sources.site_files import Origin, SiteFiles, index_site_files, origin_of
from crawler.sources.warc_record import MAX_BODY_BYTES, record_bytes

__all__ = [
    "MAX_BODY_BYTES",
    "DamagedError",
    "EvidenceWriter",
    "Origin",
    "SiteFiles",
    "SourceError",
    "index_site_files",
    "origin_of",
    "read",
    "record_bytes",
]
