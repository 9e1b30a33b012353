"""text/plain: the text is the body."""

from __future__ import annotations

from crawler.document import Extracted, Fetched
from crawler.text.decode import decode
from crawler.text.language import detect


def is_plain(page: Fetched) -> bool:
    """Whether the server calls it plain text."""
    return _media_type(page) == "text/plain"


def read_plain(page: Fetched) -> Extracted:
    """The body as text, line ends made one kind."""
    text = decode(page.body, _content_type(page)).replace("\r\n", "\n").replace("\r", "\n").strip()
    return Extracted(text=text, language=detect(text), engine="plain")


def _content_type(page: Fetched) -> str:
    return next(iter(page.header("content-type")), "")


def _media_type(page: Fetched) -> str:
    return _content_type(page).split(";")[0].strip().lower()
