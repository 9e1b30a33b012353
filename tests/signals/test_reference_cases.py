"""The project's reference cases and two public collections of robots.txt, where they are at hand."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from crawler import cases
from crawler.document import Evidence, Fetched
from crawler.signals import read_all, robots
from crawler.signals._robotstxt import _parse

SHARED = Path(__file__).parents[3] / "shared"
CASES = SHARED / "reference" / "signal-cases.yaml"
GOOGLE = SHARED / "data" / "robots_cases_spec.jsonl"
REAL_FILES = SHARED / "data" / "robots_dev.jsonl.gz"


@pytest.mark.skipif(not CASES.exists(), reason="the reference cases are not at hand")
def test_reference_cases() -> None:
    """All agree, none of them only through an alternative reading."""
    findings = list(cases.run(CASES))
    assert [finding for finding in findings if not finding.agrees or finding.through] == []
    assert len(findings) >= 207


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
