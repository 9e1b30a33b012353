"""`scrapy audit merge SEGMENT [SEGMENT...] -o OUT`: whether segments are one crawl, and what they are together."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from scrapy.exceptions import UsageError

from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.line import printable
from crawler.audit.segments import MERGED
from crawler.audit.signing import SigningKey, SigningKeyError, default_key_path
from crawler.auditing.output import add_output
from crawler.durable import WriteError
from crawler.merging import MergeError, merge
from crawler.views.merged import lines

ARGUMENTS = "[SEGMENT...]"
HELP = "proves that the segments of a crawl are whole together, and writes a signed merged.json (-o OUT)"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Where it goes."""
    add_output(parser)


def run(crawl: CrawlFolder, args: list[str], opts: argparse.Namespace) -> int:
    """Read all, write, say what it is; exit code 1 when they are no whole."""
    if not opts.output:
        raise UsageError("-o OUT is missing; name the folder for merged.json", print_help=False)
    try:
        key = SigningKey.load_or_create(Path(opts.ledger_key) if opts.ledger_key else default_key_path())
        merged = merge([crawl.path, *map(Path, args)], Path(opts.output), key=key)
    except (MergeError, SigningKeyError, WriteError) as error:
        for problem in str(error).splitlines():
            print(printable(f"scrapy audit merge: {problem}"), file=sys.stderr)
        return 1
    if opts.json:
        print(json.dumps(json.loads(merged.render()), ensure_ascii=False, indent=2))
        return 0
    for line in lines(merged):
        print(printable(line))
    print(printable(f"written: {Path(opts.output) / MERGED}, signed in {Path(opts.output) / 'checkpoint'}"))
    return 0
