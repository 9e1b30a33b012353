"""What holds for all inputs of Content-Usage and Content-Signal; their tables stand beside this file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.document import Evidence, Fact, Fetched
from crawler.signals import _usage_rules as usage_rules
from crawler.signals import aipref, content_signal, robots
from crawler.signals._paths import Pattern, normal_pattern, target_of
from tests.ending import ends

URL = "https://site.example/page"
MODULES = (aipref, content_signal)


def read(robots_body: bytes = b"", headers: tuple[tuple[str, str], ...] = (), url: str = URL) -> tuple[Fact, ...]:
    site = {robots.PATH: Fetched("", 200, (), robots_body)}
    evidence = Evidence(url, "ExampleTrainBot", site, Fetched(url, 200, headers))
    return tuple(fact for module in MODULES for fact in module.read(evidence))


WORDS = rb"train-ai ai-train ai-use search use tdm = n no y yes , ; ( ) ?0 @1 :AA=: / /page * $ #".split()
PIECES = st.sampled_from([*WORDS, b" ", b"\t", b'"', b'%"', b"\xff", b"\0", b"\x0c"])
VALUES = st.lists(PIECES | st.binary(max_size=3), max_size=12).map(b"".join)
NAMES = st.sampled_from([b"Content-Usage", b"Content-Signal", b"User-agent", b"Disallow", b"# Content-Signal"])
LINES = st.tuples(NAMES, VALUES | st.sampled_from([b"*", b"GPTBot"]), st.sampled_from([b"\n", b"\r", b"\r\n"]))


@given(lines=st.lists(LINES, max_size=12), values=st.lists(VALUES, max_size=4), odd=st.binary(max_size=60))
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_read(lines: list[tuple[bytes, bytes, bytes]], values: list[bytes], odd: bytes) -> None:
    """Whatever stands in robots.txt and in the headers gives declared facts, quoted from the place they name."""
    body = b"User-agent: *\n" + b"".join(name + b": " + value + end for name, value, end in lines) + odd
    texts = [value.decode("latin-1") for value in values]
    facts = read(body, tuple((name, text) for text in texts for name in ("Content-Usage", "content-signal")))
    assert {fact.name for fact in facts} <= {*aipref.FACTS, *content_signal.FACTS}
    assert len(facts) == len(set(facts))
    for fact in facts:
        source = texts if fact.where.startswith("header:") else [body.decode("utf-8", "replace").removeprefix("\ufeff")]
        assert any(fact.quote in text for text in source)


RULES = st.lists(st.tuples(st.text(alphabet="/ab*$", max_size=5), st.sampled_from("yn")), max_size=6)


@given(rules=RULES, path=st.text(alphabet="/ab", max_size=6))
@settings(max_examples=300, deadline=None)
def test_the_longest_path_speaks(rules: list[tuple[str, str]], path: str) -> None:
    """All rules of the longest matching path speak, in both carriers alike; one without a path is the shortest."""
    url = "https://site.example/" + path
    written = [("/" + pattern if pattern else "", word) for pattern, word in rules]
    expected: dict[int, set[str]] = {0: set()}
    for pattern, word in written:
        normal = normal_pattern(pattern.encode())
        if not pattern or Pattern(normal).matches(target_of(url)):
            expected.setdefault(len(normal), set()).add(word)
    lines = [f"Content-Usage: {pattern} train-ai={word}" for pattern, word in written]
    lines += [f"Content-Signal: {pattern} ai-train={'yes' if word == 'y' else 'no'}" for pattern, word in written]
    facts = read("\n".join(["User-agent: *", *lines]).encode(), url=url)
    for name in ("content-usage.train-ai", "content-signal.ai-train"):
        assert {str(fact.value)[0] for fact in facts if fact.name == name} == expected[max(expected)]


@pytest.mark.parametrize(
    "line",
    [b"Content-Usage: train-ai=n, Q=1", b"Content-Usage: /*a*a*a*b train-ai=n", b"Content-Signal: /page", b"#" * 40],
    ids=["broken rules", "patterns that nearly match", "paths without signals", "comments"],
)
def test_a_large_file_is_read_once(line: bytes) -> None:
    """Half a megabyte of one line takes a moment at first and next to none for the next page; facts stay few."""
    body = b"User-agent: *\n" + b"\n".join([line] * (500_000 // (len(line) + 1)))
    with ends():
        assert len(read(body)) <= 4
        read(body, url="https://site.example/" + "a" * 2000)


@pytest.mark.parametrize("value", ["a=" * 100_000, "a," * 100_000, "train-ai=n;" * 50_000, "search " * 50_000])
def test_a_huge_header_takes_a_moment(value: str) -> None:
    """A value of some hundred thousand characters is read in linear time."""
    with ends():
        assert all(
            len(fact.quote) <= 200 for fact in read(headers=(("Content-Usage", value), ("Content-Signal", value)))
        )


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("train-ai=n", {"train-ai"}),
        ("Train-AI = 'No'", {"train-ai"}),
        ("ai-use=?0, search: disallow", {"ai-use", "search"}),
        ("train-ai=not-yet", set()),
        ("train-ai=none.", {"train-ai"}),
        ("train-ai=n0", set()),
        ("pre-train-ai=n", set()),
        ("train-ai-x=n", set()),
        ("train-ai n", set()),
        ("train-ai=, search=n", {"search"}),
        ("train-ai=y", set()),
    ],
)
def test_what_tries_to_refuse(text: str, labels: set[str]) -> None:
    """A label with a refusing word is an attempt, whatever is wrong around it; a word that only begins so is none."""
    assert usage_rules.refused(text) == labels
