"""`scrapy audit summary DIR`: what a crawl was, what became of its URLs, why, and what happened to it since."""

from __future__ import annotations

import argparse
import json

from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.summary import summarize
from crawler.judged_by import policies_of, says_of
from crawler.shards import manifest
from crawler.views import summaries

ARGUMENTS = ""
HELP = "counts URLs by policy, rule, stage and site, and says whether the crawl has ended and how to go on"


def add_options(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(crawl: CrawlFolder, args: list[str], opts: argparse.Namespace) -> int:
    """Count and print."""
    summary, says = summarize(crawl, manifest.read), says_of(policies_of(crawl))
    if opts.json:
        texts = {rule: {**text, "says": says.get(rule, "")} for rule, text in sorted(summary.texts.items())}
        print(json.dumps({**summary.as_json(), "rule_texts": texts}, ensure_ascii=False, indent=2))
        return 0
    summaries.show(summary, crawl.path, says)
    if summary.unreadable:
        print(f"{summary.unreadable} ledger line(s) cannot be read: run `scrapy audit verify {crawl.path}`")
    return 0
