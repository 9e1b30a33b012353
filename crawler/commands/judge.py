"""`scrapy judge FILE.warc.gz -a policy=eu -a out=...`: stored responses through the same judge, without network.

`scrapy judge CRAWL --verify` repeats the decisions of a crawl from what it stored, and names what comes out otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.archive import Archive, NoArchiveError
from crawler.arguments import JUDGING_ARGUMENTS, check_names, default_out, fetched_by_of, judging
from crawler.audit.crawl_folder import FolderError, open_crawl
from crawler.audit.read_facts import FactsError
from crawler.claim import check_unused
from crawler.collection import Collection
from crawler.commands import WithArguments, check_settings, outcome_lines, warn, warn_of_bodies
from crawler.crawl_archive import CrawlArchive, open_sources
from crawler.pipelines import STOPPERS, working
from crawler.rejudge import Report, rejudge
from crawler.sources.storage import SourceError
from crawler.verify_decisions import verify_decisions
from crawler.views.verified import JsonTelling, Telling


class Command(WithArguments, ScrapyCommand):
    """Judge stored evidence again."""

    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}
    arguments_help = (
        f"argument, as for crawl: {', '.join(JUDGING_ARGUMENTS)}; "
        "fetched_by=others for archives whose crawler did not ask robots.txt for us"
    )

    def syntax(self) -> str:
        return "FILE.warc.gz|CRAWL [...] -a policy=... [-a out=...] | CRAWL --verify [--json]"

    def short_desc(self) -> str:
        return "Judge stored responses (WARC files, or the evidence of a crawl) under policies"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--verify", action="store_true", help="repeat the crawl's own decisions, and name those that differ"
        )
        parser.add_argument("--json", action="store_true", help="with --verify: print JSON")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        check_settings(opts.set)
        super().process_options(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, judge, tell."""
        if not args:
            raise UsageError("name at least one WARC file, or the folder of a crawl")
        if opts.verify:
            self._verify(args, opts)
            return
        if opts.json:
            raise UsageError("--json goes with --verify", print_help=False)
        try:
            report, collection = self._judge(args, opts.spargs)
        except (*STOPPERS, SourceError, NoArchiveError) as error:
            print(f"scrapy judge: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        print("\n".join(outcome_lines(collection)))
        for note in _notes(report):
            print(note, file=sys.stderr)
        self.exitcode = 1 if report.damage else 0

    def _verify(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1 or opts.spargs:
            raise UsageError(
                "--verify takes the folder of one crawl and no -a: all it needs is there", print_help=False
            )
        assert self.settings is not None
        try:
            crawl = open_crawl(Path(args[0]))
            telling = JsonTelling() if opts.json else Telling()
            verified = asyncio.run(verify_decisions(crawl.path, working(self.settings), telling.tell))
        except (*STOPPERS, FolderError, FactsError) as error:
            print(f"scrapy judge --verify: {error}", file=sys.stderr)
            self.exitcode = 2
            return
        telling.end(verified)
        self.exitcode = 1 if verified.differ else 0

    def _judge(self, sources: list[str], given: dict[str, str]) -> tuple[Report, Collection]:
        check_names(given, (*JUDGING_ARGUMENTS, "fetched_by"))
        fetched_by = fetched_by_of(given)
        given.pop("fetched_by", None)
        archives, names = open_sources(sources)
        what = judging({"out": default_out(), **given}, today=datetime.now(UTC).date(), fetched_by=fetched_by)
        check_unused(what.out)
        warn(what.policies)
        warn_of_bodies(what)
        assert self.settings is not None
        collection = Collection(what, working(self.settings), facts_of_run={"sources": names})
        return asyncio.run(_run(archives, collection)), collection


async def _run(sources: list[Archive | CrawlArchive], collection: Collection) -> Report:
    try:
        with collection:
            return await rejudge(sources, collection)
    finally:
        await collection.workers.close()


def _notes(report: Report) -> list[str]:
    notes = list(report.damage)
    if report.without_robots:
        notes.append(
            f"robots.txt of {len(report.without_robots)} origins is not in the archive: what it refused is not "
            "known (robots: not-recorded), and no shipped policy looks at that"
        )
    if report.repeated:
        notes.append(f"{report.repeated} further captures of the same address were left out; the first was judged")
    return notes
