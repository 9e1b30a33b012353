"""`robots@legacy` says what robotexclusionrulesparser says by itself, with our matcher in place of its own."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import robotexclusionrulesparser as rerp
from hypothesis import given
from hypothesis import strategies as st

from crawler.signals import _robotstxt as robotstxt
from crawler.signals._paths import path_of

REAL_FILES = Path(__file__).parents[3] / "shared" / "data" / "robots_dev.jsonl.gz"
PACKAGES_OWN = next(base for base in robotstxt._LegacyRuleset.__mro__ if base.__module__ == rerp.__name__)
URLS = [f"https://site.example{path}" for path in ("/", "/a/b.html?x=1", "/private*", "/a%2Fb", "/x.php?id=2$", "//a")]


def by_itself(body: bytes, agent: str, url: str) -> bool:
    """The package as it is installed."""
    ours, rerp._Ruleset = rerp._Ruleset, PACKAGES_OWN
    try:
        parser = rerp.RobotExclusionRulesParser()
        parser.parse(body)
        return bool(parser.is_allowed(agent, url))
    finally:
        rerp._Ruleset = ours


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [b"", b"# note", b"User-agent: *", b"User-agent: Bot", b"User-agent: Bot/1.0", b"Crawl-delay: 1"]
        ),
        st.tuples(st.sampled_from([b"Allow: ", b"Disallow: "]), st.text("/ab*$%2F.", max_size=6)).map(
            lambda rule: rule[0] + rule[1].encode()
        ),
    ),
    max_size=12,
)


@given(LINES, st.text("/ab*$%2F.?", max_size=8))
def test_any_file(lines: list[bytes], path: str) -> None:
    """Groups, tokens, order and wildcards."""
    body, url = b"\n".join(lines), f"https://site.example/{path}"
    assert robotstxt.legacy(body, "Bot", path_of(url)) == by_itself(body, "Bot", url)


@pytest.mark.skipif(not REAL_FILES.exists(), reason="robots_dev.jsonl.gz is not at hand")
def test_real_files() -> None:
    """Every seventh of 2,110 files as they were served."""
    for line in gzip.decompress(REAL_FILES.read_bytes()).splitlines()[::7]:
        row = json.loads(line)
        body = row["body"].encode() if "body" in row else row["body_latin1"].encode("latin-1")
        for url in URLS:
            assert robotstxt.legacy(body, "GPTBot", path_of(url)) == by_itself(body, "GPTBot", url)
