"""`scrapy audit find DIR URL-or-site`: every ledger line about one URL or one site."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from typing import Any

from crawler.audit import view
from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.find import find, wanted
from crawler.audit.line import printable
from crawler.shards import manifest

ARGUMENTS = "URL-or-site"
HELP = "prints every ledger line about one URL or site"


def add_options(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(crawl: CrawlFolder, args: list[str], opts: argparse.Namespace) -> int:
    """Look and print."""
    lines = find(crawl, wanted(args[0]), manifest.read, policy=opts.policy)
    if opts.json:
        _print_list(lines)
        return 0
    nothing = True
    for line in lines:
        nothing = False
        print(view.line(line))
    if nothing:
        print(printable(f"Nothing about {args[0]} in {crawl.path}."))
    return 0


def _print_list(lines: Iterable[dict[str, Any]]) -> None:
    """A JSON array, an element a line, without holding it in memory."""
    opening = "["
    for line in lines:
        print(opening, json.dumps(line, ensure_ascii=False, sort_keys=True), sep="\n", end="")
        opening = ","
    print("[]" if opening == "[" else "\n]")
