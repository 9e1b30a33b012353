"""Which addresses may be fetched from: none that is loopback, private or link-local, unless the operator allows it.

A page on the open web can name, or redirect to, an address inside the operator's network. The resolver that connects is
the one that checks, so that no second answer of the name server slips in between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import inet_aton
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
NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
TRANSLATED, COMPATIBLE = IPv6Network("64:ff9b::/96"), IPv6Network("::/96")


class AddressRefusedError(DNSLookupError):
    """The name resolves to an address that may not be fetched from."""


def networks(values: Iterable[str]) -> tuple[Network, ...]:
    """Parse ALLOWED_PRIVATE_NETWORKS; raises ValueError with the value that is no network."""
    return tuple(ip_network(value.strip()) for value in values if value.strip())


def is_refused(address: str, allowed: Sequence[Network] = ()) -> bool:
    """Whether an IP address is not on the public internet and not allowed; a text that is no IP address is refused."""
    ip = literal(address)
    if ip is None:
        return True
    if isinstance(ip, IPv6Address):
        ip = _embedded(ip) or ip
    if any(ip.version == network.version and ip in network for network in allowed):
        return False
    return not ip.is_global or ip.is_multicast


def is_loopback_host(host: str) -> bool:
    """localhost and everything below it (RFC 6761 section 6.3), 127.0.0.0/8 and ::1."""
    name = host.rstrip(".").lower()
    ip = literal(host)
    return name == "localhost" or name.endswith(".localhost") or (ip is not None and ip.is_loopback)


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host stands for without any resolver: also 127.1, 2130706433, 0x7f.1 and a dot at the end.

    Source: WHATWG URL, section 3.5: a host whose last label is a number is an IPv4 address.
    """
    host = host.strip("[]").partition("%")[0].rstrip(".")
    try:
        return ip_address(host)
    except ValueError:
        if not NUMBER.fullmatch(host.rpartition(".")[2]):
            return None
    try:
        return IPv4Address(inet_aton(host))
    except (OSError, ValueError):
        return None


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address inside: mapped, 6to4, translated (RFC 6052) or compatible (RFC 4291 section 2.5.5.1)."""
    if ip.ipv4_mapped or ip.sixtofour:
        return ip.ipv4_mapped or ip.sixtofour
    if ip in TRANSLATED or (ip in COMPATIBLE and int(ip) > 1):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


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
        resolver.proxies = frozenset(map(_proxy_host, getproxies().values()))
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> defer.Deferred[str]:  # noqa: N802 - Twisted's
        if literal(name):
            return defer.succeed(name)
        found = defer.succeed(LOOPBACK) if is_loopback_host(name) else super().getHostByName(name, timeout)
        return found if name in self.proxies else found.addCallback(self._check)

    def _check(self, address: Any) -> str:
        if is_refused(str(address), self.allowed):
            raise AddressRefusedError
        return str(address)


def _proxy_host(proxy: str) -> str:
    """The host of a proxy's address, which may come without a scheme."""
    return urlsplit(proxy if "://" in proxy else f"http://{proxy}").hostname or ""
