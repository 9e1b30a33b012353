"""The project's reference cases and two public collections of robots.txt, where they are at hand."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from resiliparse.parse.html import HTMLTree
from ruamel.yaml import YAML

from crawler.document import Evidence, Fact, Fetched, FetchError
from crawler.signals import creative_commons, read_all, robots
from crawler.signals._robotstxt import _parse
from crawler.signals.normal_form import normal_form

SHARED = Path(__file__).parents[3] / "shared"
CASES = SHARED / "reference" / "signal-cases.yaml"
GOOGLE = SHARED / "data" / "robots_cases_spec.jsonl"
REAL_FILES = SHARED / "data" / "robots_dev.jsonl.gz"

FAMILIES = ("rep", "tok", "xrt", "met", "tdm", "lic", "acc")
NOT_OURS = {
    "tdm-019": "XMP in a PDF",
    "tdm-020": "Content-Signal",
    "lic-007": "SPDX lines in source files",
    "lic-008": "Content-Signal",
    "lic-009": "natural language",
}
NOW = datetime(2026, 11, 22, tzinfo=UTC)

FLAGS = {  # the cases' words for what our facts say
    "robots-unreachable": ("robots.unreachable-because", None),
    "robots-forbidden": ("robots.status", (401, 403)),
    "robots-stale": ("robots.flag", ("stale",)),
    "robots-redirect-limit": ("robots.flag", ("too-many-redirects",)),
    "robots-html": ("robots.flag", ("html-body",)),
    "bom": ("robots.flag", ("bom",)),
    "malformed-rule": ("robots.flag", ("malformed-rule",)),
    "malformed-user-agent": ("robots.flag", ("malformed-user-agent",)),
    "framework-token-blocked": ("robots.flag", ("scrapy-group",)),
    "malformed-reservation": ("malformed-reservation", None),
    "malformed-signal": ("malformed-reservation", None),
    "meta-in-body": ("robots-meta.in-body", None),
    "not-json": ("tdm-file.unread", ("not-json",)),
}
OTHER_SPELLING = {"licence-required": "license-required"}
FETCH = {"allowed": "allowed", "disallowed": "disallowed", "unreachable": "disallowed"}


def cases() -> list[dict[str, Any]]:
    if not CASES.exists():
        return []
    loaded = YAML(typ="safe", pure=True).load(CASES.read_text(encoding="utf-8"))["cases"]
    return [case for case in loaded if case["id"].partition("-")[0] in FAMILIES]


@pytest.mark.skipif(not CASES.exists(), reason="the reference cases are not at hand")
@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_reference_case(case: dict[str, Any]) -> None:
    """Our readers and the normal form say what the case expects, without its alternatives."""
    if case["id"] in NOT_OURS:
        pytest.skip(NOT_OURS[case["id"]])
    facts = read_all(evidence_of(case))
    facts += normal_form(facts)
    for hop in case["input"].get("redirects", ()):
        at_hop = read_all(evidence_of({**case, "input": hop}))
        assert "signal-on-redirect" not in case["expect"].get("flags", ()) or normal_form(at_hop)[0].value == "reserved"
    said = {key: _said(key, facts) for key in case["expect"] if key not in ("flags", "evidence", "vendor")}
    expected = {key: OTHER_SPELLING.get(str(case["expect"][key]), case["expect"][key]) for key in said}
    assert said == expected
    flags = {flag for flag, (name, values) in FLAGS.items() if _has(facts, name, values)}
    assert set(case["expect"].get("flags", ())) - {"signal-on-redirect"} <= flags
    places = {place for fact in facts for place in fact.where.split("; ")}
    assert {_place(place, case) for place in case["expect"]["evidence"]} <= places


def evidence_of(case: dict[str, Any]) -> Evidence:
    given = case["input"]
    status, headers = given.get("status", 200), [(name, value) for name, value in given.get("headers", ())]
    if "content_type" in given:
        headers.append(("Content-Type", given["content_type"]))
    text = given.get("html", given.get("body", ""))
    page = Fetched(case["url"], status, tuple(headers), text.encode(), NOW)
    html = HTMLTree.parse(text) if "html" in given else None
    return Evidence(case["url"], case.get("agent", "ExampleTrainBot"), dict(_site(given)), page, html)


def _site(given: dict[str, Any]) -> Iterator[tuple[str, Fetched]]:
    if given.get("robots_origin", "https://site.example") != "https://site.example":
        given = given["other_origins"]["https://site.example"]
    if "robots_generate" in given:
        parts = given["robots_generate"]
        padding = parts["pad_line"] * (parts["pad_bytes"] // len(parts["pad_line"]))
        body = (parts["prefix"] + padding + parts["suffix"]).encode()
    else:
        body = base64.b64decode(given["robots_b64"]) if "robots_b64" in given else given.get("robots_txt", "").encode()
    status = given.get("robots_status", 200 if body else 404)
    error = FetchError.NONE
    if "robots_error" in given:
        status, error = 0, FetchError.TIMEOUT
    if len(given.get("robots_redirects", ())) > 5:
        status, error, body = 302, FetchError.TOO_MANY_REDIRECTS, b""
    yield robots.PATH, Fetched("", status, (), body, NOW, error)
    if cached := given.get("robots_cached"):
        fetched_at = NOW - timedelta(hours=cached["age_hours"])
        yield robots.LAST_GOOD, Fetched("", 200, (), cached["robots_txt"].encode(), fetched_at)
    for path, file in given.get("files", {}).items():
        yield path, Fetched("", file["status"], (), file["body"].encode(), NOW)


def _said(key: str, facts: tuple[Fact, ...]) -> object:
    """Our facts in the cases' words."""
    values = {name: [fact.value for fact in facts if fact.name == name] for name in {fact.name for fact in facts}}
    match key:
        case "fetch":
            return FETCH[str(values["robots"][0])]
        case "crawl-delay":
            return int(values["robots.crawl-delay"][0])
        case "index":
            words = values.get("x-robots-tag", [])
            return "no" if {"noindex", "none"} & {str(word) for word in words} else None
        case "policy":
            return values.get("tdm-policy", [None])[0]
        case "licence":
            return values.get("license", [None])[0]
        case "embedded-images-licence":
            found = creative_commons.recognize(str(values["license.embedded"][0]))
            return found.spdx if found else None
        case "licence-terms":
            return _terms(str(values["license"][0]), values["license.class"])
        case "price" | "retry-after":
            value = values[f"access.{key}"][0]
            return int(value) if key == "retry-after" else value
        case _:
            return values.get(key, ["unknown"])[0]


