"""Every ledger line about one URL or one site, and whether it is still waiting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag

from crawler.audit import frontier
from crawler.audit.chain import parse
from crawler.audit.crawl_folder import CrawlFolder, Published, ReadManifest
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.ledger import ledger_files
from crawler.document import Result, url_id


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
        return Wanted(frozenset(map(url_id, urls)), frozenset(urls), "\0")
    return Wanted(frozenset({asked.lower()}), frozenset(), asked.lower().rstrip(".") or "\0")


def find(
    crawl: CrawlFolder, what: Wanted, read_manifest: ReadManifest, *, policy: str = ""
) -> Iterator[dict[str, Any]]:
    """The lines about it, oldest first, each with `where` (file and line) and `published` (whether its record is in a
    listed shard); then, with the result `pending`, the accepted URLs that a policy has no line about."""
    published = Published(crawl.path, read_manifest)
    policies = [name for name in crawl.policies if not policy or name == policy]
    answered: set[tuple[str, str]] = set()
    for where, line in _lines(crawl, what):
        if policy and line.get("policy") != policy:
            continue
        answered.add((line["url_sha256"], line["policy"]))
        yield {**line, "where": where, "published": published.lists(str(line.get("shard")), int(line["seq"]))}
    for accepted in frontier.read(crawl.path):
        if what.matches(accepted._asdict()):
            for name in policies:
                if (accepted.url_sha256, name) not in answered:
                    answered.add((accepted.url_sha256, name))
                    yield {**accepted._asdict(), "policy": name, "result": Result.PENDING.value}


def _lines(crawl: CrawlFolder, what: Wanted) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in ledger_files(crawl.path / LEDGER):
        with path.open("rb") as file:
            for number, content in enumerate(file, 1):
                if any(needle in content for needle in what.needles):
                    line = parse(content)
                    if line and what.matches(line) and line.keys() >= {"url_sha256", "policy", "seq"}:
                        yield f"{LEDGER}/{path.name} line {number}", line
