"""`scrapy signals`: files of cases that agree and that do not, and one look at a file."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from crawler import cases
from tests import warm

OWN = Path(__file__).parent / "cases" / "own.yaml"
MORE = OWN.with_name("more.yaml")
HEAD = "version: 1\ncases:\n"
CASE = "- {{id: c, url: 'https://s.example/', input: {{{input}}}, expect: {{{expect}}}}}\n"

WRONG = [  # what a case expects of an empty page, and what we say to it
    ("fetch: disallowed", "fetch: disallowed expected, allowed read"),
    ("train-ai: reserved", "train-ai: reserved expected, unknown read"),
    ("flags: [bom]", "flag bom expected, not raised"),
    ("flags: [no-such-flag]", "flag no-such-flag expected, not raised (we know no such flag)"),
    ("evidence: ['robots.txt:L9']", "evidence robots.txt:L9 expected, not named"),
    ("licence: MIT", "licence: MIT expected, None read"),
    ("vendor: {microsoft: reserved}", "vendor: {'microsoft': 'reserved'} expected, None read"),
    ("access: blocked", "access: blocked expected, None read"),
    ("crawl-delay: 3", "crawl-delay: 3 expected, None read"),
]
UNREADABLE = [  # a case, and what is said of it
    (CASE.format(input="robot_txt: x", expect="fetch: allowed"), "unknown input robot_txt"),
    (CASE.format(input="", expect="feth: allowed"), "unknown expectation feth"),
    ("- {id: d, input: {}}\n", "it lacks"),
    ("- {id: e, url: 'https://s.example/', expect: {}}\n", "it lacks 'input'"),
    ("- word\n", "cannot be read"),
    (CASE.format(input="", expect="flags: bom"), "flags needs a list, found bom"),
    (CASE.format(input="robots_b64: '***'", expect=""), "cannot be read"),
    (CASE.format(input="robots_generate: {prefix: a, pad_line: '', pad_bytes: 1, suffix: b}", expect=""), "zero"),
    (CASE.format(input="robots_status: 500, robots_cached: {age_hours: 1e30, robots_txt: x}", expect=""), "too large"),
]
NO_CASES = [("cases: 3", "needs a list 'cases'"), ("a: [", "no valid YAML"), ("cases: []", "holds no case")]


def scrapy(*arguments: str) -> subprocess.CompletedProcess[str]:
    return warm.run(*arguments)


def test_cases_that_agree() -> None:
    """One of them through an alternative, which is told."""
    findings = list(cases.run(OWN))
    assert all(finding.agrees for finding in findings)
    assert [finding.through for finding in findings if finding.through] == ["RFC 9309"]


def test_more_cases_that_agree() -> None:
    """Written from the specifications before they were read here; none needs an alternative reading."""
    findings = list(cases.run(MORE))
    assert [finding for finding in findings if not finding.agrees or finding.through] == []
    assert len(findings) >= 276


@pytest.mark.parametrize(("expect", "said"), WRONG)
def test_cases_that_do_not_agree(expect: str, said: str, tmp_path: Path) -> None:
    """Each difference is told in one line."""
    file = tmp_path / "cases.yaml"
    file.write_text(HEAD + CASE.format(input="", expect=expect), encoding="utf-8")
    assert [finding.differences for finding in cases.run(file)] == [(said,)]


def test_an_alternative_may_say_why(tmp_path: Path) -> None:
    """Remarks are no expectations, also where neither reading agrees."""
    file = tmp_path / "cases.yaml"
    case = CASE.format(input="", expect="fetch: disallowed").replace("}}\n", "}, alternatives: [%s]}\n")
    remarks = "reader: another, because: it is older, why: x"
    file.write_text(
        HEAD + case % f"{{{remarks}, fetch: allowed}}" + case % f"{{{remarks}, crawl-delay: 3}}", encoding="utf-8"
    )
    assert [(finding.agrees, finding.through) for finding in cases.run(file)] == [(True, "another"), (False, "")]


@pytest.mark.parametrize(("case", "said"), UNREADABLE)
def test_cases_that_cannot_be_read(case: str, said: str, tmp_path: Path) -> None:
    """They disagree and say why; the others are read all the same."""
    file = tmp_path / "cases.yaml"
    file.write_text(HEAD + case + CASE.format(input="", expect="fetch: allowed"), encoding="utf-8")
    bad, good = cases.run(file)
    assert not bad.agrees
    assert said in bad.differences[0]
    assert good.agrees


@pytest.mark.parametrize(("text", "said"), NO_CASES)
def test_files_that_hold_no_cases(text: str, said: str, tmp_path: Path) -> None:
    """One message."""
    file = tmp_path / "cases.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(cases.CasesError, match=r"cases\.yaml") as raised:
        list(cases.run(file))
    assert said in str(raised.value)


def test_command(tmp_path: Path) -> None:
    """test counts, tells and fails; read shows every fact with its place; list names every signal."""
    wrong = tmp_path / "cases.yaml"
    wrong.write_text(HEAD + CASE.format(input="", expect="train-ai: reserved"), encoding="utf-8")
    good, bad = scrapy("signals", "test", str(OWN)), scrapy("signals", "test", str(OWN), str(wrong))
    assert (good.returncode, good.stdout.splitlines()[0]) == (0, "6 of 6 agree")
    assert (bad.returncode, bad.stdout.splitlines()[0]) == (1, "6 of 7 agree")

    page = tmp_path / "page.html"
    page.write_text('<meta name="robots" content="noai"><p>Write to jane@site.example</p>', encoding="utf-8")
    read = scrapy("signals", "read", str(page), "--json")
    facts = {(fact["name"], fact["value"], fact["where"]) for fact in json.loads(read.stdout)[0]["facts"]}
    assert ("robots-meta", "noai", "meta:robots") in facts
    assert "jane" not in read.stdout
    told = scrapy("signals", "read", str(page)).stdout
    assert "train-ai = reserved" in told
    assert scrapy("signals", "read", str(tmp_path / "none.html")).returncode == 1
    assert "robots\n" in scrapy("signals", "list").stdout.replace("   [/robots.txt]", "")
