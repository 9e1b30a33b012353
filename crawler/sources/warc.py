"""WARC files: what the rest of the crawler needs of them, in one place."""

from crawler.sources.evidence import BodyWriter, EvidenceWriter
from crawler.sources.read_warc import DamagedError, read
from crawler.sources.site_files import MAX_HOPS, Key, SiteFiles, index_site_files, key_of, redirected_to, slim
from crawler.sources.storage import SourceError
from crawler.sources.warc_record import MAX_BODY_BYTES, record_bytes

__all__ = [
    "MAX_BODY_BYTES",
    "MAX_HOPS",
    "BodyWriter",
    "DamagedError",
    "EvidenceWriter",
    "Key",
    "SiteFiles",
    "SourceError",
    "index_site_files",
    "key_of",
    "read",
    "record_bytes",
    "redirected_to",
    "slim",
]
