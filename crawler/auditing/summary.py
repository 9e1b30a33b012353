"""`scrapy audit summary DIR`: how many URLs became what, by policy, rule, stage and site."""

from __future__ import annotations

import argparse
import json

from crawler.audit import view
from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.summary import summarize
from crawler.shards import manifest

ARGUMENTS = ""
HELP = "counts URLs by policy, stage, rule and site"


def add_options(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(crawl: CrawlFolder, args: list[str], opts: argparse.Namespace) -> int:
    """Count and print."""
    summary = summarize(crawl, manifest.read)
    if opts.json:
        print(json.dumps(summary.as_json(), ensure_ascii=False, indent=2))
        return 0
    view.show(summary)
    if summary.unreadable:
        print(f"{summary.unreadable} ledger line(s) cannot be read: run `scrapy audit verify {crawl.path}`")
    return 0
