"""Count what became of every URL, by policy, stage, rule and site.

seen = kept + dropped + held + failed + unchanged + pending; `unchanged` stands only where there is any.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

from crawler.audit import frontier
from crawler.audit.about import About, about_all
from crawler.audit.answered import Answered
from crawler.audit.chain import parse
from crawler.audit.crawl_folder import CrawlFolder, Published, ReadManifest
from crawler.audit.filters import WAITING
from crawler.audit.find import counts_as
from crawler.audit.lines import Line, is_event, is_outcome, newest_first
from crawler.document import Result

RESULTS = tuple(result.value for result in Result if result is not Result.UNCHANGED)  # named in every count
EVERY_RESULT = tuple(result.value for result in Result)
MOST_EVENTS = 50  # told one by one; all are counted
REVIEW = "review"

_FINAL = {result.value for result in Result if result is not Result.PENDING}
_MEMBERS = {"policy", "url_sha256", "site", "stage", "rule", "effect", "status", "citations", "shard", "seq"}
_TOLD = ("event", "time", "note", "mark")  # of an event; of its files only their number
Counts = Counter[str]  # result -> number of URLs


@dataclass(slots=True)
class Summary:
    """Numbers of URLs. A URL counts once per policy, by its last line.

    Attributes:
        about: What run.json says of the crawl.
        policies: Policy -> counts.
        stages: Stage -> policy -> counts; what waits in the frontier has the stage `frontier`.
        rules: Deciding rule -> policy -> number.
        texts: Rule -> its effect, status and citations.
        sites: Host -> policy -> counts.
        entities: Entity of personal data -> policy -> how many were found on the pages that it let come so far.
        treatments: Kind of personal data -> policy -> treatment -> number of kept and held pages.
        changes: Two policies -> results under the first and the second, where they differ -> number.
        events: Event -> number; reviews by mark, "review approve".
        told: The last events but reviews, oldest first.
        unreadable: Ledger lines that could not be read and are not counted.
    """

    about: About = field(default_factory=About)
    policies: dict[str, Counts] = field(default_factory=dict)
    stages: dict[str, dict[str, Counts]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Counter)))
    rules: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    texts: dict[str, dict[str, Any]] = field(default_factory=dict)
    sites: dict[str, dict[str, Counts]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Counter)))
    entities: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    treatments: dict[str, dict[str, Counter[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counter))
    )
    changes: dict[tuple[str, str], Counter[tuple[str, str]]] = field(default_factory=lambda: defaultdict(Counter))
    events: Counter[str] = field(default_factory=Counter)
    told: list[dict[str, Any]] = field(default_factory=list)
    unreadable: int = 0

    @property
    def addresses(self) -> int:
        """How many were accepted."""
        return max((counts.total() for counts in self.policies.values()), default=0)

    @property
    def pending(self) -> int:
        """How many are pending under the policy that has most of them."""
        return max((counts[Result.PENDING] for counts in self.policies.values()), default=0)

    @property
    def is_closed(self) -> bool:
        """Whether the last run said that it ended, and nobody writes."""
        return bool(self.about.finished) and not self.about.in_use

    def add(self, policy: str, site: str, stage: str, result: str) -> None:
        """Count one URL."""
        self.policies.setdefault(policy, Counter())[result] += 1
        self.stages[stage][policy][result] += 1
        self.sites[site][policy][result] += 1

    def as_json(self) -> dict[str, Any]:
        """Plain values, ready for json.dumps; keys sorted, every result named."""
        return {
            "crawl": {**self.about.as_json(), "closed": self.is_closed, "addresses": self.addresses},
            "policies": {policy: with_seen(counts) for policy, counts in self.policies.items()},
            "stages": {stage: _by_policy(found) for stage, found in sorted(self.stages.items())},
            "rules": {rule: dict(sorted(found.items())) for rule, found in sorted(self.rules.items())},
            "rule_texts": dict(sorted(self.texts.items())),
            "sites": {site: _by_policy(found) for site, found in sorted(self.sites.items())},
            "personal_data": {
                "found": {entity: dict(sorted(found.items())) for entity, found in sorted(self.entities.items())},
                "treatments": {kind: _plain(found) for kind, found in sorted(self.treatments.items())},
            },
            "differences": [_difference(*pair, found) for pair, found in self.changes.items()],
            "events": {"counts": dict(sorted(self.events.items())), "last": self.told},
            "unreadable_lines": self.unreadable,
        }


def summarize(crawl: CrawlFolder, read_manifest: ReadManifest) -> Summary:
    """Count a crawl, or several that were merged; also one that is running or has died.

    Memory grows with rules and sites, not with URLs.

    A line whose record no manifest lists counts as pending: the run ended before the shard was published.
    """
    summary = Summary(about=about_all(crawl), policies={policy: Counter() for policy in crawl.policies})
    summary.changes.update({pair: Counter() for pair in combinations(crawl.policies, 2)})
    with Answered() as counted:
        for segment in crawl.segments:
            _count_lines(summary, segment, counted, Published(segment, read_manifest))
        for segment in crawl.segments:
            for accepted in frontier.read(segment):
                for policy in summary.policies:
                    if counted.is_new(accepted.url_sha256, policy):
                        summary.add(policy, accepted.site, WAITING, Result.PENDING)
    summary.told.reverse()
    return summary


def _count_lines(summary: Summary, crawl: Path, counted: Answered, published: Published) -> None:
    page = _Page(summary)
    for content in newest_first(crawl):
        line = parse(content)
        if line and is_event(line):
            _count_event(summary, line)
            continue
        try:
            if not line or not is_outcome(line) or line["result"] not in _FINAL or not line.keys() >= _MEMBERS:
                raise ValueError("no outcome")
            if counted.is_new(line["url_sha256"], line["policy"]):
                page.add(line, _count(summary, line, published))
        except (ValueError, KeyError, TypeError, AttributeError):
            summary.unreadable += 1
    page.end()


def with_seen(counts: Counts) -> dict[str, int]:
    """The counts with their sum, every result named; `unchanged` only where there is any, before what is pending."""
    return {"seen": counts.total(), **{result: counts[result] for result in named(counts)}}


def named(counts: Counts) -> tuple[str, ...]:
    """The results that are told of, in their order."""
    return EVERY_RESULT if counts[Result.UNCHANGED] else RESULTS


class _Page:
    """Compares the outcomes of one URL, whose lines stand together."""

    def __init__(self, summary: Summary) -> None:
        self._summary = summary
        self._name = ""
        self._results: dict[str, str] = {}

    def add(self, line: Line, result: str) -> None:
        if result == Result.PENDING:
            return
        if line["url_sha256"] != self._name:
            self.end()
            self._name = line["url_sha256"]
        self._results[line["policy"]] = result

    def end(self) -> None:
        """Count the pairs of policies that disagree."""
        if len(set(self._results.values())) > 1:
            for left, right in combinations((name for name in self._summary.policies if name in self._results), 2):
                if (results := (self._results[left], self._results[right]))[0] != results[1]:
                    self._summary.changes[left, right][results] += 1
        self._results = {}


def _count(summary: Summary, line: Line, published: Published) -> str:
    """Count an outcome; the result that it counts as."""
    policy, rule = line["policy"], line["rule"]
    result = counts_as(line, bool(line["shard"]) and published.lists(line["shard"], line["seq"]))
    summary.add(policy, line["site"], line["stage"], result)
    if result == Result.PENDING:
        return result
    if rule:
        summary.rules[rule][policy] += 1
        summary.texts.setdefault(rule, {name: line[name] for name in ("effect", "status", "citations")})
    for entity, number in _mapping(line, "pii"):
        summary.entities[entity][policy] += int(number)
    for kind, treatment in _mapping(line, "treatments"):
        summary.treatments[kind][policy][str(treatment)] += 1
    return result


def _count_event(summary: Summary, line: Line) -> None:
    name = str(line["event"])
    summary.events[f"{name} {line.get('mark', '')}".strip()] += 1
    if name != REVIEW and len(summary.told) < MOST_EVENTS:
        told = {key: line[key] for key in _TOLD if key in line}
        summary.told.append({**told, "files": len(line["files"])} if isinstance(line.get("files"), dict) else told)


def _mapping(line: Line, name: str) -> list[tuple[str, Any]]:
    found = line.get(name)
    return [(str(key), value) for key, value in found.items()] if isinstance(found, Mapping) else []


def _by_policy(found: dict[str, Counts]) -> dict[str, dict[str, int]]:
    return {policy: with_seen(counts) for policy, counts in sorted(found.items())}


def _plain(found: Mapping[str, Counter[str]]) -> dict[str, dict[str, int]]:
    return {policy: dict(sorted(counts.items())) for policy, counts in sorted(found.items())}


def _difference(left: str, right: str, found: Counter[tuple[str, str]]) -> dict[str, Any]:
    changes = [{"from": before, "to": after, "pages": number} for (before, after), number in found.most_common()]
    return {"left": left, "right": right, "pages": found.total(), "changes": changes}
