"""The numbers of a crawl as its first page shows them, from the tallies of the index."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

from crawler.audit.summary import EVERY_RESULT, with_seen
from crawler.document import Result, Stage
from crawler.views.summaries import KEEPING

TOP_SITES = 15
TOP_RULES = 12
TOP_PATTERNS = 12
MOST_BARS = 48  # of a chart over time

# Step of the journey -> what a page that passed it has behind it.
STEPS: Mapping[str, str] = {
    Stage.FETCH: "the rules let us ask for it, and an answer came",
    Stage.SIGNALS: "nothing that the page or site says closed it",
    Stage.TEXT: "a text was found in it",
    Stage.PERSONAL_DATA: "personal data was looked for and treated",
    Stage.DUPLICATES: "the same text was not there before",
    Stage.SHARD: "written to a shard",
}
Counts = Counter[str]


class RuleRow(NamedTuple):
    """A rule that decided: how often under each policy."""

    name: str
    effect: str
    status: str
    citations: tuple[str, ...]
    pages: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.pages.values())


class Step(NamedTuple):
    """One step of the funnel: how many pages were still there after it, under each policy."""

    name: str
    says: str
    pages: Mapping[str, int]


class SiteRow(NamedTuple):
    """A site: how many pages were seen, and what each policy made of them."""

    host: str
    seen: int
    outcomes: Mapping[str, Counts]


class Pattern(NamedTuple):
    """Pages with the same outcomes: policy -> outcome, how many, and one of them."""

    outcomes: Mapping[str, str]
    pages: int
    sha256: str
    url: str


@dataclass(frozen=True, slots=True)
class Moments:
    """Outcomes over time.

    Attributes:
        begin: Seconds since 1970 at which the first bar begins.
        width: Seconds of one bar.
        bars: Policy -> a tally for each bar.
    """

    begin: int
    width: int
    bars: Mapping[str, Sequence[Counts]]


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole first page.

    Attributes:
        policies: Policy -> number of pages with each result, "seen" first.
        pages: Number of addresses.
        decisions: Number of pairs of address and policy that are decided.
        closing: Rules under which pages were not kept, most frequent first, and `opening` those under which they were.
        funnel: From seen to shard.
        sites: Those with most pages, and `site_count`: of how many.
        moments: None before anything was decided.
        differing: Pair of policies -> number of pages with another outcome.
        patterns: Most frequent combinations of outcomes.
        lines: Of the ledger, and `unreadable` among them.
    """

    policies: Mapping[str, Mapping[str, int]]
    pages: int
    decisions: int
    closing: Sequence[RuleRow]
    opening: Sequence[RuleRow]
    funnel: Sequence[Step]
    sites: Sequence[SiteRow]
    site_count: int
    moments: Moments | None
    differing: Mapping[tuple[str, str], int]
    patterns: Sequence[Pattern]
    lines: int
    unreadable: int


def overview(database: sqlite3.Connection) -> Overview:
    """Read the tallies."""
    names = _names(database)
    counts = {policy: Counter[str]() for policy in names.values()}
    for policy, outcome, pages in _run(database, "SELECT policy, outcome, SUM(pages) FROM cube GROUP BY 1, 2"):
        counts[names[policy]][outcome] += pages
    rules = list(_rules(database, names))
    patterns = list(_patterns(database, names))
    state = dict(_run(database, "SELECT key, value FROM state"))
    return Overview(
        policies={policy: with_seen(found) for policy, found in counts.items()},
        pages=max((found.total() for found in counts.values()), default=0),
        decisions=sum(found.total() - found[Result.PENDING] for found in counts.values()),
        closing=[rule for rule in rules if rule.effect not in KEEPING],
        opening=[rule for rule in rules if rule.effect in KEEPING],
        funnel=list(_funnel(database, names, counts)),
        sites=list(_sites(database, names)),
        site_count=_run(database, "SELECT COUNT(DISTINCT site) FROM cube").fetchone()[0],
        moments=_moments(database, names),
        differing=_differing(patterns, tuple(names.values())),
        patterns=patterns[:TOP_PATTERNS],
        lines=int(state.get("lines", 0)),
        unreadable=int(state.get("unreadable", 0)),
    )


def counted(database: sqlite3.Connection, where: str, value: object) -> dict[str, dict[str, int]]:
    """Policy -> result -> pages, of one site or rule ("site", its number)."""
    names = _names(database)
    counts = {policy: Counter[str]() for policy in names.values()}
    rows = _run(database, f"SELECT policy, outcome, SUM(pages) FROM cube WHERE {where} = ? GROUP BY 1, 2", value)
    for policy, outcome, pages in rows:
        counts[names[policy]][outcome] += pages
    return {policy: with_seen(found) for policy, found in counts.items()}


def rules_of_site(database: sqlite3.Connection, site: int) -> list[RuleRow]:
    """The rules that decided on the pages of one site, most frequent first."""
    return list(_rules(database, _names(database), "AND site = ?", site))


