"""Exchanges <-> WARC 1.1 (ISO 28500:2017), one gzip member a record.

A response is stored with its body decoded; what came to us without its headers stays a `resource`, and a text without
its HTML a `conversion`, as in WET files. The headers that spoke of the coded body are renamed as Common Crawl does
(`X-Crawl-Content-Encoding`, ...) and get their names back when read. An exchange without an answer is a `metadata`
record. Where the body may not be kept, its SHA-1, SHA-256 and length are.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType

from crawler.document import HEADERS, HTML, Fetched, FetchError
from crawler.sources.content_coding import TooLargeError, decode

MAX_BODY_BYTES = 32 * 1024 * 1024
MAX_BLOCK_BYTES = MAX_BODY_BYTES + 256 * 1024  # body and HTTP headers
LEVEL = 6  # of gzip
NO_BODY = "Usufruct-Body-Removed"  # sha1=..., sha256=..., length=... of the body that is not here

TEXT_URN = "urn:usufruct:"  # before the names of texts that have no address
_OCTETS = "application/octet-stream"
_HTTP_TYPE = "application/http; msgtype=response"
_FAILURE_TYPE = "application/vnd.usufruct.failure+json"
_FINAL_URI = "Usufruct-Final-URI"
_SITE_FILE = "Usufruct-Site-File"  # "yes": fetched for what it says about pages
CONTENT = "Usufruct-Content-SHA256"  # of what a record would hold of the page, before any treatment
_CODINGS = ("content-encoding", "transfer-encoding")
_PREFIX = "X-Crawl-"  # before the names of headers that speak of the coded body
_RENAMED = (*_CODINGS, "content-length")
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # WARC-Date is mandatory
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?!\d)")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def record_bytes(fetched: Fetched, *, keep_body: bool, content: str = "") -> bytes:
    """One complete gzip member that holds the exchange.

    Args:
        fetched: An answer, or a failure; a failure's body is not stored.
        keep_body: False leaves the body out and its digests in. A page of status 2xx then reads back as `not-recorded`.
        content: SHA-256 of what a record would hold of the page, where that is known.
    """
    record = WarcRecord()
    failed = not fetched.status or fetched.error is not FetchError.NONE
    record.init_headers(WarcRecordType.metadata if failed else _type_of(fetched))
    headers = record.headers
    headers["WARC-Target-URI"] = _one_line(fetched.url)
    headers["WARC-Date"] = (fetched.fetched_at or _NO_TIME).astimezone(UTC).isoformat().replace("+00:00", "Z")
    if fetched.final_url:
        headers[_FINAL_URI] = _one_line(fetched.final_url)
    if fetched.site_file:
        headers[_SITE_FILE] = "yes"
    if content:
        headers[CONTENT] = content
    if failed:
        headers["Content-Type"] = _FAILURE_TYPE
        record.set_bytes_content(_failure(fetched))
        return _member(record, None)
    body = fetched.body
    if body and not keep_body:
        sha1, sha256 = hashlib.sha1(body).hexdigest(), hashlib.sha256(body).hexdigest()
        headers["WARC-Truncated"] = "unspecified"
        headers[NO_BODY] = f"sha1={sha1}, sha256={sha256}, length={len(body)}"
        body = b""
    if fetched.unrecorded:
        headers["Content-Type"] = _one_line(next(iter(fetched.header("content-type")), _OCTETS))
        record.set_bytes_content(body)
        return _member(record, None)
    headers["Content-Type"] = _HTTP_TYPE
    record.is_http = True
    record.set_bytes_content(_head(fetched, len(body)) + body)
    return _member(record, hashlib.sha1(body).digest())


def warcinfo_bytes(software: str) -> bytes:
    """The gzip member that opens a file and says what wrote it."""
    record = WarcRecord()
    record.init_headers(WarcRecordType.warcinfo)
    record.headers["Content-Type"] = "application/warc-fields"
    record.set_bytes_content(f"software: {software}\r\nformat: WARC File Format 1.1\r\n".encode())
    return _member(record, None)


def fetched_of(record: WarcRecord, content: bytes, place: str) -> Fetched | None:
    """The exchange that a record holds; None when it holds none (requests, file information, DNS answers).

    Args:
        record: As read, HTTP not parsed.
        content: Its whole block.
        place: Becomes `Fetched.record`.
    """
    if record.record_type == WarcRecordType.metadata and record.headers.get("Content-Type") == _FAILURE_TYPE:
        return replace(_failed(record, content, place), site_file=is_site_file(record))
    url = target_of(record)
    if not url.lower().startswith(("http://", "https://", TEXT_URN)):
        return None
    read = _READ.get(int(record.record_type))
    return replace(read(record, content, place, url), site_file=is_site_file(record)) if read else None


def is_exchange(record: WarcRecord) -> bool:
    """Whether the record may hold an exchange, by its type."""
    if record.record_type == WarcRecordType.metadata:
        return bool(record.headers.get("Content-Type") == _FAILURE_TYPE)
    return int(record.record_type) in _READ


def is_site_file(record: WarcRecord) -> bool:
    """Whether the record says that it was fetched for what it says about pages."""
    return record.headers.get(_SITE_FILE) == "yes"


def target_of(record: WarcRecord) -> str:
    """The record's target address; "" when it has none."""
    return (record.headers.get("WARC-Target-URI") or "").strip().removeprefix("<").removesuffix(">")


