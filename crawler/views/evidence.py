"""What is stored of one record, for people and for programs. Page bodies are never shown; of site files, text is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crawler.audit.line import printable
from crawler.page_record import masked_headers
from crawler.pii.mask import mask_text, mask_url
from crawler.sources.evidence import BODIES
from crawler.sources.one_record import OneRecord
from crawler.sources.warc_record import NO_BODY

MOST_LINES, MOST_OF_LINE = 40, 300  # of a site file
_TEXT = ("text/plain", "application/json", "text/json", "application/xml", "text/xml")
_NAMED_TEXT = (".txt", ".json", ".xml")


def as_mapping(record: OneRecord, *, body: bool) -> dict[str, Any]:
    """A record as plain values; identifiers are masked as in the ledger."""
    found: dict[str, Any] = {
        "record": record.reference,
        "what": what_of(record),
        "sound": record.is_sound,
        "bytes": record.bytes,
    }
    headers = dict(record.headers)
    found |= {"date": headers.get("WARC-Date", ""), "block_digest": headers.get("WARC-Block-Digest", "")}
    if NO_BODY in headers:
        found["body_not_here"] = headers[NO_BODY]
    if fetched := record.fetched:
        found |= {
            "url": mask_url(fetched.url),
            "status": fetched.status,
            "error": fetched.error.value,
            "headers": [list(header) for header in masked_headers(fetched)],
        }
        if fetched.final_url:
            found["followed_to"] = mask_url(fetched.final_url)
        if body and (lines := _lines_of(record)) is not None:
            found["body"] = lines
    return found


def what_of(record: OneRecord) -> str:
    """page, body, site file or other."""
    if record.fetched is None:
        return "other" if record.is_sound else "damaged"
    if record.fetched.site_file:
        return "site file"
    return "body" if record.reference.startswith(f"{BODIES}/") else "page"


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """A record for a terminal."""
    sound = "digest sound" if found["sound"] else "DAMAGED: the block does not fit its digest"
    yield f"{found['record']}  {found['what']}, {found['bytes']} bytes, {sound}"
    if "url" not in found:
        return
    yield f"  {found['url']}" + (f" -> {found['followed_to']}" if "followed_to" in found else "")
    answer = f"status {found['status']}" if found["status"] else "no answer"
    yield f"  {answer}" + (f" ({found['error']})" if found["error"] else "") + f", {found['date']}"
    for name, value in found["headers"]:
        yield f"    {name}: {value}"
    if "body_not_here" in found:
        yield f"  the body is not in this record: {found['body_not_here']}"
    for line in found.get("body", ()):
        yield f"  | {line}"


def _lines_of(record: OneRecord) -> list[str] | None:
    """The first lines of a site file that is text; of a page never."""
    fetched = record.fetched
    if fetched is None or not fetched.site_file or not _is_text(fetched.url, fetched.header("content-type")):
        return None
    whole = fetched.body.decode("utf-8-sig", "replace").splitlines()
    shown = [printable(mask_text(line))[:MOST_OF_LINE] for line in whole[:MOST_LINES]]
    return [*shown, f"... {len(whole) - MOST_LINES} more lines"] if len(whole) > MOST_LINES else shown


def _is_text(url: str, types: tuple[str, ...]) -> bool:
    kind = types[0].partition(";")[0].strip().lower() if types else ""
    return kind in _TEXT or (not kind.startswith("text/html") and url.partition("?")[0].lower().endswith(_NAMED_TEXT))
