"""Answers and failures of Scrapy as exchanges."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime

import brotli
import pytest
from scrapy.exceptions import CannotResolveHostError, DownloadTimeoutError
from scrapy.http import Response
from twisted.internet.error import ConnectionRefusedError as TwistedRefusedError
from twisted.internet.error import DNSLookupError
from twisted.python.failure import Failure

from crawler.addresses import AddressRefusedError
from crawler.document import FetchError
from crawler.exchange import failed, fetched
from crawler.patience import retry_after

URL = "http://site.example/"
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (DownloadTimeoutError(), FetchError.TIMEOUT),
        (CannotResolveHostError(), FetchError.DNS),
        (DNSLookupError(), FetchError.DNS),
        (AddressRefusedError(), FetchError.ADDRESS),
        (TwistedRefusedError(), FetchError.REFUSED),  # type: ignore[no-untyped-call]
        (ValueError("certificate verify failed"), FetchError.TLS),
        (ValueError("anything else"), FetchError.BROKEN),
        (FetchError.INVALID_URL, FetchError.INVALID_URL),
    ],
)
def test_a_failure_has_a_name_and_no_message(problem: BaseException | FetchError, expected: FetchError) -> None:
    """Also inside Twisted's wrapper; what the message quotes is not kept."""
    assert failed(URL, problem).error is expected
    if isinstance(problem, BaseException):
        assert failed(URL, Failure(problem)).error is expected  # type: ignore[no-untyped-call]


PLAIN = b"Words enough to be compressed. " * 20


@pytest.mark.parametrize(
    ("coding", "body", "expected"),
    [
        ("", PLAIN, PLAIN),
        ("identity", PLAIN, PLAIN),
        ("gzip", gzip.compress(PLAIN, mtime=0), PLAIN),
        ("deflate", zlib.compress(PLAIN), PLAIN),
        ("br", brotli.compress(PLAIN), PLAIN),
        ("gzip", PLAIN, PLAIN),  # announced and not done
        ("UTF-8", PLAIN, PLAIN),  # no coding at all; real servers say so
        ("gzip", gzip.compress(b"0" * 100_000, mtime=0), b""),  # a bomb: more than the limit below
    ],
)
def test_a_body_is_decoded_as_stored_bodies_are(coding: str, body: bytes, expected: bytes) -> None:
    """RFC 9110 section 8.4, leniently: crawl and archive must read the same bytes."""
    headers = {"Content-Encoding": coding} if coding else {}
    answer = fetched(Response(URL, headers=headers, body=body), max_bytes=50_000)
    assert answer.body == expected
    assert answer.error is (FetchError.NONE if expected else FetchError.TOO_LARGE)


def test_broken_gzip_is_no_text() -> None:
    """It is not what was announced wrongly: it is lost."""
    answer = fetched(Response(URL, headers={"Content-Encoding": "gzip"}, body=b"\x1f\x8b\x08 broken"))
    assert (answer.body, answer.error) == (b"", FetchError.NONE)


def test_repeated_headers_and_odd_bytes_are_kept() -> None:
    """In order, as Latin-1."""
    answer = fetched(Response(URL, headers={"X-Robots-Tag": [b"noai", b"n\xf6ai"]}, body=b""), clock=lambda: NOW)
    assert answer.header("x-robots-tag") == ("noai", "nöai")
    assert answer.fetched_at == NOW


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),  # already over
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    """RFC 9110 section 10.2.3."""
    assert retry_after(Response(URL, status=503, headers={"Retry-After": value} if value else {}), NOW) == seconds
