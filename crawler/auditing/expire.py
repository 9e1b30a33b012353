"""`scrapy audit expire DIR`: deletes page bodies whose days are over, and records it."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, date, datetime
from pathlib import Path

from scrapy.exceptions import UsageError

from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.ledger import LedgerError
from crawler.audit.line import printable
from crawler.audit.signing import SigningKey, SigningKeyError, default_key_path
from crawler.durable import InUseError, WriteError
from crawler.policy.read import PolicyError
from crawler.retention import RetentionError, expire_crawl, stored_retention
from crawler.stored_rules import run_of

ARGUMENTS = ""
HELP = "deletes page bodies whose days are over (the only subcommand that deletes), and records it in the ledger"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The day, and fewer days."""
    parser.add_argument("--day", metavar="DATE", help="expire: as of this day (UTC), today at the latest")
    parser.add_argument(
        "--days", metavar="N", help="expire: keep bodies for N days only, fewer than the policies allow"
    )


def run(crawl: CrawlFolder, args: list[str], opts: argparse.Namespace) -> int:
    """Delete and tell."""
    if crawl.is_merged:
        names = " ".join(map(str, crawl.segments))
        raise UsageError(f"{crawl.path}: is merged; page bodies lie in its segments: {names}", print_help=False)
    today = datetime.now(UTC).date()
    day, days = _day(opts.day, today), _days(opts.days)
    try:
        told = run_of(crawl.path)
        key = SigningKey.load_or_create(Path(opts.ledger_key) if opts.ledger_key else default_key_path())
        gone = expire_crawl(crawl.path, told, key, day, days)
    except (PolicyError, RetentionError, LedgerError, SigningKeyError, InUseError, WriteError) as error:
        raise UsageError(str(error), print_help=False) from error
    retention = stored_retention(told)
    if opts.json:
        print(json.dumps({"removed": gone, "retention": retention.as_mapping() if retention else None}, indent=2))
        return 0
    for name in gone:
        print(printable(f"deleted  {name}"))
    assert retention is not None
    if retention.mode != "retention" and days is None:
        print(f"-a bodies={retention.mode} was asked for: nothing is deleted unless --days says after how many days")
    print(f"{len(gone)} file(s) of page bodies deleted" + ("; the ledger says which" if gone else ""))
    return 0


def _day(given: str | None, today: date) -> date:
    if not given:
        return today
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise UsageError(f"--day {given}: no date; write it as 2026-11-23", print_help=False) from None
    if day > today:
        raise UsageError(f"--day {given}: is not over yet; bodies may stay until then", print_help=False)
    return day


def _days(given: str | None) -> int | None:
    if given is not None and not (given.isascii() and given.isdecimal()):
        raise UsageError(f"--days {given}: must be a whole number from 0", print_help=False)
    return int(given) if given is not None else None
