"""Which site files (robots.txt, tdmrep.json, ...) an archive holds; they often stand after the pages they speak of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from crawler.document import Fetched, FetchError
from crawler.sources.read_warc import DamagedError, read
from crawler.urls import address_of_header

MAX_BYTES = 512 * 1024  # RFC 9309 section 2.5 asks for 500 KiB at least
MAX_HOPS = 5  # RFC 9309 section 2.3.1.2
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
_MOST_OF_TYPE = 200  # characters of a media type

Key = tuple[str, str, int, str]  # scheme, host, port, path with query
SiteFiles = Mapping[Key, Fetched]


def key_of(address: str) -> Key | None:
    """What two spellings of one address have in common; None when it is none.

    >>> key_of("HTTPS://Example.org/a?b")
    ('https', 'example.org', 443, '/a?b')
    """
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return (parts.scheme, parts.hostname, port, target) if parts.hostname and port else None


def index_site_files(
    path: Path,
    paths: Collection[str],
    *,
    addresses: Collection[Key] = (),
    name: str = "",
    max_bytes: int = MAX_BYTES,
) -> SiteFiles:
    """A first pass over an archive that keeps site files only, each as a crawl remembers it (`slim`).

    A redirect is followed as far as the archive holds the target, and has `final_url` then; a target that it does not
    hold makes the file `not-recorded`, with where it would lead in `final_url`. The last record of a file counts, but
    marked ones before others, which may be pages. Damage is left to `read` to report.

    Args:
        path: The archive.
        paths: Paths of site files, such as "/robots.txt"; addresses with a query are none.
        addresses: Further files, by their keys; those that the archive itself marks as site files come anyway.
        name: As of `read`.
        max_bytes: What a body is cut to.

    Raises:
        SourceError: There is no such file, or it is no WARC.
    """

    def is_wanted(url: str, marked: bool) -> bool:
        key = key_of(url)
        return key is not None and (marked or key[3] in paths or key in addresses)

    found: dict[Key, Fetched] = {}
    with suppress(DamagedError):
        for fetched in read(path, name=name, wanted=is_wanted):
            key = key_of(fetched.url)
            if key and (fetched.site_file or not (key in found and found[key].site_file)):
                found[key] = replace(fetched, body=fetched.body[:max_bytes])
    return {key: slim(followed(fetched, found.get)) for key, fetched in found.items()}


def slim(file: Fetched) -> Fetched:
    """What signals read of a site file, from the net or from an archive: the content with its type, no other header."""
    types = tuple((name, value[:_MOST_OF_TYPE]) for name, value in file.headers if name.lower() == "content-type")
    return replace(file, headers=types[:1], body=file.body if 200 <= file.status < 300 else b"")


def redirected_to(file: Fetched) -> str:
    """Where a redirect leads, absolute; "" where the exchange is none.

    Raises:
        ValueError: What it says is no address.
    """
    location = address_of_header(next(iter(file.header("location")), ""))
    return urljoin(file.url, location) if location and not file.error and file.status in REDIRECTS else ""


def followed(fetched: Fetched, find: Callable[[Key], Fetched | None]) -> Fetched:
    """What the redirects of a site file lead to, under the address that was asked for, as far as they can be found."""
    hop = fetched
    for _ in range(MAX_HOPS + 1):
        try:
            address = redirected_to(hop)
        except ValueError:
            return replace(fetched, body=b"", error=FetchError.BROKEN)
        if not address:
            kept = replace(hop, url=fetched.url, final_url=hop.url, record=fetched.record, site_file=fetched.site_file)
            return fetched if hop is fetched else kept
        key = key_of(address)
        target = find(key) if key else None
        if target is None:
            return replace(fetched, body=b"", error=FetchError.NOT_RECORDED, final_url=address)
        hop = target
    return replace(fetched, body=b"", error=FetchError.TOO_MANY_REDIRECTS)
