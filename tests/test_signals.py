"""The tables of tests/signals, the contract of signal modules, and what holds for all inputs."""

from __future__ import annotations

import base64
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resiliparse.parse.html import HTMLTree
from ruamel.yaml import YAML

from crawler import signals
from crawler.document import Assertion, Embedded, Evidence, Fact, Fetched, FetchError
from crawler.signals import _robotstxt as robotstxt
from crawler.signals import creative_commons, robots
from crawler.signals._paths import Pattern, normal_pattern, target_of
from crawler.signals.normal_form import FACTS as MERGED_FACTS
from crawler.signals.normal_form import MALFORMED, MEANING, normal_form
from crawler.signals.open_points import OPEN_POINTS
from tests.ending import ends

TABLES = Path(__file__).parent / "signals"
NAMES = [module.__name__.rpartition(".")[2] for module in signals.modules()]  # type: ignore[attr-defined]
URL = "https://site.example/page"


def rows(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = YAML(typ="safe", pure=True).load((TABLES / f"{name}.yaml").read_text("utf-8"))
    return loaded


def all_rows() -> list[Any]:
    """Of all signals; that each has a table is a test of its own."""
    tables = [name for name in NAMES if (TABLES / f"{name}.yaml").exists()]
    return [pytest.param(name, row, id=f"{name}: {row['id']}") for name in tables for row in rows(name)]


def evidence_of(row: dict[str, Any]) -> Evidence:
    """The evidence of a table row: without `page` none, with `html` the page parsed, with `embedded` a media file."""
    url = row.get("url", URL)
    site = {path: _exchange(URL, given) for path, given in row.get("site", {}).items()}
    if "robots" in row:
        site[robots.PATH] = _exchange(URL, {"body": row["robots"]})
    page = _exchange(url, row["page"]) if "page" in row else None
    html = HTMLTree.parse(row["page"]["html"]) if page and "html" in row["page"] else None
    return Evidence(
        url,
        row.get("agent", "ExampleTrainBot"),
        site,
        page,
        html,
        _embedded(row["embedded"]) if "embedded" in row else None,
        row.get("run", {}),
        tuple(row.get("classes", ())),
        row.get("registries", {}),
    )


def _embedded(given: dict[str, Any]) -> Embedded:
    """`xmp`: packets; `opf`: an EPUB's package document; `c2pa`: assertions with label, entries, valid; `unread`."""
    assertions = (Assertion(one["label"], one["entries"], one["valid"]) for one in given.get("c2pa", ()))
    packets = tuple(packet.encode() for packet in given.get("xmp", ()))
    return Embedded(packets, given.get("opf", "").encode(), tuple(assertions), tuple(given.get("unread", ())))


def _exchange(url: str, given: dict[str, Any]) -> Fetched:
    body = given.get("html", given.get("body", "")).encode() or base64.b64decode(given.get("body_b64", ""))
    headers = tuple((name, value) for name, value in given.get("headers", ()))
    error, unrecorded = FetchError(given.get("error", "")), tuple(given.get("unrecorded", ()))
    return Fetched(url, given.get("status", 200), headers, body, error=error, unrecorded=unrecorded)


def as_rows(facts: tuple[Fact, ...]) -> list[list[object]]:
    return [[fact.name, fact.value, fact.where] for fact in facts]


@pytest.mark.parametrize(("name", "row"), all_rows())
def test_table(name: str, row: dict[str, Any]) -> None:
    """A signal states exactly what its table says, in this order."""
    module = signals.modules()[NAMES.index(name)]
    assert as_rows(tuple(module.read(evidence_of(row)))) == row["says"]
    if "links" in row:
        assert list(module.linked(evidence_of(row))) == row["links"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("row", rows("normal_form"), ids=lambda row: row["id"])
def test_normal_form(row: dict[str, Any]) -> None:
    """The merged facts are exactly those of the table, in this order."""
    assert as_rows(normal_form(Fact(*fact) for fact in row["facts"])) == row["says"]


@pytest.mark.parametrize("row", rows("creative_commons"), ids=lambda row: row["id"])
def test_creative_commons(row: dict[str, Any]) -> None:
    """An address names a license, or none."""
    found = creative_commons.recognize(row["address"])
    assert (None if found is None else [found.spdx, *found.classes]) == (
        None if row["spdx"] is None else [row["spdx"], *row["classes"]]
    )


def test_every_identifier_is_in_the_spdx_list() -> None:
    """What we call a Creative Commons license, SPDX calls so too; the list comes with the package `packaging`."""
    listed = pytest.importorskip("packaging.licenses._spdx").LICENSES
    for kind in ("by", "by-nc", "by-nd", "by-sa", "by-nc-nd", "by-nc-sa"):
        for version in ("1.0", "2.0", "2.1", "2.5", "3.0", "4.0"):
            for port in ("", "at/", "au/", "de/", "fr/", "igo/", "jp/", "nl/", "uk/", "us/", "xx/"):
                address = f"https://creativecommons.org/licenses/{kind}/{version}/{port}"
                found = creative_commons.recognize(address)
                expected = f"CC-{kind}-{version}{'-' + port[:-1] if port else ''}".upper()
                assert found is not None
                assert found.spdx == (listed[expected.lower()]["id"] if expected.lower() in listed else "")


def test_every_signal_has_a_table_and_every_table_a_signal() -> None:
    assert {path.stem for path in TABLES.glob("*.yaml")} == {*NAMES, "normal_form", "creative_commons", "licenses"}


def test_every_stated_fact_is_declared() -> None:
    """A module states no fact that is not in its FACTS, and each of them is stated by some row of its table."""
    for name, module in zip(NAMES, signals.modules(), strict=True):
        stated = {fact for row in rows(name) for fact, _, _ in row["says"]}
        assert stated <= set(module.FACTS)
        undeclared_in_table = {"run.actor", "run.competes", "run.stage"}
        assert set(module.FACTS) - stated <= undeclared_in_table
    assert {fact for row in rows("normal_form") for fact, _, _ in row["says"]} == set(MERGED_FACTS)
    assert signals.known_facts() >= {name for name, _ in MEANING} | MALFORMED | set(MERGED_FACTS)


def test_every_open_point_is_documented() -> None:
    """The other readings that modules state are those of `OPEN_POINTS`, which docs/signals.md prints."""
    stated = {fact for module in signals.modules() for fact in module.FACTS if "@" in fact}
    assert stated == {fact for told in OPEN_POINTS.values() for fact in told.facts}
    assert all(fact.endswith(f"@{point}") for point, told in OPEN_POINTS.items() for fact in told.facts)


def test_every_row_of_the_normal_form_matters() -> None:
    """Each meaning and each malformed statement changes what comes out."""
    for name, value in MEANING:
        assert normal_form([Fact(name, value or "x")])
    for name in MALFORMED:
        assert [fact.name for fact in normal_form([Fact(name, "differing")])] == ["malformed-reservation"]


def test_the_gate_reads_site_files_only() -> None:
    """Without a page, nothing is stated that needs one."""
    site = {path: Fetched(URL, 200) for path in signals.needs()}
    facts = signals.read_all(
        Evidence(URL, "ExampleTrainBot", site, html=HTMLTree.parse("<meta name=robots content=noai>"))
    )
    assert {fact.name for fact in facts} == {"robots"}


def test_crawl_delay() -> None:
    """The shell gets the delay of our group in seconds, and none from an error."""
    body = b"User-agent: *\nCrawl-delay: 3\nUser-agent: slow\nDisallow: /x\nCrawl-delay: 20\nCrawl-delay: 7\n"
    assert robots.crawl_delay(Fetched(URL, 200, (), body), "anyone") == 20  # a delay does not close the header
    assert robots.crawl_delay(Fetched(URL, 200, (), body.replace(b"3\n", b"3\nDisallow:\n")), "anyone") == 3
    assert robots.crawl_delay(Fetched(URL, 500, (), body), "anyone") is None


def test_hostile_patterns_take_no_time() -> None:
    """Patterns that never end as regular expressions are answered at once, also by robotexclusionrulesparser."""
    body = b"User-agent: *\n" + b"Disallow: /" + b"a*" * 2000 + b"b$\n" + b"Disallow: *" + b"*a" * 5000 + b"c\n"
    body += b"".join(b"Disallow: /%d*x\n" % n for n in range(5000))
    with ends():
        facts = list(
            robots.read(Evidence("https://site.example/" + "a" * 2000, "x", {robots.PATH: Fetched("", 200, (), body)}))
        )
        assert facts[0].value == "allowed"


def test_ten_thousand_groups_cost_no_more_than_one() -> None:
    """A second question to a large file takes microseconds; the bound here is lax."""
    body = b"".join(b"User-agent: *\nDisallow: /%d/\n" % n for n in range(15_000))
    groups = robotstxt.parse(body).select("x")[1]
    robotstxt.ask(groups, "/")
    with ends():
        assert not robotstxt.ask(groups, "/777/a")


PATH_TEXT = st.text(alphabet="/ab*$%2A4", max_size=12)


@given(pattern=PATH_TEXT, path=st.text(alphabet="/ab*$", max_size=14))
@settings(max_examples=400, deadline=None)
def test_patterns_match_as_their_regular_expressions(pattern: str, path: str) -> None:
    """The linear matcher agrees with a regular expression built from the same normal form."""
    target = target_of("https://site.example/" + path)
    normal = normal_pattern(("/" + pattern).encode())
    body, end = (normal[:-1], r"\Z") if normal.endswith("$") else (normal, "")
    oracle = re.match(".*".join(map(re.escape, body.split("*"))) + end, target)
    assert Pattern(normal).matches(target) == (oracle is not None)


RULES = st.lists(st.tuples(st.booleans(), st.text(alphabet="/ab*$", min_size=1, max_size=6)), max_size=8)


@given(rules=RULES, path=st.text(alphabet="/ab", max_size=8), groups=st.integers(1, 3))
@settings(max_examples=300, deadline=None)
def test_the_longest_matching_rule_wins(rules: list[tuple[bool, str]], path: str, groups: int) -> None:
    """However the rules are spread over groups, the verdict is that of the longest match, allow among equals."""
    target = target_of("https://site.example/" + path)
    lines = [f"{'Allow' if allow else 'Disallow'}: {pattern}" for allow, pattern in rules]
    parts = [["User-agent: us", f"User-agent: other{n}", *lines[n::groups]] for n in range(groups)]
    found = robotstxt.parse("\n".join("\n".join([*part, "Disallow:"]) for part in parts).encode())
    verdict = robotstxt.ask(found.select("us")[1], target)
    patterns = [(normal_pattern(pattern.encode()), allow) for allow, pattern in rules]
    matching = [(len(normal), allow) for normal, allow in patterns if Pattern(normal).matches(target)]
    assert verdict.allowed == (max(matching)[1] if matching else True)


HEADERS = ("X-Robots-Tag", "tdm-reservation", "tdm-policy", "Link", "Location", "WWW-Authenticate", "cf-mitigated")
ODD = st.binary(max_size=200) | st.sampled_from(
    [
        b"",
        b"\xff\xfe",
        b"<",
        b"[[[[",
        b'[{"location": "\\ud800", "tdm-reservation": 1}]',
        b"User-agent: *\nDisallow: *$",
    ]
)


@given(
    robots_body=ODD,
    tdm_body=ODD,
    page_body=ODD | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
    headers=st.lists(st.tuples(st.sampled_from(HEADERS), st.binary(max_size=40)), max_size=6),
    status=st.integers(0, 999),
    url=st.text(max_size=20),
)
@settings(max_examples=300, deadline=None)
def test_no_signal_raises(
    robots_body: bytes, tdm_body: bytes, page_body: bytes, headers: list[tuple[str, bytes]], status: int, url: str
) -> None:
    """Any bytes anywhere give facts with declared names and short quotes, the same each time."""
    site = {
        "/robots.txt": Fetched("", 200, (), robots_body),
        "/.well-known/tdmrep.json": Fetched("", 200, (), tdm_body),
    }
    head = tuple((name, value.decode("latin-1")) for name, value in headers)
    address = "https://site.example/" + url
    page = Fetched(address, status, head, page_body)
    evidence = Evidence(address, "ExampleTrainBot", site, page, HTMLTree.parse_from_bytes(page_body))
    facts = signals.read_all(evidence)
    merged = normal_form(facts)
    assert {fact.name for fact in facts + merged} <= signals.known_facts()
    assert all(len(fact.quote) <= 200 for fact in facts + merged)
    assert facts == signals.read_all(evidence)
    json.dumps([[fact.name, fact.value, fact.where, fact.quote] for fact in facts], ensure_ascii=False).encode()


MARKUP = st.lists(
    st.sampled_from(
        [
            *('<meta name="robots" content="noai">', '<meta name="robots" content="noai;">', '<base href="//[">'),
            *('<a rel="license" href="http://[x">', '<link rel="license" href="/l">', "<body>", "<head>", "<figure>"),
            *(
                '<script type="application/ld+json">{"license": [1, {"@id": "/x"}], "hasPart": 3}</script>',
                "text",
                "<!--",
            ),
            *('<script type="application/ld+json">[[[[[[{"@type": ["a"], "isAccessibleForFree": 0}]]]]]]</script>',),
            '<script type="application/ld+json">{"@type": "\\ud800Article", "isAccessibleForFree": false}</script>',
            *('<meta name="tdm-reservation" content="1">', '<meta name="tdm-policy" content="http://[">', "</body>"),
        ]
    ),
    max_size=8,
)


@given(parts=MARKUP)
@settings(max_examples=150, deadline=None)
def test_no_markup_raises(parts: list[str]) -> None:
    """Odd mixtures of the elements that signals read give facts, never an exception."""
    text = "".join(parts)
    evidence = Evidence(URL, "ExampleTrainBot", {}, Fetched(URL, 200, (), text.encode()), HTMLTree.parse(text))
    facts = signals.read_all(evidence)
    assert {fact.name for fact in facts} <= signals.known_facts()
    json.dumps([[fact.value, fact.where, fact.quote] for fact in facts], ensure_ascii=False).encode()


@given(
    headers=st.lists(
        st.tuples(
            st.sampled_from(HEADERS[:5]), st.sampled_from(["noai", "1", "0", "x: noai, noai", '</l>; rel="license"'])
        ),
        max_size=6,
    ),
    seed=st.integers(0, 99),
)
@settings(max_examples=150, deadline=None)
def test_order_of_different_headers_never_matters(headers: list[tuple[str, str]], seed: int) -> None:
    """Headers of different names may stand in any order; those of one name keep theirs."""
    names = [name for name, _ in headers]
    random.Random(seed).shuffle(names)
    left = {name: [value for key, value in headers if key == name] for name in names}
    shuffled = tuple((name, left[name].pop(0)) for name in names)
    read = [signals.read_all(Evidence(URL, "x", {}, Fetched(URL, 200, order))) for order in (tuple(headers), shuffled)]
    assert read[0] == read[1]


SAID = st.sampled_from(
    [Fact(name, value or "GPTBot", where) for name, value in MEANING for where in "ab"]
    + [Fact(name, "differing", "c") for name in sorted(MALFORMED)]
    + [
        Fact("license.link", f"https://creativecommons.org/licenses/{kind}/4.0/", kind)
        for kind in ("by", "by-nc", "by-nd")
    ]
    + [
        Fact("license.link", "https://a.example/l", "d"),
        Fact("access", "open", "status:200"),
        Fact("robots", "allowed"),
    ]
)


@given(facts=st.lists(SAID, max_size=10), seed=st.integers(0, 99))
@settings(max_examples=300, deadline=None)
def test_order_of_facts_never_matters(facts: list[Fact], seed: int) -> None:
    """The normal form is a function of the set of facts, and more facts never make a reservation weaker."""
    shuffled = facts * 2
    random.Random(seed).shuffle(shuffled)
    merged = normal_form(facts)
    assert merged == normal_form(shuffled)
    reserved = {fact.name for fact in normal_form(facts[: seed % 11]) if fact.value == "reserved"}
    assert reserved <= {fact.name for fact in merged if fact.value == "reserved"}
