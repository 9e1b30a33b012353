"""The ledger lines about one URL or one site, or those that filters ask for, and what is still waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urldefrag

from crawler.audit import frontier
from crawler.audit.answered import Answered
from crawler.audit.crawl_folder import CrawlFolder, Published, ReadManifest
from crawler.audit.filters import WAITING, Filters
from crawler.audit.lines import Line, named, outcomes
from crawler.document import Result, url_id
from crawler.urls import normalize

EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: names and masked forms of a URL, or a host."""

    names: frozenset[str]
    urls: frozenset[str]
    site: str

    def matches(self, found: dict[str, Any]) -> bool:
        """Whether a ledger line or an accepted URL is about it."""
        return (
            found.get("url_sha256") in self.names or found.get("url") in self.urls or found.get("site", "") == self.site
        )

    @property
    def needles(self) -> tuple[bytes, ...]:
        """One of these stands in every line that matches, whatever else does."""
        return tuple(text.encode("utf-8", "replace") for text in (*self.names, *self.urls, self.site) if text)


def wanted(asked: str) -> Wanted:
    """Understand a URL with or without scheme, the SHA-256 that names one, or a host.

    >>> wanted("Example.org").site
    'example.org'
    """
    asked = asked.strip()
    if "://" in asked or "/" in asked:
        bare = urldefrag(asked).url
        urls = {asked, bare} if "://" in asked else {f"{scheme}://{bare}" for scheme in ("http", "https")}
        urls |= {f"{url}/" for url in urls if url.count("/") == 2}
        urls |= set(filter(None, map(normalize, urls)))
        return Wanted(frozenset(map(url_id, urls)), frozenset(urls), "\0")
    return Wanted(frozenset({asked.lower()}), frozenset(), asked.lower().rstrip(".") or "\0")


def find(
    crawl: CrawlFolder,
    what: Wanted | None,
    read_manifest: ReadManifest,
    *,
    policy: str = "",
    filters: Filters = EVERYTHING,
) -> Iterator[Line]:
    """The outcomes about it that fit, oldest first, each with `where` (file and line) and `published` (whether its
    record is in a listed shard); then, with the result `pending`, the accepted URLs that a policy has no line about.

    One pass; memory does not grow with the crawl.

    Args:
        crawl: Where to look.
        what: A URL or a site; None for all.
        read_manifest: The shards' room.
        policy: Short for a filter by one policy.
        filters: What a line must have besides.
    """
    if policy:
        filters = replace(filters, policies=frozenset({policy}))
    with Answered() as answered:
        for name, segment in crawl.parts():
            published = Published(segment.path, read_manifest)
            for where, line in outcomes(segment.path, _may_fit(what, filters)):
                if what is None or what.matches(line):
                    is_listed = published.lists(str(line.get("shard")), int(line["seq"]))
                    if filters.fits(line, counts_as(line, is_listed)):
                        yield {**line, "where": f"{name}{where}", "published": is_listed}
        if filters.may_wait:
            yield from _waiting(crawl, what, filters, answered)


def counts_as(line: Line, is_listed: bool) -> str:
    """The result of an outcome, or `pending` where its record was not published."""
    lost = not is_listed if line.get("shard") else line["result"] == Result.KEPT
    return Result.PENDING.value if lost else str(line["result"])


def _may_fit(what: Wanted | None, filters: Filters) -> Callable[[bytes], bool]:
    if what is None:
        return filters.may_fit
    needles = what.needles
    return lambda content: any(needle in content for needle in needles) and filters.may_fit(content)


def _waiting(crawl: CrawlFolder, what: Wanted | None, filters: Filters, answered: Answered) -> Iterator[Line]:
    """What was accepted and has no line; known only once all lines about these addresses were read."""
    anywhere = Filters(sites=filters.sites, prefixes=filters.prefixes)
    for segment in crawl.segments:
        for name, policy in named(segment, _may_fit(what, anywhere)):
            answered.is_new(name, policy)
    policies = [name for name in crawl.policies if not filters.policies or name in filters.policies]
    for accepted in (each for segment in crawl.segments for each in frontier.read(segment)):
        if (what is None or what.matches(accepted._asdict())) and filters.fits_address(accepted.site, accepted.url):
            for name in policies:
                if answered.is_new(accepted.url_sha256, name):
                    yield {**accepted._asdict(), "policy": name, "result": Result.PENDING.value, "stage": WAITING}
