"""Count what became of every URL, by policy, stage, rule and site: seen = kept + dropped + held + failed + pending."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from crawler.audit import frontier
from crawler.audit.chain import parse
from crawler.audit.crawl_folder import CrawlFolder, Published, ReadManifest
from crawler.audit.filters import WAITING
from crawler.audit.lines import is_event, newest_first
from crawler.document import Result

RESULTS = tuple(result.value for result in Result)
_FINAL = {result.value for result in Result if result is not Result.PENDING}
Counts = Counter[str]  # result -> number of URLs


@dataclass(slots=True)
class Summary:
    """Numbers of URLs. A URL counts once per policy, by its last line.

    Attributes:
        policies: Policy -> counts.
        stages: Stage -> policy -> counts; what waits in the frontier has the stage `frontier`.
        rules: Deciding rule -> policy -> number.
        texts: Rule -> its effect, status and citations.
        sites: Host -> policy -> counts.
        unreadable: Ledger lines that could not be read and are not counted.
    """

    policies: dict[str, Counts] = field(default_factory=dict)
    stages: dict[str, dict[str, Counts]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Counter)))
    rules: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    texts: dict[str, dict[str, Any]] = field(default_factory=dict)
    sites: dict[str, dict[str, Counts]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Counter)))
    unreadable: int = 0

    def add(self, policy: str, site: str, stage: str, result: str) -> None:
        """Count one URL."""
        self.policies.setdefault(policy, Counter())[result] += 1
        self.stages[stage][policy][result] += 1
        self.sites[site][policy][result] += 1

    def as_json(self) -> dict[str, Any]:
        """Plain values, ready for json.dumps; keys sorted, every result named."""
        return {
            "policies": {policy: with_seen(counts) for policy, counts in self.policies.items()},
            "stages": {stage: _by_policy(found) for stage, found in sorted(self.stages.items())},
            "rules": {rule: dict(sorted(found.items())) for rule, found in sorted(self.rules.items())},
            "rule_texts": dict(sorted(self.texts.items())),
            "sites": {site: _by_policy(found) for site, found in sorted(self.sites.items())},
            "unreadable_lines": self.unreadable,
        }


def summarize(crawl: CrawlFolder, read_manifest: ReadManifest) -> Summary:
    """Count a crawl; also one that is running or has died. Memory grows by some 100 bytes per URL and policy.

    A line whose record no manifest lists counts as pending: the run ended before the shard was published.
    """
    summary = Summary(policies={policy: Counter() for policy in crawl.policies})
    published = Published(crawl.path, read_manifest)
    counted: set[bytes] = set()
    for content in newest_first(crawl.path):
        line = parse(content)
        if line and is_event(line):
            continue
        try:
            if line is None or line["result"] not in _FINAL:
                raise ValueError("no outcome")
            key = line["policy"].encode() + bytes.fromhex(line["url_sha256"])
            if key not in counted:
                _count(summary, line, published)
                counted.add(key)
        except (ValueError, KeyError, TypeError, AttributeError):
            summary.unreadable += 1
    for accepted in frontier.read(crawl.path):
        for policy in summary.policies:
            key = policy.encode() + bytes.fromhex(accepted.url_sha256)
            if key not in counted:
                counted.add(key)
                summary.add(policy, accepted.site, WAITING, Result.PENDING)
    return summary


def with_seen(counts: Counts) -> dict[str, int]:
    """The counts with their sum, every result named."""
    return {"seen": counts.total(), **{result: counts[result] for result in RESULTS}}


def _count(summary: Summary, line: dict[str, Any], published: Published) -> None:
    result, rule = line["result"], line["rule"]
    lost = not published.lists(line["shard"], line["seq"]) if line["shard"] else result == Result.KEPT
    summary.add(line["policy"], line["site"], line["stage"], Result.PENDING if lost else result)
    if rule and not lost:
        summary.rules[rule][line["policy"]] += 1
        summary.texts.setdefault(rule, {name: line[name] for name in ("effect", "status", "citations")})


def _by_policy(found: dict[str, Counts]) -> dict[str, dict[str, int]]:
    return {policy: with_seen(counts) for policy, counts in sorted(found.items())}
