"""`scrapy audit find DIR [WHAT]`: the ledger's lines about a URL or a site, or all that filters ask for."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from crawler.audit import view
from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.find import find, wanted
from crawler.audit.line import printable
from crawler.auditing.asked_filters import add_filters, filters_of
from crawler.pii.mask import mask_url
from crawler.shards import manifest
from crawler.views.outcome_rows import print_csv

ARGUMENTS = "[WHAT]"
HELP = "prints the lines about WHAT (a URL, a host or a SHA-256), or those that filters ask for"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Filters, and how to print."""
    add_filters(parser)
    parser.add_argument("--limit", type=int, default=0, help="find: print at most so many lines")
    parser.add_argument("--csv", action="store_true", help="find: print CSV, a line a row")


def run(crawl: CrawlFolder, args: list[str], opts: argparse.Namespace) -> int:
    """Look and print."""
    filters = filters_of(crawl, opts)
    lines = find(crawl, wanted(args[0]) if args else None, manifest.read, filters=filters)
    if opts.limit > 0:
        lines = islice(lines, opts.limit)
    if opts.json:
        _print_list(lines)
    elif opts.csv:
        print_csv(lines, sys.stdout)
    else:
        asked = [mask_url(args[0])] if args else []
        asked += [f"--{name} {value}" for name, value in filters.words.items()]
        _print_lines(lines, f"Nothing about {' '.join(asked) or 'anything'} in {crawl.path}.")
    return 0


def _print_lines(lines: Iterable[dict[str, Any]], otherwise: str) -> None:
    printed = False
    for text in view.grouped(lines) if sys.stdout.isatty() else map(view.line, lines):
        printed = True
        print(text)
    if not printed:
        print(printable(otherwise))


def _print_list(lines: Iterator[dict[str, Any]]) -> None:
    """A JSON array, an element a line, without holding it in memory."""
    opening = "["
    for line in lines:
        print(opening, json.dumps(line, ensure_ascii=False, sort_keys=True), sep="\n", end="")
        opening = ","
    print("[]" if opening == "[" else "\n]")
