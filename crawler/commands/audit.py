"""`scrapy audit summary|find|verify|... DIR`: the ledger of a crawl, for people and for programs."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.audit.crawl_folder import FolderError, open_crawl
from crawler.auditing import subcommands


class Command(ScrapyCommand):
    """Shell around crawler.auditing."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """A line a subcommand would be too long for Scrapy's list; they stand in the long description."""
        return f"{'|'.join(subcommands())} DIR [...]"

    def short_desc(self) -> str:
        return "What became of every URL of a crawl, and whether its records are intact"

    def long_desc(self) -> str:
        return "; ".join(f"{_usage(name)}: {module.HELP}" for name, module in subcommands().items())

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--policy", default="", help="only what this policy made of it")
        for module in subcommands().values():
            module.add_options(parser)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the arguments, hand over to the subcommand."""
        asked = subcommands().get(args[0]) if args else None
        if asked is None:
            raise UsageError(f"scrapy audit {self.syntax()}", print_help=False)
        wanted = asked.ARGUMENTS.split()
        least = sum(not argument.startswith("[") for argument in wanted)
        if not least <= len(args) - 2 <= len(wanted):
            raise UsageError(f"scrapy audit {_usage(args[0])}", print_help=False)
        try:
            crawl = open_crawl(Path(args[1]))
        except FolderError as error:
            raise UsageError(str(error), print_help=False) from error
        if opts.policy and crawl.policies and opts.policy not in crawl.policies:
            known = ", ".join(crawl.policies)
            raise UsageError(
                f"--policy {opts.policy}: this crawl was not judged by it; known: {known}", print_help=False
            )
        opts.ledger_key = self.settings["LEDGER_KEY"] if self.settings else ""
        try:
            self.exitcode = asked.run(crawl, args[2:], opts)
            sys.stdout.flush()
        except BrokenPipeError:  # the reader has seen enough (| head)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _usage(name: str) -> str:
    return f"{name} DIR {subcommands()[name].ARGUMENTS}".strip()
