"""Bytes to text: tables in tests/text/, and what must hold for all bytes."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from crawler import text
from crawler.document import Extracted, Fetched
from crawler.policy.vocabulary import VOCABULARY
from crawler.text import engines, quality
from crawler.text.language import known_languages

TABLES = Path(__file__).parent / "text"
URL = "http://site.example/dir/page"


def _rows(name: str) -> list[Any]:
    rows = YAML(typ="safe", pure=True).load((TABLES / name).read_text(encoding="utf-8"))
    return [pytest.param(row, id=row["id"]) for row in rows]


def _page(body: bytes, content_type: str = "text/html") -> Fetched:
    return Fetched(URL, 200, (("Content-Type", content_type),) if content_type else (), body)


@pytest.mark.parametrize("row", _rows("pages.yaml"))
def test_page_is_read_as_the_table_says(row: dict[str, Any]) -> None:
    """Text, title, date, author and language are those of the row."""
    body = row["body_latin1"].encode("latin-1") if "body_latin1" in row else row["body"].encode()
    parsed = text.parse(_page(body, row["type"]))
    assert parsed is not None
    found = parsed.extract()
    assert row.get("has", "") in found.text
    assert "lacks" not in row or row["lacks"] not in found.text
    for name in ("text", "title", "date", "author", "language"):
        assert getattr(found, name) == row.get(name, getattr(found, name))


SENTENCES = "<p>The lighthouse was lit again on Sunday, after many years of darkness, and all the town came.</p>"
TWO_TEXTS = f"""<!doctype html>
<html lang=en><head><title>The lighthouse</title><meta name=author content="A. Writer"></head>
<body><nav><ul><li><a href=/a>Our products</a></li></ul></nav><main><article><h1>The lighthouse</h1>{SENTENCES * 4}
</article></main>
<div class=comments><p>Somebody commented on this at length, as somebody does.</p></div></body></html>"""


@pytest.mark.parametrize("engine", engines.ENGINES)
def test_every_engine_reads_the_main_text_and_the_same_declarations(engine: str) -> None:
    """No navigation, no comments; the record names the engine; a page without text has none."""
    extract = engines.extractor(engine)
    parsed, empty = text.parse(_page(TWO_TEXTS.encode())), text.parse(_page(b"<html><body></body></html>"))
    assert parsed is not None
    assert empty is not None
    found = extract(parsed)
    assert "lit again on Sunday" in found.text
    assert "products" not in found.text
    assert "commented" not in found.text
    assert found.engine.startswith(engine)
    assert (found.title, found.author, found.language_declared) == ("The lighthouse", "A. Writer", "en")
    assert found.language == "en"
    assert extract(empty).text == ""
    assert extract(parsed) == found


@pytest.mark.parametrize("row", _rows("links.yaml"))
def test_links_are_those_of_the_table(row: dict[str, Any]) -> None:
    """What may be followed, in document order."""
    parsed = text.parse(_page(f"<!doctype html><body>{row['html']}".encode()))
    assert parsed is not None
    assert list(parsed.links()) == row["links"]


URLSET = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://a.example/1</loc></url>'


@pytest.mark.parametrize(
    ("body", "kind", "addresses"),
    [
        (URLSET + "<url><loc> /2#x </loc></url></urlset>", "sitemap", ("http://a.example/1", "http://site.example/2")),
        (URLSET, "sitemap", ("http://a.example/1",)),  # cut off: what is there counts
        ("<sitemapindex><sitemap><loc>http://a.example/s.xml</loc></sitemap></sitemapindex>", "sitemap-index",
         ("http://a.example/s.xml",)),
        ("<html><body>a page about <urlset> elements</body></html>", "", ()),
        ("<rss><channel><link>http://a.example/</link></channel></rss>", "", ()),
        ("plain text about urlset", "", ()),
        ("", "", ()),
        ("<!DOCTYPE u [<!ENTITY e SYSTEM 'file:///x'>]><urlset><url><loc>&e;</loc></url></urlset>", "sitemap", ()),
    ],
)  # fmt: skip
def test_sitemap_lists_addresses_plain_and_gzipped(body: str, kind: str, addresses: tuple[str, ...]) -> None:
    """The root element says what it is; gzip makes no difference; entities are not resolved."""
    for content in (body.encode(), gzip.compress(body.encode())):
        page = _page(content, "application/xml")
        assert text.sitemap_kind(page) == kind
        assert not kind or text.listed(page) == addresses


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(["text/html", "text/html; charset=utf-16", "text/plain", "", "x/y; charset=?"]),
)
def test_no_bytes_raise(body: bytes, content_type: str) -> None:
    """Whatever the server sent, reading it gives something or nothing, twice the same."""
    page = _page(body, content_type)
    parsed = text.parse(page)
    if parsed:
        assert parsed.extract() == parsed.extract()
        parsed.links()
    if text.is_plain(page):
        text.read_plain(page)
    text.sitemap_kind(page)
    text.listed(page)


@pytest.mark.parametrize("row", _rows("quality.yaml"))
def test_quality_is_stated_as_the_table_says(row: dict[str, Any]) -> None:
    """The language, four numbers, and a fact for each bound that is passed."""
    said = row["text"]
    if "words" in row:  # so many different ones
        said = " ".join(f"{said}{number}" for number in range(row["words"]))
    facts = list(quality.facts_of(Extracted(said)))
    assert all(fact.where == "text" for fact in facts)
    language, *numbers = [(fact.name, fact.value) for fact in facts][: 1 + len(quality.NUMBERS)]
    assert language == ("text.language", "unknown")
    assert numbers == list(zip(quality.NUMBERS, row.get("numbers", [row.get("words"), 0, 0, 0]), strict=True))
    assert [(fact.name, fact.value) for fact in facts][5:] == [(flag, True) for flag in row["flags"]]


def test_languages_are_those_that_can_be_told_apart() -> None:
    """A rule may name them, and no others."""
    assert set(VOCABULARY["text.language"] or ()) == {*known_languages(), quality.UNKNOWN}
    (first, *_) = quality.facts_of(Extracted("x", language="ja"))
    assert (first.name, first.value) == ("text.language", "ja")


@settings(deadline=None)
@given(st.text())
def test_quality_of_any_text(said: str) -> None:
    """Shares are between 0 and 1000, and nothing raises, on whatever text."""
    numbers = [fact.value for fact in quality.facts_of(Extracted(said)) if fact.name in quality.NUMBERS[2:]]
    assert all(isinstance(number, int) and 0 <= number <= 1000 for number in numbers)
