"""Answers and failures of Scrapy as exchanges."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from scrapy.exceptions import CannotResolveHostError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import Response
from twisted.internet.error import ConnectionRefusedError as TwistedRefusedError
from twisted.internet.error import DNSLookupError
from twisted.python.failure import Failure

from crawler.addresses import AddressRefusedError
from crawler.document import FetchError
from crawler.exchange import failed, fetched
from crawler.middlewares import retry_after

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
        (IgnoreRequest("its body exceeded DOWNLOAD_MAXSIZE during decompression"), FetchError.TOO_LARGE),
        (IgnoreRequest("another reason"), FetchError.BROKEN),
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


@pytest.mark.parametrize(
    ("coding", "error"),
    [
        ("", FetchError.NONE),
        ("identity", FetchError.NONE),
        ("x-foo", FetchError.BROKEN),
        ("gzip, x-foo", FetchError.BROKEN),
    ],
)
def test_a_body_that_nobody_can_decode_is_none(coding: str, error: FetchError) -> None:
    """RFC 9110 section 8.4: what is left of Content-Encoding was not undone."""
    headers = {"Content-Encoding": coding} if coding else {}
    assert fetched(Response(URL, headers=headers, body=b"x")).error is error


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
