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
from scrapy.utils.python import to_unicode
from twisted.internet import error as twisted_error
from twisted.python.failure import Failure

from crawler.addresses import AddressRefusedError
from crawler.document import Fetched, FetchError

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


def fetched(response: Response, *, url: str = "", clock: Clock = now) -> Fetched:
    """A response as an exchange; `url` is what was asked for, where that differs (redirected site files)."""
    asked = url or response.url
    return Fetched(
        url=asked,
        status=response.status,
        headers=tuple(
            (to_unicode(name, "latin-1"), to_unicode(value, "latin-1"))
            for name, value in response.headers.to_tuple_list()
        ),
        body=response.body,
        fetched_at=clock(),
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
