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
    """One spelling for an address: scheme and host in lower case, no default port, no fragment, safe characters.

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
    if parts.username:
        netloc = f"{parts.netloc.rpartition('@')[0]}@{netloc}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))


def origin(url: str) -> str:
    """Scheme, host and port: what a robots.txt speaks for (RFC 9309 section 2.3)."""
    parts = urlsplit(url)
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
    """The registrable domain by the public suffix list that tldextract ships; the host itself where there is none."""
    return _public_suffixes()(host).top_domain_under_public_suffix or host


def within(scope: Scope, url: str, seed: str) -> bool:
    """Whether a link lies within the scope that its seed opened."""
    if scope is Scope.HOST:
        return host_of(url) == host_of(seed)
    if scope is Scope.DOMAIN:
        return domain_of(host_of(url)) == domain_of(host_of(seed))
    if scope is Scope.PREFIX:
        return url.startswith(seed.rpartition("/")[0] + "/") if seed.count("/") > 2 else url.startswith(seed)
    return False
