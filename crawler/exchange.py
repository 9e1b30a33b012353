"""Scrapy's answers and failures as exchanges: the one place where a response becomes `Fetched`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Response
from twisted.internet import error as twisted_error
from twisted.python.failure import Failure

from crawler.addresses import AddressRefusedError
from crawler.document import Fetched, FetchError
from crawler.sources.content_coding import TooLargeError, decode
from crawler.sources.warc import MAX_BODY_BYTES

# Scrapy's exceptions first, then Twisted's, which some handlers let through.
ERRORS: tuple[tuple[type[BaseException], FetchError], ...] = (
    (AddressRefusedError, FetchError.ADDRESS),
    (CannotResolveHostError, FetchError.DNS),
    (twisted_error.DNSLookupError, FetchError.DNS),
    (DownloadTimeoutError, FetchError.TIMEOUT),
    (twisted_error.TimeoutError, FetchError.TIMEOUT),
    (DownloadConnectionRefusedError, FetchError.REFUSED),
    (twisted_error.ConnectionRefusedError, FetchError.REFUSED),
    (twisted_error.ConnectionLost, FetchError.REFUSED),
    (DownloadCancelledError, FetchError.TOO_LARGE),
    (UnsupportedURLSchemeError, FetchError.SCHEME),
)

Clock = Callable[[], datetime]


def now() -> datetime:
    """The time in UTC, to the second as WARC-Date has it."""
    return datetime.now(UTC).replace(microsecond=0)


def fetched(response: Response, *, url: str = "", max_bytes: int = MAX_BODY_BYTES, clock: Clock = now) -> Fetched:
    """A response as an exchange, its content coding undone as stored bodies are read.

    Args:
        response: As it came over the line.
        url: What was asked for, where that differs (redirected site files).
        max_bytes: Of the decoded body.
        clock: The time of the exchange.
    """
    asked, error, body = url or response.url, FetchError.NONE, response.body
    codings = [value.decode("latin-1") for value in response.headers.getlist("Content-Encoding")]
    try:
        body = decode(body, (), codings, max_bytes)
    except TooLargeError:
        error, body = FetchError.TOO_LARGE, b""
    return Fetched(
        url=asked,
        status=response.status,
        headers=tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name in response.headers  # to_tuple_list() takes them for UTF-8, and raises where they are not
            for value in response.headers.getlist(name)
        ),
        body=body,
        fetched_at=clock(),
        error=error,
        final_url=response.url if response.url != asked else "",
    )


def failed(url: str, problem: Failure | BaseException | FetchError, *, clock: Clock = now) -> Fetched:
    """A failure as an exchange. The message of the failure is not kept: it may quote what the server sent."""
    return Fetched(url=url, status=0, fetched_at=clock(), error=error_of(problem))


def error_of(problem: Failure | BaseException | FetchError) -> FetchError:
    """Which kind of failure it is; what is known by no name is `broken`."""
    if isinstance(problem, FetchError):
        return problem
    error = problem.value if isinstance(problem, Failure) else problem
    for kind, name in ERRORS:
        if isinstance(error, kind):
            return name
    if "ssl" in type(error).__module__.lower() or "certificate" in str(error).lower():
        return FetchError.TLS
    reasons = [reason for reason in getattr(error, "reasons", None) or () if isinstance(reason, Failure)]
    known = (error_of(reason) for reason in reasons)
    cause = getattr(error, "__cause__", None)
    return next(
        (name for name in known if name is not FetchError.BROKEN), error_of(cause) if cause else FetchError.BROKEN
    )
