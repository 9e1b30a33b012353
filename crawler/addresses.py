"""Which addresses may be fetched from: none that is loopback, private or link-local, unless the operator allows it.

A page on the open web can name, or redirect to, an address inside the operator's network. The resolver that connects is
the one that checks, so that no second answer of the name server slips in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer
from twisted.internet.error import DNSLookupError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase

Network = IPv4Network | IPv6Network
LOOPBACK = "127.0.0.1"


class AddressRefusedError(DNSLookupError):
    """The name resolves to an address that may not be fetched from."""


def networks(values: Iterable[str]) -> tuple[Network, ...]:
    """Parse ALLOWED_PRIVATE_NETWORKS; raises ValueError with the value that is no network."""
    return tuple(ip_network(value.strip()) for value in values if value.strip())


def is_refused(address: str, allowed: Sequence[Network] = ()) -> bool:
    """Whether an IP address is not on the public internet and not allowed; a text that is no IP address is refused."""
    try:
        ip = ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return True
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if any(ip.version == network.version and ip in network for network in allowed):
        return False
    return not ip.is_global or ip.is_multicast


def is_loopback_host(host: str) -> bool:
    """localhost and everything below it (RFC 6761 section 6.3), 127.0.0.0/8 and ::1."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_ip_literal(host: str) -> bool:
    """Whether a host is written as an IP address, so that no resolver is asked."""
    try:
        ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True


class CheckingResolver(CachingThreadedResolver):
    """Scrapy's resolver; it also knows localhost names on every platform, and gives out no refused address.

    IP addresses pass: the fetch gate has checked those of pages, and the others are the operator's proxies.
    """

    allowed: tuple[Network, ...] = ()
    proxies: frozenset[str] = frozenset()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        resolver = super().from_crawler(crawler, reactor)
        resolver.allowed = networks(crawler.settings.getlist("ALLOWED_PRIVATE_NETWORKS"))
        resolver.proxies = frozenset(filter(None, (urlsplit(proxy).hostname for proxy in getproxies().values())))
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> defer.Deferred[str]:  # noqa: N802 - Twisted's
        if is_ip_literal(name):
            return defer.succeed(name)
        found = defer.succeed(LOOPBACK) if is_loopback_host(name) else super().getHostByName(name, timeout)
        return found if name in self.proxies else found.addCallback(self._check)

    def _check(self, address: Any) -> str:
        if is_refused(str(address), self.allowed):
            raise AddressRefusedError
        return str(address)
