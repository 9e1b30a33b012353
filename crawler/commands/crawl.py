"""`scrapy crawl`: Scrapy's own, with all checked before the first request, and an exit code that tells the truth.

A crawl that died or was stopped goes on with `--resume`, or with the same `-s JOBDIR=` as before.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from scrapy import signals as scrapy_signals
from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

from crawler.addresses import networks
from crawler.arguments import (
    CRAWLING_ARGUMENTS,
    JUDGING_ARGUMENTS,
    ArgumentError,
    check_names,
    default_out,
    judging,
)
from crawler.claim import check_unused
from crawler.commands import check_settings, outcome_lines, warn, warn_of_bodies
from crawler.durable import WriteError
from crawler.feed import SharedFeed
from crawler.job import Job
from crawler.logs import begin, said
from crawler.metrics.telling import telling
from crawler.pipelines import CollectionPipeline, crawling_of, judging_day
from crawler.policy.read import PolicyError
from crawler.resuming import arguments_of, begun, is_complete, with_stored
from crawler.sharing import frontier_line, going_on, settings_of

SPIDERS_OF_OURS = ("web",)
OF_SCRAPYD = "_job"  # the argument that Scrapyd adds to each crawl: its own name for it


class Command(ScrapyCrawl):
    """Run a spider under one or more policies."""

    _running: Crawler | None = None
    _reason = ""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--resume",
            action="store_true",
            help="go on with the crawl in -a out=, if one was begun there; its arguments need not be given again",
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the options; an unknown setting is an error, since a misspelt one would protect nobody."""
        check_settings(opts.set)
        super().process_options(args, opts)
        try:
            begin(self._settings)
        except ArgumentError as error:
            raise UsageError(str(error), print_help=False) from error

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, crawl, tell."""
        if len(args) != 1:
            raise UsageError("give the name of one spider, for example: scrapy crawl web -a seeds=... -a policy=jp")
        assert self.crawler_process is not None
        known = sorted(self.crawler_process.spider_loader.list())
        if args[0] not in known:
            self._fail(f"unknown spider {args[0]}; known are {', '.join(known)}")
            return
        try:
            if not self._prepare(args[0], opts.spargs, resume=opts.resume):
                return
        except (ArgumentError, PolicyError, WriteError) as error:
            self._fail(str(error))
            return
        super().run(args, opts)
        self._tell()

    def _prepare(self, spider: str, given: dict[str, str], *, resume: bool) -> bool:
        """Check what is given; False when there is nothing left to do."""
        if spider not in SPIDERS_OF_OURS:
            return True  # a spider of the user's own; its pipeline checks when it opens
        given.pop(OF_SCRAPYD, None)
        check_names(given, (*CRAWLING_ARGUMENTS, *JUDGING_ARGUMENTS))
        job = Job(self._settings.get("JOBDIR"))
        self._settings.set("JOBDIR", None, priority="cmdline")  # its files would bring requests back beside ours
        if resume and not given.get("out") and not job.out:
            raise ArgumentError("--resume: name the crawl to go on with, -a out=DIR (or -s JOBDIR=DIR, as before)")
        out = job.choose(given.get("out", "")) or default_out()
        given["out"] = out
        resume = (resume or bool(job.out)) and begun(Path(out)) is not None
        if resume and is_complete(Path(out)):
            print(f"{out}: complete, nothing is pending; see `scrapy audit summary {out}`")
            return False
        if resume:
            given |= with_stored(given, arguments_of(Path(out)))
        self._settings.set("RESUME", resume, priority="cmdline")
        self._check(given, resume=resume)
        job.note(out)
        return True

    def _check(self, given: dict[str, str], *, resume: bool) -> None:
        crawling_of(self._settings, given)
        what = judging(given, today=judging_day(Path(given["out"]), go_on=resume), fetched_by="us")
        if not resume:
            check_unused(what.out, resumes=True)
        telling(self._settings)
        warn(what.policies, self._say)
        warn_of_bodies(what, self._say)
        try:
            networks(self._settings.getlist("ALLOWED_PRIVATE_NETWORKS"))
        except ValueError as error:
            raise ArgumentError(f"ALLOWED_PRIVATE_NETWORKS: {error}; for example 127.0.0.0/8") from error

    @property
    def _settings(self) -> BaseSettings:
        assert self.settings is not None  # Scrapy sets them before it runs a command
        return self.settings

    def _create_crawler(self, spidercls: Any) -> Crawler:
        crawler = super()._create_crawler(spidercls)
        crawler.signals.connect(self._closed, signal=scrapy_signals.spider_closed)
        self._running = crawler
        return crawler

    def _closed(self, reason: str) -> None:
        self._reason = reason

    def _tell(self) -> None:
        """Say what came of the crawl, and fail the command when anything could not be recorded."""
        assert self._running is not None
        try:
            pipeline = self._running.get_item_pipeline(CollectionPipeline)
        except RuntimeError:
            pipeline = None
        if pipeline is None or not pipeline.is_open:
            self._fail(pipeline.problem if pipeline and pipeline.problem else "the crawl did not start; see above")
            return
        collection = pipeline.collection
        errors = self._running.stats.get_value("spider_exceptions/count", 0) if self._running.stats else 0
        errors = max(errors, pipeline.sharing.errors if pipeline.sharing else 0)
        if collection.resumed:
            self._say(f"resumed: {collection.resumed}", "INFO")
        print("\n".join(outcome_lines(collection)))
        left = collection.feed.leave() if isinstance(collection.feed, SharedFeed) and not pipeline.problem else None
        told = going_on(collection.out, left, collection.id) if left else []
        if left and left.name:
            print(frontier_line(left))
        if collection.pending or collection.addresses.keeps or (left and left.name and not left.complete):
            again = f"scrapy crawl {self._running.spidercls.name} -a out={collection.out} --resume"
            print(f"to go on: {again}{settings_of(collection.feed)}")
        if pipeline.problem:
            self._fail(pipeline.problem)
        elif errors:
            self._fail(f"{errors} pages met an error in the spider and are pending; run with -L INFO to see where")
        elif self._reason == "finished" and collection.pending:
            self._fail(
                f"{collection.pending} addresses have no recorded outcome and are pending; this is a bug of ours"
            )
        elif told:
            for line in told:
                self._fail(line)
        elif self._reason not in ("finished", "shutdown"):
            self._fail(
                f"the crawl ended early: {self._reason or 'unknown'}; {collection.pending} addresses are pending"
            )

    def _say(self, message: str, level: str = "WARNING") -> None:
        print(said(message, self._settings, level), file=sys.stderr)

    def _fail(self, message: str) -> None:
        self._say(f"scrapy crawl: {message}", "ERROR")
        self.exitcode = 1
