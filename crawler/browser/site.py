"""What every page knows of the audit it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.read_run import read_run
from crawler.browser.policy_texts import PolicyText, policy_texts
from crawler.jobs.book import folder_of

LINKS = (("/", "Overview"), ("/search", "Pages"), ("/review", "Review"), ("/-/dashboards/outcomes", "Dashboards"),
         ("/crawl", "Tables"))  # fmt: skip

JOBS = ("/jobs", "Jobs")  # where the crawl is a run of a job


@dataclass(frozen=True, slots=True)
class Site:
    """One audit.

    Attributes:
        folder: The crawl, as the command named it, for what to type next.
        path: The same, to read from.
        crawl: Id of the crawl, else the folder's name.
        run: run.json.
        texts: The policies' texts by id.
        may_review: Whether held records may be decided here.
        report: Whether the page is a file of its own, without links to others; then `style` is in it.
        made: When the report was made, ISO 8601; `lines`: of the ledger it was made from.
    """

    folder: str
    path: Path
    crawl: str
    run: Mapping[str, Any]
    texts: Mapping[str, PolicyText]
    may_review: bool = False
    report: bool = False
    style: str = ""
    style_hash: str = ""
    made: str = ""
    lines: int = 0
    links: tuple[tuple[str, str], ...] = field(default=LINKS)


def site_of(crawl: CrawlFolder, *, may_review: bool = False) -> Site:
    """What is known of a crawl besides its ledger."""
    run = read_run(crawl.segments[0]) or {}
    name = crawl.path.resolve().name if crawl.is_merged else str(run.get("id") or crawl.path.resolve().name)
    texts = policy_texts(crawl.segments[0])
    links = (*LINKS, JOBS) if folder_of(crawl.path) else LINKS
    return Site(str(crawl.path), crawl.path, name, run, texts, may_review, links=links)