def _rules(
    database: sqlite3.Connection, names: Mapping[int, str], condition: str = "", *values: object
) -> Iterator[RuleRow]:
    pages: dict[int, Counter[str]] = defaultdict(Counter)
    statement = (
        f"SELECT rule, policy, SUM(pages) FROM cube WHERE rule IS NOT NULL AND outcome != ? {condition} GROUP BY 1, 2"
    )
    for rule, policy, number in _run(database, statement, Result.PENDING.value, *values):
        pages[rule][names[policy]] += number
    texts = {row[0]: row[1:] for row in _run(database, "SELECT id, name, effect, status, citations FROM rules")}
    for rule, found in sorted(pages.items(), key=lambda item: (-item[1].total(), texts[item[0]][0])):
        name, effect, status, citations = texts[rule]
        yield RuleRow(name, effect, status, tuple(map(str, json.loads(citations))), found)


def _funnel(database: sqlite3.Connection, names: Mapping[int, str], counts: Mapping[str, Counts]) -> Iterator[Step]:
    left: dict[str, Counts] = defaultdict(Counter)  # stage -> policy -> pages that ended there and were not kept
    statement = "SELECT stage, policy, SUM(pages) FROM cube WHERE outcome NOT IN (?, ?) GROUP BY 1, 2"
    for stage, policy, pages in _run(database, statement, Result.KEPT.value, Result.PENDING.value):
        left[stage][names[policy]] += pages
    remaining = {policy: found.total() for policy, found in counts.items()}
    yield Step("seen", "an address was accepted for the crawl", dict(remaining))
    remaining = {policy: pages - counts[policy][Result.PENDING] for policy, pages in remaining.items()}
    yield Step("decided", "its outcome is in the ledger", dict(remaining))
    for stage, says in STEPS.items():
        if stage == "duplicates" and stage not in left:
            continue
        remaining = {policy: pages - left[stage][policy] for policy, pages in remaining.items()}
        yield Step("kept" if stage == Stage.SHARD else stage, says, dict(remaining))


def _sites(database: sqlite3.Connection, names: Mapping[int, str]) -> Iterator[SiteRow]:
    top = _run(
        database,
        "SELECT site, host, MAX(pages) FROM (SELECT site, policy, SUM(pages) AS pages FROM cube GROUP BY 1, 2) "
        "JOIN sites ON sites.id = site GROUP BY 1 ORDER BY 3 DESC, 2 LIMIT ?",
        TOP_SITES,
    ).fetchall()
    for site, host, seen in top:
        outcomes = {policy: Counter[str]() for policy in names.values()}
        rows = _run(database, "SELECT policy, outcome, SUM(pages) FROM cube WHERE site = ? GROUP BY 1, 2", site)
        for policy, outcome, pages in rows:
            outcomes[names[policy]][outcome] += pages
        yield SiteRow(host, seen, outcomes)


def _moments(database: sqlite3.Connection, names: Mapping[int, str]) -> Moments | None:
    first, last = _run(database, "SELECT MIN(moment), MAX(moment) FROM moments").fetchone()
    if first is None:
        return None
    widths = (1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400)
    width = next((width for width in widths if last - first < width * MOST_BARS), (last - first) // MOST_BARS + 1)
    begin = first - first % width
    bars = {policy: [Counter[str]() for _ in range((last - begin) // width + 1)] for policy in names.values()}
    for moment, policy, outcome, pages in _run(database, "SELECT moment, policy, outcome, pages FROM moments"):
        bars[names[policy]][(moment - begin) // width][outcome] += pages
    return Moments(begin, width, bars)


def _patterns(database: sqlite3.Connection, names: Mapping[int, str]) -> Iterator[Pattern]:
    rows = _run(
        database,
        "SELECT pattern, pages, sha256, url FROM patterns JOIN urls ON urls.id = example ORDER BY pages DESC, pattern",
    )
    for pattern, pages, name, url in rows:
        pairs = (pair.split(":") for pair in pattern.split())
        yield Pattern({names[int(policy)]: outcome for policy, outcome in pairs}, pages, name.hex(), url)


def _differing(patterns: Iterable[Pattern], policies: Sequence[str]) -> dict[tuple[str, str], int]:
    found = {pair: 0 for first in policies for pair in ((first, second) for second in policies)}
    for pattern in patterns:
        for first, second in combinations(policies, 2):
            if pattern.outcomes.get(first) != pattern.outcomes.get(second):
                found[first, second] += pattern.pages
                found[second, first] += pattern.pages
    return found


def _names(database: sqlite3.Connection) -> dict[int, str]:
    return dict(_run(database, "SELECT id, name FROM policies ORDER BY id").fetchall())


def _run(database: sqlite3.Connection, statement: str, *values: object) -> sqlite3.Cursor:
    return database.execute(statement, values)


def as_json(found: Overview) -> dict[str, Any]:
    """The counts as `scrapy audit summary --json` has them, for programs and for comparing the two."""
    return {"policies": {policy: dict(counts) for policy, counts in found.policies.items()}, "results": EVERY_RESULT}