def time_of(record: WarcRecord) -> datetime | None:
    """When the exchange took place, UTC; None when the record does not say."""
    try:
        time = datetime.fromisoformat((record.headers.get("WARC-Date") or "").strip())
    except ValueError:
        return None
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return None if time == _NO_TIME else time


def _read_response(record: WarcRecord, content: bytes, place: str, url: str) -> Fetched:
    found = _STATUS.match(content)
    if not found:
        return Fetched(url, 0, fetched_at=time_of(record), error=FetchError.BROKEN, record=place)
    end = _HEAD_END.search(content)
    headers = _headers(content[found.end() : end.start() if end else len(content)])
    decoded = any(_is_renamed(key) for key, _ in headers)  # before it was stored, by Common Crawl or by us
    headers = _old_names(headers)
    content_codings, transfer_codings = ([v for k, v in headers if k.lower() == coding] for coding in _CODINGS)
    error, body = FetchError.NONE, content[end.end() :] if end else b""
    try:
        body = body if decoded else decode(body, transfer_codings, content_codings, MAX_BODY_BYTES)
    except TooLargeError:
        error, body = FetchError.TOO_LARGE, b""
    if record.headers.get(NO_BODY) and found[1].startswith(b"2"):  # the others are judged by status and headers
        error = FetchError.NOT_RECORDED
    return Fetched(
        url, int(found[1]), headers, body, time_of(record), error, record.headers.get(_FINAL_URI) or "", place
    )


def _read_revisit(record: WarcRecord, content: bytes, place: str, url: str) -> Fetched:
    """The same answer as another record, whose body is there."""
    return Fetched(url, 0, fetched_at=time_of(record), error=FetchError.NOT_RECORDED, record=place)


def _read_resource(record: WarcRecord, content: bytes, place: str, url: str) -> Fetched:
    """A body that was stored without its headers."""
    media_type = record.headers.get("Content-Type")
    headers = (("Content-Type", media_type),) if media_type else ()
    error = FetchError.NOT_RECORDED if record.headers.get(NO_BODY) else FetchError.NONE
    return Fetched(url, 200, headers, content, time_of(record), error, record=place, unrecorded=(HEADERS,))


def _read_conversion(record: WarcRecord, content: bytes, place: str, url: str) -> Fetched:
    """A text that somebody took out of a page, without the page."""
    return replace(_read_resource(record, content, place, url), unrecorded=(HEADERS, HTML))


