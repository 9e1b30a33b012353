"""`scrapy audit summary|find|verify|... DIR`: the ledger of a crawl, for people and for programs."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.audit.crawl_folder import FolderError, newest_crawl, open_crawl
from crawler.audit.line import printable
from crawler.auditing import subcommands
from crawler.commands import InAnyProject
from crawler.pii.mask import mask_url

CRAWLS = Path("crawls")  # where crawls lie that were given no folder


class Command(InAnyProject, ScrapyCommand):
    """Shell around crawler.auditing."""

    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """A line a subcommand would be too long for Scrapy's list; they stand in the long description."""
        return f"{'|'.join(subcommands())} [DIR] [...]"

    def short_desc(self) -> str:
        return "What became of every URL of a crawl, and whether its records are intact"

    def long_desc(self) -> str:
        return "; ".join(f"{_usage(name)}: {module.HELP}" for name, module in subcommands().items())

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--policy", default="", help="only what this policy made of it; several with commas")
        for module in subcommands().values():
            module.add_options(parser)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the arguments, hand over to the subcommand."""
        asked = subcommands().get(args[0]) if args else None
        if asked is None:
            raise UsageError(f"scrapy audit {self.syntax()}", print_help=False)
        _check_options(args[0], opts)
        wanted, any_number = asked.ARGUMENTS.split(), asked.ARGUMENTS.endswith("...]")
        least = sum(not argument.startswith("[") for argument in wanted)
        if not any_number and len(args) - 2 == least - 1 and (newest := newest_crawl(CRAWLS)):
            print(printable(f"{newest}: the newest crawl"), file=sys.stderr)
            args = [args[0], str(newest), *args[1:]]
        if not least <= len(args) - 2 <= (len(args) if any_number else len(wanted)):
            raise UsageError(f"scrapy audit {_usage(args[0])}", print_help=False)
        try:
            crawl = getattr(asked, "open_folder", open_crawl)(Path(args[1]))
        except FolderError as error:
            raise UsageError(printable(mask_url(str(error))), print_help=False) from error
        for policy in filter(None, opts.policy.split(",")):
            if crawl.policies and policy.strip() not in crawl.policies:
                known = ", ".join(crawl.policies)
                raise UsageError(
                    f"--policy {policy}: this crawl was not judged by it; known: {known}", print_help=False
                )
        opts.ledger_key = self.settings["LEDGER_KEY"] if self.settings else ""
        try:
            self.exitcode = asked.run(crawl, args[2:], opts)
            sys.stdout.flush()
        except BrokenPipeError:  # the reader has seen enough (| head)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _check_options(name: str, opts: argparse.Namespace) -> None:
    """Refuse an option that only other subcommands know: it would change nothing, and say nothing."""
    own = _options(name)
    for other in subcommands():
        for option, default in _options(other).items():
            if option not in own and getattr(opts, option, default) != default:
                spelled = f"--{option.replace('_', '-')}"
                raise UsageError(f"{spelled} is for scrapy audit {other}, not for {name}", print_help=False)


def _options(name: str) -> dict[str, Any]:
    """Options of a subcommand with their defaults."""
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    subcommands()[name].add_options(parser)
    return vars(parser.parse_args([]))


def _usage(name: str) -> str:
    return f"{name} DIR {subcommands()[name].ARGUMENTS}".strip()
