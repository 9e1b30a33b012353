"""RSL documents, ai.txt and trust.txt: what holds for all inputs, and answers to hostile ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resiliparse.parse.html import HTMLTree

from crawler.document import Embedded, Evidence, Fact, Fetched
from crawler.signals import _rsl_document as rsl_document
from crawler.signals import ai_txt, at_page, rsl, trust_txt
from tests.ending import ends
from tests.test_signals import evidence_of, rows

URL = "https://site.example/page"
ROBOTS = Fetched("", 200, (), b"License: https://site.example/rsl.xml\n")
OPEN, CLOSE = b'<rsl xmlns="https://rslstandard.org/rsl">', b"</rsl>"
REFUSAL = b'<license><prohibits type="usage">ai-train</prohibits></license>'


def facts_of(document: bytes) -> tuple[Fact, ...]:
    site = {"/robots.txt": ROBOTS, "/rsl.xml": Fetched("", 200, (), document)}
    return tuple(rsl.read(Evidence(URL, "ExampleTrainBot", site, Fetched(URL, 200))))


BILLION_LAUGHS = (
    b"<!DOCTYPE rsl ["
    + b'<!ENTITY a "ai-train">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (new, b"&%c;" % old * 10) for old, new in zip(b"abcdefghi", b"bcdefghij", strict=True)
    )
    + b"]>"
)
HOSTILE = {
    "billion laughs in text": BILLION_LAUGHS + OPEN + b"<content>&j;</content>" + CLOSE,
    "billion laughs in an attribute": BILLION_LAUGHS + OPEN + b'<content url="&j;"/>' + CLOSE,
    "an external entity": b'<!DOCTYPE rsl [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + OPEN + b"&x;" + CLOSE,
    "an external document type": b'<!DOCTYPE rsl SYSTEM "http://127.0.0.1:9/rsl.dtd">' + OPEN + CLOSE,
    "elements in elements in elements": OPEN + b"<content>" * 100_000,
    "the same, closed": OPEN + b"<content>" * 40_000 + b"</content>" * 40_000 + CLOSE,
    "one that is too large": OPEN
    + b'<content url="/">'
    + REFUSAL
    + b"</content>"
    + b" " * rsl_document.MAX_BYTES
    + CLOSE,
    "attributes without end": OPEN + b"<content " + b" ".join(b'a%d=""' % n for n in range(50_000)),
    "an unknown encoding": b'<?xml version="1.0" encoding="x-klingon"?>' + OPEN + CLOSE,
    "zeros": b"\0" * 1000,
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_are_not_read(document: bytes) -> None:
    """They say nothing, at once, and nothing is loaded for them."""
    with ends():
        assert [(fact.name, fact.value) for fact in facts_of(document)] == [("rsl.unread", "not-rsl")]


def test_ten_thousand_contents_take_no_time() -> None:
    """Also where every pattern matches as far as it can."""
    contents = b"".join(b'<content url="/%s%d">%s</content>' % (b"*a" * 9, n, REFUSAL) for n in range(8_000))
    document = OPEN + contents + b'<content url="/">' + REFUSAL + b"</content>" + CLOSE
    assert len(document) < rsl_document.MAX_BYTES
    with ends():
        assert [fact.value for fact in facts_of(document) if fact.name == "rsl.ai-train"] == ["reserved"]


def test_many_license_lines_lead_to_few_documents() -> None:
    """A robots.txt with ten thousand of them costs eight requests, and its reading no time."""
    lines = b"".join(b"License: https://site.example/%d\n\n" % n for n in range(10_000))
    site = {"/robots.txt": Fetched("", 200, (), b"User-agent: x\n" + lines)}
    with ends():
        assert len(list(rsl.linked(Evidence(URL, "ExampleTrainBot", site)))) == 8
        assert len(list(rsl.linked(Evidence(URL, "x", site)))) == 8


def test_what_travels_on_to_the_page() -> None:
    """RSL documents, also one that could not be had, and robots.txt if it leads to one."""
    terms, gone = Fetched("", 200, (), b"<html>"), Fetched("", 404)
    site = {"/robots.txt": ROBOTS, "/rsl.xml": Fetched("", 200, (), OPEN + CLOSE), "/terms.html": terms}
    page = Fetched(URL, 200, (("Link", '</other.xml>; rel="license"; type="application/rsl+xml"'),))
    asked = Evidence(URL, "ExampleTrainBot", {**site, "/other.xml": gone}, page)
    assert set(at_page(asked)) == {"/robots.txt", "/rsl.xml", "/other.xml"}
    silent = Fetched("", 200, (), b"User-agent: *\nDisallow: /tmp/\n")
    assert at_page(Evidence(URL, "ExampleTrainBot", {**site, "/robots.txt": silent}, Fetched(URL, 200))) == {}


@pytest.mark.parametrize("name", ["rsl", "ai_txt", "trust_txt"])
def test_quotes_are_verbatim(name: str) -> None:
    """What is quoted stands in the evidence as quoted."""
    module = {"rsl": rsl, "ai_txt": ai_txt, "trust_txt": trust_txt}[name]
    for row in rows(name):
        evidence = evidence_of(row)
        bodies = [file.body for file in (*evidence.site.values(), *([evidence.page] if evidence.page else []))]
        headers = [value.encode() for _, value in (evidence.page.headers if evidence.page else ())]
        for fact in module.read(evidence):
            assert any(fact.quote.encode() in text for text in [*bodies, *headers]), row["id"]


TOKENS = st.lists(
    st.sampled_from(["all", "ai-all", "ai-train", "search", "train-ai", "z:x", "ai-train,search"]), max_size=3
)
LIST = st.tuples(st.sampled_from(["permits", "prohibits"]), st.sampled_from(["usage", "user", ""]), TOKENS)
LICENSE = st.lists(LIST, max_size=3)
CONTENT = st.tuples(st.sampled_from(["/", "/p", "/page$", "/*", "/other", ""]), st.lists(LICENSE, max_size=2))


def as_document(contents: list[Any]) -> bytes:
    parts = [
        f'<content url="{url}">'
        + "".join(
            "<license>"
            + "".join(f'<{tag} type="{type_}">{" ".join(tokens)}</{tag}>' for tag, type_, tokens in lists)
            + "</license>"
            for lists in licenses
        )
        + "</content>"
        for url, licenses in contents
    ]
    return OPEN + "".join(parts).encode() + CLOSE


@given(contents=st.lists(CONTENT, max_size=4))
@settings(max_examples=200, deadline=None)
def test_order_of_contents_never_matters(contents: list[Any]) -> None:
    """Contents may stand in any order, and a prohibition for this very page stands whatever they permit."""
    assert uses_of(contents) == uses_of(contents[::-1])
    refused = [*contents, ("/page$", [[("prohibits", "usage", ["ai-train"])]])]
    assert uses_of(refused)["rsl.ai-train"] == "reserved"


def uses_of(contents: list[Any]) -> dict[str, object]:
    names = [f"rsl.{use}" for use in rsl_document.USES]
    return {fact.name: fact.value for fact in facts_of(as_document(contents)) if fact.name in names}


@given(licenses=st.lists(LICENSE, max_size=2), more=LIST)
@settings(max_examples=200, deadline=None)
def test_one_prohibition_more_makes_no_use_freer(licenses: list[Any], more: Any) -> None:
    """What a content permits or refuses is at least as strict with another license that only prohibits."""
    refusal = [("prohibits", *more[1:])]
    before, after = (parsed(("/", given_licenses)) for given_licenses in (licenses, [*licenses, refusal]))
    spoken_of = [use for use in rsl_document.USES if before.says(use)]
    assert all(after.says(use) >= before.says(use) for use in spoken_of)


def parsed(content: Any) -> rsl_document.Content:
    document = rsl_document.parse(as_document([content]))
    assert document is not None
    return document.contents[0]


ODD = st.binary(max_size=200) | st.sampled_from(
    [
        b"",
        b"\xff\xfe",
        b"<",
        b"License: http://[",
        b"License: https://site.example/rsl.xml#%",
        OPEN,
        OPEN + b"<content url='//['/>" + CLOSE,
    ]
)


@given(robots=ODD, document=ODD, other=ODD, page=ODD, link=st.binary(max_size=40), url=st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_no_bytes_raise(robots: bytes, document: bytes, other: bytes, page: bytes, link: bytes, url: str) -> None:
    """Whatever is served, reading and asking for more give declared facts and short quotes, and no exception."""
    line = link.decode("latin-1")
    headers = (("Link", line), ("Link", f'<{line}>; rel="license"; type="application/rsl+xml"'))
    address = "https://site.example/" + url
    site = {"/robots.txt": Fetched("", 200, (), robots), "/rsl.xml": Fetched("", 200, (), document)}
    site |= {path: Fetched("", 200, (), other) for path in ("/ai.txt", "/trust.txt", "/.well-known/trust.txt")}
    script = b'<script type="application/rsl+xml">' + page + b"</script>" + page
    for body, html in ((page, None), (script, None), (script, HTMLTree.parse_from_bytes(script))):
        exchange = Fetched(address, 200, headers, body)
        evidence = Evidence(address, "x", site, exchange, html, Embedded(xmp=(page, document), opf=document))
        for module in (rsl, ai_txt, trust_txt):
            for fact in module.read(evidence):
                assert fact.name in module.FACTS
                assert len(fact.quote) <= 200
                f"{fact.value}{fact.where}{fact.quote}".encode()
        assert all(isinstance(file, str) for file in (*rsl.linked(evidence), *trust_txt.linked(evidence)))