def _terms(license_: str, classes: list[Any]) -> dict[str, bool]:
    return {
        "attribution": "-BY" in license_,
        "commercial": "noncommercial" not in classes,
        "derivatives": "noderivs" not in classes,
        "share-alike": "-SA" in license_,
    }


def _has(facts: tuple[Fact, ...], name: str, values: tuple[object, ...] | None) -> bool:
    return any(fact.name == name and (values is None or fact.value in values) for fact in facts)


def _place(place: str, case: dict[str, Any]) -> str:
    """The place as our facts name it; "last" is the last line of the generated file."""
    if place.endswith(":last"):
        parts = case["input"]["robots_generate"]
        return f"robots.txt:L{parts['pad_bytes'] // len(parts['pad_line']) + 2}"
    return place


def differs_from_google(case: dict[str, Any]) -> bool:
    """Where RFC 9309 or our reading of tokens is known to differ from Google's library (reference/signals.md 1)."""
    return (
        case["url"].endswith("/robots.txt")  # always allowed by the RFC; the library leaves that to its caller
        or not case["url"].isascii()  # the RFC encodes both sides; the library leaves that to its caller
        or "%62" in case["robots_txt"]  # the RFC decodes unreserved characters
        or re.match(r"[a-z]+\d|AB$|XYZ$", case["user_agent"], re.IGNORECASE) is not None  # it cuts tokens at digits
    )


@pytest.mark.skipif(not GOOGLE.exists(), reason="robots_cases_spec.jsonl is not at hand")
def test_google_spec() -> None:
    """The verdicts of google/robotstxt-spec-test, its leniency and known differences left out."""
    cases = [json.loads(line) for line in GOOGLE.read_text(encoding="utf-8").splitlines()]
    wrong = []
    for case in cases:
        site = {robots.PATH: Fetched("", 200, (), case["robots_txt"].encode())}
        verdict = next(robots.read(Evidence(case["url"], case["user_agent"], site)))
        if (verdict.value == "allowed") != case["allowed"]:
            wrong.append(case)
    assert [case for case in wrong if not case["google_specific"] and not differs_from_google(case)] == []
    assert len(wrong) <= 10 + sum(case["google_specific"] for case in cases)


@pytest.mark.skipif(not REAL_FILES.exists(), reason="robots_dev.jsonl.gz is not at hand")
def test_real_files_read_twice_the_same() -> None:
    """2,110 files as they were served: each is read without exception, and the same when parsed anew."""
    for line in gzip.decompress(REAL_FILES.read_bytes()).splitlines():
        row = json.loads(line)
        body = row["body"].encode() if "body" in row else row["body_latin1"].encode("latin-1")
        site = {robots.PATH: Fetched("", 200, (), body)}
        evidence = Evidence(f"https://{row['host']}/some/page.html?q=1", "ExampleTrainBot", site)
        stated = read_all(evidence)
        again, known = _parse(body), robots.in_force(evidence)
        assert known is not None
        assert again.lines == known.file.lines
        assert again.flags == known.file.flags
        assert [group.rules for group in again.groups] == [group.rules for group in known.file.groups]
        assert stated == read_all(evidence)
