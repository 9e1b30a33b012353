"""Which site files (robots.txt, tdmrep.json, ...) an archive holds; they often stand after the pages they speak of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from crawler.document import Fetched, FetchError
from crawler.sources.read_warc import DamagedError, read
from crawler.urls import address_of_header

MAX_BYTES = 512 * 1024  # RFC 9309 section 2.5 asks for 500 KiB at least
MAX_HOPS = 5  # RFC 9309 section 2.3.1.2
_PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int]  # scheme, host, port
SiteFiles = Mapping[Origin, Mapping[str, Fetched]]  # -> path -> exchange


def origin_of(url: str) -> Origin | None:
    """Scheme, host and port of a URL; None when it has none.

    >>> origin_of("HTTPS://Example.org/a")
    ('https', 'example.org', 443)
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname and port else None


def index_site_files(path: Path, paths: Collection[str], *, name: str = "", max_bytes: int = MAX_BYTES) -> SiteFiles:
    """A first pass over an archive that keeps site files only.

    A redirect is followed as far as the archive holds the target, and has `final_url` then; a target that it does not
    hold makes the file `not-recorded`. The last record of a file counts. Damage is left to `read` to report.

    Args:
        path: The archive.
        paths: Paths of site files, such as "/robots.txt"; addresses with a query are none.
        name: As of `read`.
        max_bytes: What a body is cut to.

    Raises:
        SourceError: There is no such file, or it is no WARC.
    """
    found: dict[Origin, dict[str, Fetched]] = {}
    with suppress(DamagedError):
        for fetched in read(path, name=name, wanted=lambda url: _key(url, paths) is not None):
            if key := _key(fetched.url, paths):
                found.setdefault(key[0], {})[key[1]] = replace(fetched, body=fetched.body[:max_bytes])
    return {
        origin: {file: _followed(fetched, found, paths) for file, fetched in files.items()}
        for origin, files in found.items()
    }


def _key(url: str, paths: Collection[str]) -> tuple[Origin, str] | None:
    origin = origin_of(url)
    if origin is None:
        return None
    parts = urlsplit(url)
    return (origin, parts.path) if parts.path in paths and not parts.query else None


def _followed(fetched: Fetched, found: SiteFiles, paths: Collection[str]) -> Fetched:
    """What the redirects of a site file lead to, under the address that was asked for."""
    hop = fetched
    for _ in range(MAX_HOPS + 1):
        location = hop.header("location")
        if hop.error or not (300 <= hop.status < 400 and location):
            return (
                fetched if hop is fetched else replace(hop, url=fetched.url, final_url=hop.url, record=fetched.record)
            )
        key = _key(_absolute(hop.url, address_of_header(location[0])), paths)
        target = found.get(key[0], {}).get(key[1]) if key else None
        if target is None:
            return replace(fetched, body=b"", error=FetchError.NOT_RECORDED)
        hop = target
    return replace(fetched, body=b"", error=FetchError.TOO_MANY_REDIRECTS)


def _absolute(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError:
        return ""
