"""scrapy audit summary | find | verify: the ledger of a crawl, for people and for programs."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler import shards
from crawler.audit import view
from crawler.audit.crawl_folder import CrawlFolder, FolderError, open_crawl
from crawler.audit.find import find, wanted
from crawler.audit.line import printable
from crawler.audit.summary import summarize
from crawler.audit.verify import verify
from crawler.shards import manifest


class Command(ScrapyCommand):
    """Shell around crawler.audit; it hands the shards' readers in."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "summary|verify DIR [--json]  or  find DIR URL-or-site [--policy P] [--json]"

    def short_desc(self) -> str:
        return "What became of every URL of a crawl, and whether its records are intact"

    def long_desc(self) -> str:
        return (
            "summary counts URLs by policy, stage, rule and site; find prints every ledger line about one URL or site; "
            "verify checks ledger, manifests and shards (exit code 1 when something is wrong)."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--policy", default="", help="find: only lines of this policy")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        wants = {"summary": 1, "verify": 1, "find": 2}
        if not args or wants.get(args[0]) != len(args) - 1:
            raise UsageError(f"scrapy audit {self.syntax()}", print_help=False)
        try:
            crawl = open_crawl(Path(args[1]))
        except FolderError as error:
            raise UsageError(str(error), print_help=False) from error
        if opts.policy and crawl.policies and opts.policy not in crawl.policies:
            known = ", ".join(crawl.policies)
            raise UsageError(
                f"--policy {opts.policy}: this crawl was not judged by it; known: {known}", print_help=False
            )
        try:
            if args[0] == "summary":
                _summary(crawl, opts.json)
            elif args[0] == "verify":
                self.exitcode = _verify(crawl, opts.json)
            else:
                _find(crawl, args[2], opts.policy, opts.json)
            sys.stdout.flush()
        except BrokenPipeError:  # the reader has seen enough (| head)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _summary(crawl: CrawlFolder, as_json: bool) -> None:
    summary = summarize(crawl, manifest.read)
    if as_json:
        print(json.dumps(summary.as_json(), ensure_ascii=False, indent=2))
        return
    view.show(summary)
    if summary.unreadable:
        print(f"{summary.unreadable} ledger line(s) cannot be read: run `scrapy audit verify {crawl.path}`")


def _verify(crawl: CrawlFolder, as_json: bool) -> int:
    report = verify(crawl, manifest.read, shards.read)
    if as_json:
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


def _find(crawl: CrawlFolder, asked: str, policy: str, as_json: bool) -> None:
    lines = find(crawl, wanted(asked), manifest.read, policy=policy)
    if as_json:
        _print_list(lines)
        return
    nothing = True
    for line in lines:
        nothing = False
        print(view.line(line))
    if nothing:
        print(printable(f"Nothing about {asked} in {crawl.path}."))


def _print_list(lines: Iterable[dict[str, Any]]) -> None:
    """A JSON array, an element a line, without holding it in memory."""
    opening = "["
    for line in lines:
        print(opening, json.dumps(line, ensure_ascii=False, sort_keys=True), sep="\n", end="")
        opening = ","
    print("[]" if opening == "[" else "\n]")
