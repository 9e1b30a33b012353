"""Sets of texts as exchanges: Parquet as Hugging Face hosts it, JSON lines of datatrove and Dolma. No row is lost.

The text of a row is a page of plain text, whose headers and HTML were not recorded. Its address is looked for where
these formats have it; a row without one is named after its file and place, so that it has a line in the ledger, too.
An empty text is a row like any other (datatrove's own readers leave it out without a word).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crawler.document import HEADERS, HTML, Fetched, FetchError
from crawler.sources.storage import Address, SourceError, name_of, told, unit_name
from crawler.sources.warc_record import MAX_BODY_BYTES, TEXT_URN

TEXTS = ("text", "content", "raw_content")  # where a text stands, best first
ADDRESSES = (
    "url",
    "metadata.url",
    "metadata.source_url",
    "source_url",
    "uri",
    "link",
    "source",
    "metadata.source",
    "id",
)
TIMES = ("metadata.date", "date", "timestamp", "metadata.timestamp", "added")
_PLAIN = (("Content-Type", "text/plain; charset=utf-8"),)
_WEB = ("http://", "https://")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fields:
    """Where text and address stand, if not where the formats have them: "page_text", "meta.link". "" for there."""

    text: str = ""
    url: str = ""


AS_USUAL = Fields()


@dataclass(frozen=True, slots=True)
class Columns:
    """Where to look in the rows of one file, best first."""

    texts: Sequence[str]
    urls: Sequence[str]


def columns_of(address: Address, names: Sequence[str], fields: Fields) -> Columns:
    """Where to look in a file whose columns have these names, those within others after a dot.

    Raises:
        SourceError: The text is not there, or what the operator named is not; the message lists the columns.
    """
    there = ", ".join(names) or "none"
    for argument, wanted in (("text_field", fields.text), ("url_field", fields.url)):
        if wanted and wanted not in names:
            raise SourceError(f"{told(address)}: no column {wanted!r}; the columns are {there}. Correct -a {argument}=")
    if not fields.text and not any(name in names for name in TEXTS):
        raise SourceError(
            f"{told(address)}: no column {', '.join(TEXTS[:-1])} or {TEXTS[-1]}; the columns are {there}. "
            "Say where the text stands: -a text_field=NAME"
        )
    return Columns([fields.text] if fields.text else TEXTS, [fields.url] if fields.url else ADDRESSES)


def names_in(row: Row) -> list[str]:
    """The names of a row's columns, those within others after a dot."""
    inner = [f"{name}.{each}" for name, value in row.items() if isinstance(value, Mapping) for each in value]
    return [*row, *inner]


def page_of(row: Row, columns: Columns, address: Address, number: int) -> Fetched:
    """A row as a page.

    Args:
        row: Its values by column.
        columns: Where to look.
        address: Of its file.
        number: Its place in the file, from 0.
    """
    text = _first(row, columns.texts)
    body = text.encode("utf-8", "replace") if isinstance(text, str) else b""
    url = next((found for name in columns.urls if (found := _web(value_at(row, name)))), "")
    too_large = len(body) > MAX_BODY_BYTES
    return Fetched(
        url or name_of_row(address, number),
        0 if too_large else 200,
        _PLAIN,
        b"" if too_large else body,
        next((time for name in TIMES if (time := _time(value_at(row, name)))), None),
        FetchError.TOO_LARGE if too_large else FetchError.NONE,
        record=f"{name_of(address)}#{number}",
        unrecorded=(HEADERS, HTML),
    )


def broken_row(address: Address, number: int) -> Fetched:
    """A row that cannot be read is an outcome, too."""
    record = f"{name_of(address)}#{number}"
    return Fetched(name_of_row(address, number), 0, error=FetchError.BROKEN, record=record)


def name_of_row(address: Address, number: int) -> str:
    """What a text is called that has no address: the same each time the same file is read."""
    return f"{TEXT_URN}{unit_name(address)}:{number}"


def value_at(row: Row, name: str) -> Any:
    """The value of a column, or of one within another after a dot; None where there is none."""
    if name in row:
        return row[name]
    outer, _, inner = name.partition(".")
    value = row.get(outer) if inner else None
    return value_at(value, inner) if isinstance(value, Mapping) else None


def _first(row: Row, names: Sequence[str]) -> Any:
    return next((value for name in names if (value := value_at(row, name)) is not None), None)


def _web(value: Any) -> str:
    found = value.strip() if isinstance(value, str) else ""
    return found if found.lower().startswith(_WEB) else ""


def _time(value: Any) -> datetime | None:
    """A time, UTC; None for what is none, or is beyond what a calendar here can say."""
    try:
        found = datetime.fromisoformat(value.strip()) if isinstance(value, str) else value
        if not isinstance(found, datetime):
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
