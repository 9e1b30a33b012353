"""`scrapy audit verify DIR`: whether all records of a crawl are what they were; exit code 1 when something is wrong."""

from __future__ import annotations

import argparse
import json

from crawler import shards
from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.line import printable
from crawler.audit.verify import verify
from crawler.shards import manifest

ARGUMENTS = ""
HELP = "checks ledger, manifests and shards (exit code 1 when something is wrong)"


def add_options(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(crawl: CrawlFolder, args: list[str], opts: argparse.Namespace) -> int:
    """Check and print."""
    report = verify(crawl, manifest.read, shards.read)
    if opts.json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        for line in report.checked:
            print(printable(f"checked  {line}"))
        for line in report.notes:
            print(printable(f"note     {line}"))
        for problem in report.problems:
            print(printable(f"PROBLEM  {problem}"))
        unnamed = f" ({report.found - len(report.problems)} not named)" if report.found > len(report.problems) else ""
        print(f"{report.found} problem(s){unnamed}" if report.found else "OK")
    return 1 if report.found else 0
