"""`scrapy signals`: files of cases that agree and that do not, and one look at a file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crawler import cases

OWN = Path(__file__).parent / "cases" / "own.yaml"
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
UNREADABLE = [  # a file, and what is said of it
    ("cases: 3", "needs a list 'cases'"),
    ("a: [", "no valid YAML"),
    (
        HEAD + CASE.format(input="robot_txt: x", expect="fetch: allowed"),
        "c: cannot be read (ValueError: unknown input robot_txt",
    ),
    (HEAD + CASE.format(input="", expect="feth: allowed"), "unknown expectation feth"),
    (HEAD + "- {id: d, input: {}}\n", "d: cannot be read"),
    (HEAD + "- word\n", "case 1: cannot be read"),
]


def scrapy(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "scrapy", *arguments], capture_output=True, text=True, check=False)


def test_cases_that_agree() -> None:
    """One of them through an alternative, which is told."""
    findings = list(cases.run(OWN))
    assert all(finding.agrees for finding in findings)
    assert [finding.through for finding in findings if finding.through] == ["RFC 9309"]


@pytest.mark.parametrize(("expect", "said"), WRONG)
def test_cases_that_do_not_agree(expect: str, said: str, tmp_path: Path) -> None:
    """Each difference is told in one line."""
    file = tmp_path / "cases.yaml"
    file.write_text(HEAD + CASE.format(input="", expect=expect), encoding="utf-8")
    assert [finding.differences for finding in cases.run(file)] == [(said,)]


@pytest.mark.parametrize(("text", "said"), UNREADABLE)
def test_files_that_cannot_be_read(text: str, said: str, tmp_path: Path) -> None:
    """With the case that is at fault, where there is one."""
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
