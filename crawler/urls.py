"""Addresses as the crawl names them, and what lies within a scope."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from tldextract import TLDExtract
from w3lib.url import safe_url_string

LONGEST_URL = 8_192  # characters; servers refuse longer request lines (RFC 9110 section 4.1 asks for 8,000)
DEFAULT_PORTS = {"http": 80, "https": 443}


class Scope(StrEnum):
    """Which links are followed: on the seed's host or registrable domain, below its folder, or on the list only."""

    HOST = "host"
    DOMAIN = "domain"
    PREFIX = "prefix"
    LIST = "list"


def normalize(text: str) -> str | None:
    """One spelling for an address: scheme and host in lower case, no default port, user information, dots or fragment.

    Returns:
        None for what is no address at all. Any scheme passes: the fetch gate answers for it.
    """
    text = text.strip()
    if not text or len(text) > LONGEST_URL or any(ord(char) < 33 for char in text.strip("\t ").replace(" ", "")):
        return None
    try:
        parts = urlsplit(safe_url_string(text))
        host, port = parts.hostname or "", parts.port
    except (ValueError, UnicodeError):
        return None
    if not parts.scheme or not (host or parts.scheme not in DEFAULT_PORTS):
        return None
    if parts.scheme not in DEFAULT_PORTS:
        return text
    host = f"[{host}]" if ":" in host else host
    netloc = host if port in (None, DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"
    return urlunsplit((parts.scheme, netloc, _without_dots(parts.path or "/"), parts.query, ""))


def _without_dots(path: str) -> str:
    """The path as servers read it, "." and ".." resolved (RFC 3986 section 5.2.4), also where they are escaped."""
    segments = path.split("/")
    kept: list[str] = []
    for place, segment in enumerate(segments):
        plain = segment.lower().replace("%2e", ".")
        if plain == ".." and len(kept) > 1:
            kept.pop()
        if plain not in (".", ".."):
            kept.append(segment)
        elif place == len(segments) - 1:
            kept.append("")
    return "/".join(kept) if len(kept) > 1 else "/"


def address_of_header(value: str) -> str:
    """An address in a header, whose octets we hold as Latin-1, with those beyond ASCII escaped as they were sent."""
    return "".join(char if ord(char) < 128 else "".join(f"%{octet:02X}" for octet in char.encode("latin-1", "replace"))
                   for char in value.strip())  # fmt: skip


def origin(url: str) -> str:
    """Scheme, host and port: what a robots.txt speaks for (RFC 9309 section 2.3); "" for what is no address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def host_of(url: str) -> str:
    """The host in lower case, without port; "" for what has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


@lru_cache(maxsize=1)
def _public_suffixes() -> TLDExtract:
    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=10_000)
def domain_of(host: str) -> str:
    """The registrable domain by the public suffix list that tldextract ships.

    A name under no suffix of the list has its last label for one, as the list's default rule says.
    """
    is_name = not host.replace(".", "").isdigit() and ":" not in host
    return _public_suffixes()(host).top_domain_under_public_suffix or (
        ".".join(host.split(".")[-2:]) if is_name else host
    )


def within(scope: Scope, url: str, seed: str) -> bool:
    """Whether a link lies within the scope that its seed opened."""
    if scope is Scope.HOST:
        return host_of(url) == host_of(seed)
    if scope is Scope.DOMAIN:
        return domain_of(host_of(url)) == domain_of(host_of(seed))
    if scope is Scope.PREFIX:
        return origin(url) == origin(seed) and urlsplit(url).path.startswith(
            urlsplit(seed).path.rpartition("/")[0] + "/"
        )
    return False
