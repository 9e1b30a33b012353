"""Addresses: one spelling each, scopes, and which networks are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.addresses import is_loopback_host, is_refused, networks
from crawler.urls import Scope, host_of, normalize, origin, within


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("http://Example.ORG", "http://example.org/"),
        (" https://example.org:443/a#part ", "https://example.org/a"),
        ("http://example.org:8080/a?b=c,d", "http://example.org:8080/a?b=c,d"),
        ("http://example.org/ä b", "http://example.org/%C3%A4%20b"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://[2001:db8::1]:80/x", "http://[2001:db8::1]/x"),
        ("http://user:secret@example.org/", "http://example.org/"),
        ("http://example.org/public/../private/x", "http://example.org/private/x"),  # RFC 3986 section 5.2.4
        ("http://example.org/a/%2E%2e/b/./c/..", "http://example.org/b/"),
        ("http://example.org/..", "http://example.org/"),
        ("http://example.org/a..b/.c", "http://example.org/a..b/.c"),
        ("ftp://example.org/file", "ftp://example.org/file"),  # an address; the gate refuses the scheme
        ("mailto:someone@example.org", "mailto:someone@example.org"),
        ("", None),
        ("no address", None),
        ("example.org/page", None),
        ("http://", None),
        ("http://[broken/", None),
        ("http://example.org:notaport/", None),
        ("http://example.org/" + "a" * 9000, None),
    ],
)
def test_an_address_has_one_spelling(given_url: str, expected: str | None) -> None:
    """Scheme and host in lower case, no default port, no fragment; None for what is no address."""
    assert normalize(given_url) == expected


@given(st.text(max_size=60))
def test_normalizing_never_raises_and_changes_nothing_the_second_time(text: str) -> None:
    """What is normalized is in its one spelling."""
    for candidate in (text, f"http://{text}", f"https://example.org/{text}"):
        once = normalize(candidate)
        if once is not None:
            host_of(once)
            if once.startswith("http"):
                assert normalize(once) == once


@pytest.mark.parametrize(
    ("scope", "url", "seed", "expected"),
    [
        (Scope.HOST, "https://www.example.org/b", "https://www.example.org/a/", True),
        (Scope.HOST, "https://example.org/b", "https://www.example.org/a/", False),
        (Scope.DOMAIN, "https://example.org/b", "https://www.example.org/a/", True),
        (Scope.DOMAIN, "https://other.co.uk/b", "https://example.co.uk/", False),
        (Scope.DOMAIN, "https://b.blogspot.com/", "https://a.blogspot.com/", False),
        (Scope.PREFIX, "https://example.org/docs/b", "https://example.org/docs/index.html", True),
        (Scope.PREFIX, "https://example.org/docsearch", "https://example.org/docs/", False),
        (Scope.PREFIX, "http://example.org/docs/b", "https://example.org/docs/", False),
        (Scope.PREFIX, "https://example.org/docs/b", "https://example.org/docs/?q=/x/y", True),
        (Scope.DOMAIN, "http://a.press.localhost/", "http://press.localhost/", True),
        (Scope.DOMAIN, "http://10.0.0.1/", "http://11.0.0.1/", False),
        (Scope.LIST, "https://example.org/", "https://example.org/", False),
    ],
)
def test_scope_says_which_links_are_followed(scope: Scope, url: str, seed: str, expected: bool) -> None:
    """Host, registrable domain (public suffix list), folder, or none."""
    assert within(scope, url, seed) is expected


def test_an_origin_is_scheme_host_and_port() -> None:
    """RFC 9309 section 2.3: one robots.txt each."""
    assert origin("https://user@example.org:8443/a?b") == "https://example.org:8443"


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("93.184.216.34", False),
        ("2606:2800:220:1::1", False),
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("192.168.0.1", True),
        ("172.16.0.1", True),
        ("169.254.169.254", True),  # the metadata service of clouds
        ("100.64.0.1", True),  # carrier-grade NAT, RFC 6598
        ("0.0.0.0", True),
        ("224.0.0.1", True),
        ("::1", True),
        ("fe80::1%eth0", True),
        ("fd00::1", True),
        ("::ffff:10.0.0.1", True),  # mapped
        ("64:ff9b::7f00:1", True),  # translated, RFC 6052
        ("2002:7f00:1::", True),  # 6to4
        ("::127.0.0.1", True),  # compatible, RFC 4291
        ("not an address", True),
    ],
)
def test_only_public_addresses_may_be_fetched_from(address: str, refused: bool) -> None:
    """IANA special-purpose address registries."""
    assert is_refused(address) is refused


def test_the_operator_can_allow_a_network() -> None:
    """Only that one."""
    allowed = networks(["127.0.0.0/8"])
    assert not is_refused("127.0.0.1", allowed)
    assert is_refused("10.0.0.1", allowed)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("news.localhost", True), ("127.9.9.9", True), ("[::1]", True), ("localhost.example", False),
     ("mylocalhost", False), ("10.0.0.1", False), ("", False), ("127.1", True), ("2130706433", True), ("0x7f.1", True),
     ("127.0.0.1.", True), ("localhost.", True), ("1.example", False)],
)  # fmt: skip
def test_localhost_names_are_loopback(host: str, expected: bool) -> None:
    """RFC 6761 section 6.3."""
    assert is_loopback_host(host) is expected
