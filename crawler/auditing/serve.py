"""`scrapy audit serve DIR`: the ledger in a browser, on this machine; with `--review`, held records are decided."""

from __future__ import annotations

import argparse
import secrets
import sqlite3
import sys
from pathlib import Path

from scrapy.exceptions import UsageError

from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.line import printable
from crawler.audit.signing import default_key_path
from crawler.browser import datasette_app, index
from crawler.browser.review_page import Desk
from crawler.browser.site import site_of
from crawler.durable import InUseError, WriteError

ARGUMENTS = ""
HELP = "opens it in a browser, on this machine only, read-only unless --review is given"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Port, and what visitors may do."""
    parser.add_argument("--port", type=int, help="serve: the port (8001, or a free one where that is taken)")
    parser.add_argument("--review", action="store_true", help="serve: let whoever has the token decide held records")
    parser.add_argument("--sql", action="store_true", help="serve: let visitors send SQL queries to the index")


def run(crawl: CrawlFolder, args: list[str], opts: argparse.Namespace) -> int:
    """Build the index, say where, serve until Ctrl-C."""
    if opts.review and crawl.is_merged:
        names = " ".join(map(str, crawl.segments))
        raise UsageError(f"--review: {crawl.path} is merged; review in its segments: {names}", print_help=False)
    path = index.index_path(crawl.path)
    try:
        listening = datasette_app.listen(opts.port)
    except (OSError, OverflowError) as error:
        print(printable(f"scrapy audit serve: --port {opts.port}: {error}; name another one"), file=sys.stderr)
        return 1
    port = listening.getsockname()[1]
    token = secrets.token_urlsafe(24) if opts.review else ""
    site = site_of(crawl, may_review=opts.review)
    key = Path(opts.ledger_key) if opts.ledger_key else default_key_path()
    desk = Desk(site, crawl, path, port, token, key)
    try:
        app = datasette_app.application(site, crawl, path, port, sql=opts.sql, desk=desk)
        print(printable(f"The index is {path}; it can be deleted at any time."), flush=True)
        index.update(crawl, path)
    except datasette_app.MissingExtraError as error:
        print(f"scrapy audit serve: {error}", file=sys.stderr)
        return 1
    except (InUseError, WriteError, OSError, sqlite3.Error) as error:
        print(printable(f"scrapy audit serve: {error}"), file=sys.stderr)
        return 1
    print(f"http://{datasette_app.HOST}:{port}/" + (f"review?token={token}" if token else ""))
    print("Ctrl-C ends it.", flush=True)
    with listening:
        datasette_app.run(app, listening)
    return 0