_READ: dict[int, Callable[[WarcRecord, bytes, str, str], Fetched]] = {  # the types themselves do not hash
    int(WarcRecordType.response): _read_response,
    int(WarcRecordType.revisit): _read_revisit,
    int(WarcRecordType.resource): _read_resource,
    int(WarcRecordType.conversion): _read_conversion,
}


def _type_of(fetched: Fetched) -> WarcRecordType:
    if HTML in fetched.unrecorded:
        return WarcRecordType.conversion
    return WarcRecordType.resource if fetched.unrecorded else WarcRecordType.response


def _head(fetched: Fetched, length: int) -> bytes:
    """Status line and headers of the body as it is stored."""
    lines = [f"HTTP/1.1 {fetched.status:03d} {_PHRASES.get(fetched.status, '')}"]
    for name, value in fetched.headers:
        lines.append(f"{_PREFIX if name.lower() in _RENAMED else ''}{name}: {value}")
        if name.lower() == "content-length":
            lines.append(f"Content-Length: {length}")
    return "\r\n".join(map(_one_line, lines)).encode("latin-1", "replace") + b"\r\n\r\n"


def _is_renamed(name: str) -> bool:
    prefix, old = name[: len(_PREFIX)].lower(), name[len(_PREFIX) :].lower()
    return prefix == _PREFIX.lower() and old in _RENAMED


def _old_names(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Undo `_head`: the corrected length goes, the original headers come back."""
    corrected = any(_is_renamed(key) and key.lower().endswith("content-length") for key, _ in headers)
    return tuple(
        (key[len(_PREFIX) :] if _is_renamed(key) else key, value)
        for key, value in headers
        if not (corrected and key.lower() == "content-length")
    )


def _headers(head: bytes) -> tuple[tuple[str, str], ...]:
    headers: list[tuple[str, str]] = []
    for line in head.decode("latin-1").split("\n")[1:]:
        name, colon, value = line.rstrip("\r").partition(":")
        if line[:1] in (" ", "\t") and headers:  # obsolete line folding
            headers[-1] = headers[-1][0], f"{headers[-1][1]} {line.strip()}"
        elif colon and name.strip():
            headers.append((name.strip(), value.strip(" \t")))
    return tuple(headers)


def _failure(fetched: Fetched) -> bytes:
    content = {
        "url": fetched.url,
        "error": fetched.error.value,
        "status": fetched.status,
        "headers": fetched.headers,
        "final_url": fetched.final_url,
    }
    return json.dumps(content).encode()


def _failed(record: WarcRecord, content: bytes, place: str) -> Fetched:
    try:
        said = json.loads(content)
        headers = tuple((str(name), str(value)) for name, value in said["headers"])
        return Fetched(
            said["url"],
            said["status"],
            headers,
            b"",
            time_of(record),
            FetchError(said["error"]),
            said["final_url"],
            place,
        )
    except (ValueError, KeyError, TypeError):
        return Fetched(target_of(record), 0, fetched_at=time_of(record), error=FetchError.BROKEN, record=place)


def _member(record: WarcRecord, payload_sha1: bytes | None) -> bytes:
    buffer = io.BytesIO()
    writer = GzipWriter(buffer, compression_level=LEVEL)
    record.write(writer, checksum_data=True, payload_digest=payload_sha1)
    writer.finish()
    return buffer.getvalue()


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).encode("utf-8", "replace").decode()


def block_is_sound(record: WarcRecord, content: bytes) -> bool:
    """Whether the block has its length and, where the record names it with SHA-1, SHA-256 or MD5, its digest."""
    if len(content) < record.content_length:
        return False
    algorithm, _, value = (record.headers.get("WARC-Block-Digest") or "").strip().partition(":")
    name = algorithm.lower().replace("-", "")
    if name not in ("sha1", "sha256", "md5"):
        return True
    digest = hashlib.new(name, content, usedforsecurity=False)
    return value.lower() == digest.hexdigest() or value.rstrip("=") == base64.b32encode(
        digest.digest()
    ).decode().rstrip("=")
