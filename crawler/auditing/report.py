"""`scrapy audit report DIR -o report.html`: the overview as one file that loads nothing, to send to someone."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from pathlib import Path

from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.line import printable
from crawler.auditing.output import add_output
from crawler.browser import index
from crawler.browser.report import report
from crawler.durable import InUseError, WriteError, write_whole

ARGUMENTS = ""
HELP = "writes the overview as one HTML file (-o report.html)"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Where it goes."""
    add_output(parser)
    parser.add_argument("--force", action="store_true", help="report: replace a file that is there")


def run(crawl: CrawlFolder, args: list[str], opts: argparse.Namespace) -> int:
    """Count, write, say where."""
    out, path = Path(opts.output or "report.html"), index.index_path(crawl.path)
    problem = ""
    if out.resolve().is_relative_to(crawl.path.resolve()):
        problem = f"-o {out}: lies in the crawl, which is evidence; name a file elsewhere"
    elif out.exists() and not opts.force:
        problem = f"-o {out}: is there already; name another file, or replace it with --force"
    try:
        if not problem:
            index.update(crawl, path)
            write_whole(out, report(crawl, path).encode())
    except (InUseError, WriteError, OSError, sqlite3.Error) as error:
        problem = str(error)
    if problem:
        print(printable(f"scrapy audit report: {problem}"), file=sys.stderr)
        return 1
    print(printable(f"{out}: the overview in one file; it loads nothing from elsewhere"))
    return 0
