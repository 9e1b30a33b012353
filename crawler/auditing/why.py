"""`scrapy audit why DIR URL`: the whole story of one URL, from its acceptance to its record, on one screen."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence

from scrapy.exceptions import UsageError

from crawler.arguments import all_facts
from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.find import Wanted, find
from crawler.audit.line import printable, site_of
from crawler.audit.read_facts import FactsError
from crawler.audit.story import Story, nearest, stories, wanted_page
from crawler.explaining import Explanation, Selected, explain, select
from crawler.judged_by import policies_of
from crawler.pii.mask import mask_url
from crawler.policy.policy import Policy
from crawler.policy.read import PolicyError
from crawler.redecide import UNKNOWN, Assumptions
from crawler.shards import manifest
from crawler.sources.glance import Glance, glance
from crawler.views.stories import story_lines, story_values

ARGUMENTS = "URL"
HELP = "tells the whole story of one URL; without DIR, in the newest crawl below crawls/"


def add_options(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(crawl: CrawlFolder, args: list[str], opts: argparse.Namespace) -> int:
    """Gather and print; exit code 1 where the crawl has no such URL."""
    what = wanted_page(args[0])
    try:
        found = stories(crawl, what, manifest.read)
    except FactsError as error:
        raise UsageError(str(error), print_help=False) from error
    if not found:
        return _unknown(crawl, args[0], as_json=opts.json)
    asked = [name.strip() for name in opts.policy.split(",") if name.strip()] or list(crawl.policies)
    judged = {name: policy for name, policy in policies_of(crawl).items() if name in asked}
    selected = {name: _selected(policy) for name, policy in judged.items()}
    told = [(story, *_gathered(crawl, story, selected)) for story in found]
    if opts.json:
        values = [story_values(*each) for each in told]
        print(json.dumps(values[0] if len(values) == 1 else values, ensure_ascii=False, indent=2))
        return 0
    for number, each in enumerate(told):
        print("\n" * bool(number), end="")
        for line in story_lines(*each, policies=asked or sorted({one.line["policy"] for one in each[0].outcomes})):
            print(printable(line))
    return 0


def _gathered(
    crawl: CrawlFolder, story: Story, selected: dict[str, Selected]
) -> tuple[dict[str, Glance | None], dict[str, Explanation], dict[str, dict[str, str]]]:
    places = dict.fromkeys(str(place) for told in story.outcomes for place in told.line.get("evidence", ()))
    glances = {place: glance(story.crawl, place) for place in places}
    return glances, dict(_explained(story, selected)), _elsewhere(crawl, [*story.leads_to, *story.led_here])


def _explained(story: Story, selected: dict[str, Selected]) -> Iterator[tuple[str, Explanation]]:
    """Why, from the stored facts; nothing where they do not reach far enough."""
    for name, one in selected.items():
        if story.page and any(told.line["policy"] == name for told in story.outcomes):
            day = one.policy.day
            explanation = explain(story.page, one, Assumptions(today=day), day)
            if explanation.outcome.result != UNKNOWN:
                yield name, explanation


def _selected(policy: Policy) -> Selected:
    """The policy with its days to come and bills, where the shipped one is still the same; else alone."""
    try:
        shipped = select(policy.id, all_facts(), policy.day)[0]
    except PolicyError:
        return Selected(policy)
    return shipped if shipped.policy.digest == policy.digest else Selected(policy)


def _elsewhere(crawl: CrawlFolder, urls: Sequence[str]) -> dict[str, dict[str, str]]:
    """What became of other addresses, by policy; the last line counts."""
    found: dict[str, dict[str, str]] = {}
    if urls:
        for line in find(crawl, Wanted(frozenset(), frozenset(urls), "\0"), manifest.read):
            found.setdefault(line["url"], {})[line["policy"]] = line["result"]
    return found


def _unknown(crawl: CrawlFolder, asked: str, *, as_json: bool) -> int:
    """Say that it was never accepted, and what is near."""
    address = asked if "://" in asked else f"https://{asked}"
    masked = mask_url(address if "/" in asked or "." in asked else asked)
    near = nearest(crawl.segments, masked, site_of(address))
    if as_json:
        print(json.dumps({"url": masked, "accepted": None, "nearest": near}, ensure_ascii=False, indent=2))
        return 1
    print(printable(f"{masked} was never accepted by this crawl"))
    print("nearest addresses of it:" if near else "it has no address of that site")
    for url in near:
        print(printable(f"  {url}"))
    return 1
