"""`scrapy release CRAWL [CRAWL ...] -a policy=cn`: the rules about the whole set, then new shards and a receipt."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.arguments import ArgumentError, all_facts, check_names, include_bills, one_of
from crawler.audit.line import printable
from crawler.commands import WithArguments, check_settings, warn
from crawler.durable import WriteError
from crawler.policy.load import load_all
from crawler.policy.model import SHARE_LEVELS
from crawler.policy.read import PolicyError
from crawler.release.asked import Asked
from crawler.release.make import make
from crawler.release.parts import folders
from crawler.release.problem import ReleaseError
from crawler.release.receipt import told
from crawler.shards import DEFAULT, formats

ARGUMENTS = ("policy", "out", "review", "suppress", "assessment", "share", "seed", "format", "include_bills")


class Command(WithArguments, ScrapyCommand):
    """Make a release of one policy's records."""

    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}
    arguments_help = f"argument: {', '.join(ARGUMENTS)}"

    def syntax(self) -> str:
        return "CRAWL|JOB [CRAWL ...] -a policy=... [-a out=...]"

    def short_desc(self) -> str:
        return "Apply the rules about the whole set, and write shards that may be used, with a receipt"

    def long_desc(self) -> str:
        return "Exit code 1 when a set rule refuses the release; then the next steps are said. See docs/release.md."

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        check_settings(opts.set)
        super().process_options(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, make, tell."""
        if not args:
            raise UsageError(
                "name the folder of a crawl, of several, the oldest first, or of a job: scrapy release CRAWL [CRAWL "
                "...] -a policy=...",
                print_help=False,
            )
        today = datetime.now(UTC).date()
        try:
            asked = _asked(args, opts.spargs, today)
            warn([asked.policy])
            receipt = make(asked, today=today)
        except (ReleaseError, ArgumentError, PolicyError, WriteError) as error:
            print(printable(f"scrapy release: {error}"), file=sys.stderr)
            self.exitcode = 1
            return
        for line in told(receipt):
            print(printable(line))
        self.exitcode = 1 if receipt.reasons else 0


def _asked(args: Sequence[str], given: Mapping[str, str], today: date) -> Asked:
    check_names(given, ARGUMENTS)
    if not given.get("policy"):
        raise ArgumentError("-a policy= is missing; name one that the crawl was judged under, for example -a policy=cn")
    if "," in given["policy"]:
        raise ArgumentError(
            f"-a policy={given['policy']}: a release is made under one policy; run the command for each"
        )
    (policy,) = load_all(given["policy"], all_facts(), today=today, include_bills=include_bills(given))
    *earlier, crawl = folders([Path(name) for name in args])
    return Asked(
        crawl=crawl,
        earlier=tuple(earlier),
        policy=policy,
        out=Path(given.get("out") or f"releases/{datetime.now(UTC):%Y%m%d-%H%M%S}"),
        share=one_of("share", given.get("share", SHARE_LEVELS[0]), SHARE_LEVELS),
        review=tuple(Path(name) for name in given.get("review", "").split(",") if name),
        suppress=_file(given, "suppress"),
        assessment=_file(given, "assessment"),
        seed=_seed(given.get("seed", "0")),
        format=one_of("format", given.get("format", DEFAULT), tuple(sorted(formats()))),
        command=shlex.join(["scrapy", "release", *args, *_typed(given)]),
    )


def _typed(given: Mapping[str, str]) -> Iterator[str]:
    """The arguments that the next run takes over."""
    for name, value in given.items():
        if name not in ("out", "review"):
            yield from ("-a", f"{name}={value}")


def _file(given: Mapping[str, str], name: str) -> Path | None:
    return Path(given[name]) if given.get(name) else None


def _seed(value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) < 16):
        raise ArgumentError(f"-a seed={value}: must be a whole number from 0, of at most 15 digits")
    return int(value)
