"""A fact's quote is found at its place: over the tables of all signals and over the files of cases."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from resiliparse.parse.html import HTMLTree
from ruamel.yaml import YAML

from crawler import cases
from crawler.document import Evidence, Fact, Fetched
from crawler.signals import read_all, robots
from tests import test_signals as tables

TESTS = Path(__file__).parents[1]
FILES = (*(TESTS / "cases").glob("*.yaml"), TESTS.parents[1] / "shared" / "reference" / "signal-cases.yaml")
PLACE = re.compile(r"(?P<kind>[a-z0-9()+.-]+):(?P<name>.*?)(?:\[(?P<index>\d+)\])?")


def all_evidence() -> Iterator[Any]:
    for param in tables.all_rows():
        yield pytest.param(tables.evidence_of(param.values[1]), id=param.id)
    for file in filter(Path.exists, FILES):
        for case in YAML(typ="safe", pure=True).load(file.read_text("utf-8"))["cases"]:
            yield pytest.param(cases.evidence_of(case), id=f"{file.stem}: {case['id']}")


@pytest.mark.parametrize("evidence", list(all_evidence()))
def test_quotes(evidence: Evidence) -> None:
    """Whoever looks up the place of a fact finds its quote there; of several places, at one of them."""
    for fact in read_all(evidence):
        places = fact.where.split("; ") if fact.where else []
        assert len(fact.quote) <= 200, fact
        assert not fact.quote or any(fact.quote in text for place in places for text in at(place, evidence)), fact
        for place in places:
            assert re.fullmatch(r"\S.*", place), fact
            assert not _LINE.fullmatch(place) or list(at(place, evidence)), f"no such line: {fact}"


_LINE = re.compile(r"(?:(robots\.txt(?:\(cached\))?)|file:(.+)|(body)):L(\d+)")


def at(place: str, evidence: Evidence) -> Iterator[str]:
    """Every text that stands at a place, as a reader of the report would look it up, without our readers."""
    page = evidence.page or Fetched("", 0)
    if found := _LINE.fullmatch(place):
        site, file, _, number = found.groups()
        path = f"/{site or file}"
        of = page if path == "/None" else evidence.site.get(path) or evidence.site[f"{file}"]
        yield from re.split(r"\r\n|\r|\n", of.body.decode("utf-8", "replace"))[int(number) - 1 : int(number)]
    elif place.startswith("file:"):
        name, _, pointer = place.removeprefix("file:").partition("#/")
        file_at = evidence.site.get(f"/{name}") or evidence.site[name]
        if pointer:
            yield json.dumps(json.loads(file_at.body.decode("utf-8-sig"))[int(pointer)])
            return
        if name.endswith(".json") and fits_json(file_at.body):
            yield json.dumps(json.loads(file_at.body.decode("utf-8-sig")))  # quoted in this form
        yield from words(file_at.body)
    elif found := PLACE.fullmatch(place):
        yield from _in_page(found["kind"], found["name"], found["index"], evidence, page)
    elif place == "robots.txt":
        yield evidence.site[robots.PATH].body.decode("utf-8", "replace")
    elif place == "body":
        yield from words(page.body)
    elif place == "url":
        yield evidence.url


def _in_page(kind: str, name: str, index: str | None, evidence: Evidence, page: Fetched) -> Iterator[str]:
    if kind == "header":
        values = page.header(name)
        assert (index is not None) == (len(values) > 1), f"header:{name} needs an index exactly if it is repeated"
        yield values[int(index or 0)]
    elif kind in ("meta", "link"):
        elements = [*_elements(evidence, kind, name)]
        assert (index is not None) == (len(elements) > 1)
        yield elements[int(index or 0)]
    elif kind in ("jsonld", "microdata", "html"):
        yield from words(page.body)
        yield from _strings_of_scripts(evidence)
    elif kind in ("xmp", "epub") and evidence.embedded:
        for packet in (*evidence.embedded.xmp, evidence.embedded.opf):
            yield from words(packet)
    elif kind == "c2pa" and evidence.embedded:
        for assertion in evidence.embedded.c2pa:
            yield from (assertion.label, *assertion.entries)
            yield from (value for fields in assertion.entries.values() for value in fields.values())
    elif kind == "status":
        yield str(page.status)
    elif kind == "registry":
        yield evidence.registries.get(name, "")


def _elements(evidence: Evidence, kind: str, name: str) -> Iterator[str]:
    """Each meta of a name as it is quoted, each license link by its address; in page order."""
    assert evidence.html is not None
    assert evidence.html.document is not None
    selector = "meta" if kind == "meta" else '[rel~="license" i]'
    for element in evidence.html.document.query_selector_all(selector):
        named = (element.getattr("name") or element.getattr("property") or "").strip().lower()
        content = (element.getattr("content") or "").strip()
        if kind == "link":
            yield (element.getattr("href") or element.getattr("action") or "").strip()
        elif named == name:
            attribute = "name" if element.getattr("name") else "property"
            yield f'<meta {attribute}="{named}" content="{content}">'


def _strings_of_scripts(evidence: Evidence) -> Iterator[str]:
    document = evidence.html.document if evidence.html else None
    for script in document.query_selector_all("script") if document else ():
        text = (script.text or "").strip()
        yield text
        try:
            yield from _strings(json.loads(text, strict=False))
        except ValueError:
            continue


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield " ".join(value.split())
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def fits_json(body: bytes) -> bool:
    try:
        json.loads(body.decode("utf-8-sig"))
    except ValueError:
        return False
    return True


def words(body: bytes) -> Iterator[str]:
    """A document as it is written, as text, and with its blanks made one."""
    for charset in ("utf-8", "shift_jis"):
        text = html.unescape(body.decode(charset, "replace"))
        tree = HTMLTree.parse(text.replace("\0", ""))
        plain = (tree.body.text or "") if tree.body else ""
        yield from (text, plain, " ".join(text.split()), " ".join(plain.split()))


def test_a_wrong_line_is_told() -> None:
    """The property itself sees a quote that stands elsewhere."""
    evidence = Evidence("https://s.example/", "x", {robots.PATH: Fetched("", 200, (), b"a: b\r\rc: d\n")})
    assert list(at("robots.txt:L3", evidence)) == ["c: d"]
    assert Fact("x", "y", "robots.txt:L1", "c: d").quote not in list(at("robots.txt:L1", evidence))
