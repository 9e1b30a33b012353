"""`scrapy judge FILE.warc.gz -a policy=eu -a out=...`: stored responses through the same judge, without network."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import UTC, datetime

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.archive import Archive, NoArchiveError
from crawler.arguments import JUDGING_ARGUMENTS, check_names, default_out, fetched_by_of, judging
from crawler.collection import Collection, check_unused
from crawler.commands import WithArguments, check_settings, outcome_lines, warn
from crawler.crawl_archive import CrawlArchive, open_sources
from crawler.pipelines import STOPPERS, working
from crawler.rejudge import Report, rejudge
from crawler.sources.read_warc import SourceError


class Command(WithArguments, ScrapyCommand):
    """Judge stored evidence again."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}
    arguments_help = (
        f"argument, as for crawl: {', '.join(JUDGING_ARGUMENTS)}; "
        "fetched_by=others for archives whose crawler did not ask robots.txt for us"
    )

    def syntax(self) -> str:
        return "FILE.warc.gz|CRAWL [...] -a policy=... [-a out=...]"

    def short_desc(self) -> str:
        return "Judge stored responses (WARC files, or the evidence of a crawl) under policies"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        check_settings(opts.set)
        super().process_options(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, judge, tell."""
        if not args:
            raise UsageError("name at least one WARC file, or the folder of a crawl")
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

    def _judge(self, sources: list[str], given: dict[str, str]) -> tuple[Report, Collection]:
        check_names(given, (*JUDGING_ARGUMENTS, "fetched_by"))
        fetched_by = fetched_by_of(given)
        given.pop("fetched_by", None)
        archives, names = open_sources(sources)
        what = judging({"out": default_out(), **given}, today=datetime.now(UTC).date(), fetched_by=fetched_by)
        check_unused(what.out)
        warn(what.policies)
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
