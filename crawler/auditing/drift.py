"""`scrapy audit drift CRAWL|BOOK`: what was kept and is refused now, by its site, the page, or another policy."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scrapy.exceptions import UsageError

from crawler.audit.crawl_folder import CrawlFolder, FolderError, open_crawl
from crawler.audit.line import printable
from crawler.durable import WriteError
from crawler.known.book import Book
from crawler.known.told import DRIFT, drift_of, in_words, read_drift

ARGUMENTS = ""
HELP = "lists what was kept and is refused now, in a crawl or, for a book of known pages, in all that it has learnt"
_BECAUSE = {"site": "its site", "page": "the page itself", "policy": "another version of the policy"}


def add_options(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def open_folder(path: Path) -> CrawlFolder:
    """A crawl, or a book, which has no policies of its own. Raises FolderError."""
    if path.is_file():
        return CrawlFolder(path, {})
    crawl = open_crawl(path)
    if not (path / DRIFT).exists():
        raise FolderError(f"{path}: has no {DRIFT}: the crawl was not begun with -a known=, or has not ended")
    return crawl


def run(crawl: CrawlFolder, args: list[str], opts: argparse.Namespace) -> int:
    """Print one line a page and policy; exit code 0, also where there is none."""
    policies = {name.strip() for name in opts.policy.split(",") if name.strip()}
    counts: Counter[str] = Counter()
    pages: set[str] = set()
    sites: set[str] = set()
    for line in _found(crawl.path):
        if policies and line["policy"] not in policies:
            continue
        counts[str(line["because"])] += 1
        pages.add(str(line["url_sha256"])[:16])
        sites.add(str(line["site"]))
        print(json.dumps(line, ensure_ascii=False) if opts.json else printable(_told(line)))
    if not opts.json:
        told = ", ".join(f"{_BECAUSE.get(because, because)} {number}" for because, number in sorted(counts.items()))
        print(f"drift: {in_words(len(pages), len(sites))}" + (f"; decided by: {told}" if told else ""))
    return 0


def _found(path: Path) -> Iterator[dict[str, Any]]:
    if path.is_dir():
        yield from read_drift(path)
        return
    try:
        with Book(path) as book:
            yield from drift_of(book)
    except WriteError as error:
        raise UsageError(str(error), print_help=False) from error


def _told(line: dict[str, Any]) -> str:
    what = f"{line['time'][:10]}  {line['policy']}  {line['was']} -> {line['now']}  {line['url']}"
    return f"{what}  {line['rule']}, said by {_BECAUSE.get(line['because'], line['because'])}"
