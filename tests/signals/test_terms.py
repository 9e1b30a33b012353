"""What holds for reservations in natural language whatever the text: quotes are found there, and reading ends."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resiliparse.parse.html import HTMLTree

from crawler.document import Evidence, Fetched
from crawler.signals import _prose as prose
from crawler.signals import terms
from tests.ending import ends

URL = "https://site.example/page"
WORDS = [word for kind in ("activity", "training", "machine", "refusal", "spoiler") for word in prose.words(kind)]
PROSE = st.lists(st.sampled_from([*WORDS, ". ", "。", ":\n", "\n • ", "|", " Art. 4 ", "x"]), max_size=30).map(" ".join)


@given(text=PROSE | st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_quotes_are_verbatim(text: str) -> None:
    """Each candidate is a piece of the text, of at most 200 characters, that names a thing."""
    for quote in prose.find(text):
        assert 0 < len(quote) <= 200
        assert quote in text
        assert prose.may_hold_any(text)


@given(body=st.binary(max_size=300), path=st.sampled_from(["/terms", "/llms.txt", "/robots.txt", "/x", "https://["]))
@settings(max_examples=200, deadline=None)
def test_no_bytes_raise(body: bytes, path: str) -> None:
    """Any bytes in any place give facts or none, and links of this host or none."""
    page = Fetched(
        URL, 200, (("Content-Type", "text/html; charset=x-user-defined"),), b'<a href="//[">terms</a>' + body
    )
    evidence = Evidence(URL, "x", {path: Fetched("", 200, (), b"<" + body)}, page, HTMLTree.parse_from_bytes(page.body))
    assert {fact.name for fact in terms.read(evidence)} <= set(terms.FACTS)
    assert all(link.startswith("/") for link in terms.linked(evidence))


@pytest.mark.parametrize(
    "text", ["scraping ", "may not ", "train AI may not ", "a. ", "禁止爬虫", " ", ":\n", "You may not 以下", "§ - "]
)
def test_hostile_texts_end(text: str) -> None:
    """Megabytes of the words we look for are read in bounded time; the bound here is lax."""
    with ends():
        list(prose.find(text * (1_000_000 // len(text))))


@pytest.mark.parametrize("markup", [b"<a ", b"<a href=x ", b"<a rel=rel=", b"<footer>", b"<div class=footer>train "])
def test_hostile_markup_ends(markup: bytes) -> None:
    """Elements that never end, or lie in each other without end, are read in bounded time."""
    page = Fetched(URL, 200, (), markup * 20_000)
    with ends():
        evidence = Evidence(URL, "x", {}, page, HTMLTree.parse_from_bytes(page.body))
        list(terms.read(evidence)), list(terms.linked(evidence))
