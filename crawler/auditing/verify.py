"""`scrapy audit verify DIR`: whether all records of a crawl are what they were; exit code 1 when something is wrong."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from scrapy.exceptions import UsageError

from crawler import shards
from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.line import printable
from crawler.audit.signing import SignatureError, VerifierKey, parse_verifier_key
from crawler.audit.verify import Readers, verify
from crawler.audit.verify_merged import verify_merged
from crawler.retention import overdue
from crawler.shards import manifest
from crawler.sources.places import places

ARGUMENTS = ""
HELP = "checks ledger, signatures, manifests, shards and evidence (exit code 1 when something is wrong)"
READERS = Readers(manifest.read, shards.read, places)


def add_options(parser: argparse.ArgumentParser) -> None:
    """What an auditor holds."""
    parser.add_argument("--key", metavar="FILE|KEY", help="verify: the ledger's key as you got it elsewhere")
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        action="append",
        default=[],
        help="verify: an older ledger/checkpoint that you kept; may be repeated",
    )


def run(crawl: CrawlFolder, args: list[str], opts: argparse.Namespace) -> int:
    """Check and print."""
    key = _key(opts.key) if opts.key else None
    older = list(map(Path, opts.checkpoint))
    if crawl.is_merged:
        report = verify_merged(crawl.path, READERS, key=key, older=older)
    else:
        report = verify(crawl, READERS, key=key, older=older)
    report.notes += [
        f"{name}: its days are over, or the ledger says that it was deleted; run `scrapy audit expire {segment}`"
        for segment in crawl.segments
        for name in overdue(segment)
    ]
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


def _key(given: str) -> VerifierKey:
    """A key as it is, or in a file. Raises UsageError."""
    try:
        return parse_verifier_key(given)
    except SignatureError:
        pass
    try:
        return parse_verifier_key(Path(given).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--key {given}: neither a verifier key (name+id+base64) nor a file with one, as ledger/key.pub is",
            print_help=False,
        ) from error
