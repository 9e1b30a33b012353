"""`scrapy judge FILE... -a policy=eu -a out=...`: stored pages through the same judge, without network.

With `--engine local|ray` a file is judged whole by one process, many at once, and the same command again goes on.
`scrapy judge CRAWL --verify` repeats the decisions of a crawl from what it stored, and names what comes out otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.archive import Archive, NoArchiveError
from crawler.arguments import JUDGING_ARGUMENTS, ArgumentError, check_names, default_out, fetched_by_of, judging
from crawler.audit.crawl_folder import FolderError, open_crawl
from crawler.audit.read_facts import FactsError
from crawler.claim import check_unused
from crawler.collection import Collection
from crawler.commands import TOLD, WithArguments, check_settings, outcome_lines, warn, warn_of_bodies
from crawler.crawl_archive import CrawlArchive, open_sources
from crawler.engines import ENGINES, RAY, EngineMissingError
from crawler.engines import start as start_engine
from crawler.engines.judging import Report as FilesReport
from crawler.engines.judging import judge_files, make_plan, units_of
from crawler.engines.telling import Told
from crawler.known.rejudging import rejudge as judge_known
from crawler.merging import MergeError
from crawler.pipelines import STOPPERS, intervals, working
from crawler.rejudge import Report, rejudge
from crawler.sources.documents import Fields
from crawler.sources.storage import SourceError
from crawler.verify_decisions import verify_decisions
from crawler.views.verified import JsonTelling, Telling

OWN = ("fetched_by", "text_field", "url_field")  # arguments that a crawl does not take


class Command(WithArguments, ScrapyCommand):
    """Judge stored evidence again."""

    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}
    arguments_help = (
        f"argument, as for crawl: {', '.join(JUDGING_ARGUMENTS)}; "
        "fetched_by=others for archives whose crawler did not ask robots.txt for us; text_field, url_field: where sets "
        "of texts have text and address"
    )

    def syntax(self) -> str:
        return (
            "FILE|PATTERN|CRAWL [...] -a policy=... [-a out=...] [--engine local|ray] | CRAWL --verify [--json] "
            "| --known BOOK -a policy=..."
        )

    def short_desc(self) -> str:
        return "Judge stored pages (WARC, WET, Parquet, JSON lines, a crawl) under policies"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--verify", action="store_true", help="repeat the crawl's own decisions, and name those that differ"
        )
        parser.add_argument("--json", action="store_true", help="with --verify: print JSON")
        parser.add_argument("--known", metavar="BOOK", default="", help="judge what is stored of known pages again")
        parser.add_argument(
            "--engine", choices=ENGINES, help="judge file by file: by processes of this machine, or on a Ray cluster"
        )
        parser.add_argument("--processes", type=int, default=0, help="with --engine: how many; one a core otherwise")
        parser.add_argument("--ray-address", default="", help="with --engine ray: of a cluster that is there")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        check_settings(opts.set)
        super().process_options(args, opts)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, judge, tell."""
        if opts.processes and not opts.engine:
            raise UsageError("--processes goes with --engine", print_help=False)
        if opts.ray_address and opts.engine != RAY:
            raise UsageError("--ray-address goes with --engine ray", print_help=False)
        if opts.engine and (opts.known or opts.verify):
            raise UsageError("--engine goes with neither --known nor --verify", print_help=False)
        if opts.known:
            self._judge_known(args, opts)
            return
        if not args:
            raise UsageError("name at least one file of stored pages, or the folder of a crawl")
        if opts.verify:
            self._verify(args, opts)
            return
        if opts.json:
            raise UsageError("--json goes with --verify", print_help=False)
        opts.spargs.setdefault("out", default_out())
        try:
            if opts.engine:
                self._judge_files(args, opts)
                return
            report, collection = self._judge(args, opts.spargs)
        except (*STOPPERS, SourceError, NoArchiveError, EngineMissingError, MergeError) as error:
            print(f"scrapy judge: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        except KeyboardInterrupt:
            print(f"scrapy judge: stopped; {_after_stop(opts)}", file=sys.stderr)
            self.exitcode = 130
            return
        print("\n".join(outcome_lines(collection)))
        for note in _notes(report):
            print(note, file=sys.stderr)
        self.exitcode = 1 if report.damage else 0

    def _judge_known(self, args: list[str], opts: argparse.Namespace) -> None:
        if args or opts.verify or opts.json:
            raise UsageError("--known takes the book and -a only: what is judged is what it knows", print_help=False)
        try:
            given = dict(opts.spargs)
            check_names(given, JUDGING_ARGUMENTS)
            book = Path(opts.known)
            if not book.is_file():
                raise ArgumentError(f"--known {book}: there is no such book; a crawl with -a known={book} makes one")
            what = judging({"out": default_out(), **given}, today=datetime.now(UTC).date(), fetched_by="us")
            check_unused(what.out)
            warn(what.policies)
            assert self.settings is not None
            collection = Collection(
                what, working(self.settings), facts_of_run={"known": opts.known}, known=book,
                intervals=intervals(self.settings),
            )  # fmt: skip
            try:
                with collection:
                    done = judge_known(collection)
            finally:
                asyncio.run(collection.workers.close())
        except STOPPERS as error:
            print(f"scrapy judge: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        print("\n".join([*done.lines(), *outcome_lines(collection)]))

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
        fetched_by, fields = _apart(given)
        archives, names = open_sources(sources, fields)
        what = judging(given, today=datetime.now(UTC).date(), fetched_by=fetched_by)
        check_unused(what.out)
        warn(what.policies)
        warn_of_bodies(what)
        assert self.settings is not None
        collection = Collection(what, working(self.settings), facts_of_run={"sources": names})
        return asyncio.run(_run(archives, collection)), collection

    def _judge_files(self, sources: list[str], opts: argparse.Namespace) -> None:
        """Judge file by file."""
        fetched_by, fields = _apart(opts.spargs)
        processes = opts.processes or os.cpu_count() or 1
        if processes < 1:
            raise ArgumentError(f"--processes {opts.processes}: must be a whole number from 1")
        assert self.settings is not None
        units = units_of(sources)
        plan = make_plan(opts.spargs, working(self.settings), fields, units, fetched_by=fetched_by)
        warn(plan.judging.policies)
        warn_of_bodies(plan.judging)
        start = partial(start_engine, opts.engine, plan, processes=processes, address=opts.ray_address)
        report = judge_files(plan, units, start, Told(self.settings.getfloat("PROGRESS_SECONDS")))
        for line in file_lines(report, plan.judging.out):
            print(line)
        for note in (*report.problems, *file_notes(report)):
            print(note, file=sys.stderr)
        self.exitcode = 1 if report.problems or len(report.results) < report.units else 0


def _after_stop(opts: argparse.Namespace) -> str:
    """What becomes of a judging that was stopped: only file by file can it go on."""
    if opts.engine:
        return f"the same command with -a out={opts.spargs['out']} goes on where it was"
    return "it cannot go on: judge into a new folder; with --engine local the same command would go on where it was"


def _apart(given: dict[str, str]) -> tuple[str, Fields]:
    """Who fetched, and where sets of texts have what; taken out of the arguments, which then are those of a crawl."""
    check_names(given, (*JUDGING_ARGUMENTS, *OWN))
    fetched_by = fetched_by_of(given)
    fields = Fields(given.get("text_field", ""), given.get("url_field", ""))
    for name in OWN:
        given.pop(name, None)
    return fetched_by, fields


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


def file_lines(report: FilesReport, out: Path) -> Iterator[str]:
    """What came of it, a line a policy, and where to read more."""
    if report.merged is None:
        yield f"{out}: no file was judged to its end"
        return
    for policy, counts in report.merged.counts.items():
        told = ", ".join(f"{name} {counts.get(name, 0)}" for name in TOLD)
        yield f"{policy}: {told}, pending {report.merged.pending}"
    complete = sum(not result.problem for result in report.results)
    before = f" ({report.skipped} were judged before)" if report.skipped else ""
    yield f"{complete} of {report.units} files judged{before}"
    yield f"{out}: see `scrapy audit summary {out}`"


def file_notes(report: FilesReport) -> Iterator[str]:
    """What the operator should know besides."""
    if report.again:
        yield f"{report.again} files were judged again: they, the site files of the inputs or the arguments changed"
    if without := sum(result.without_robots for result in report.results):
        yield (
            f"robots.txt of {without} origins, counted file by file, is in none of the files: what it refused is not "
            "known (robots: not-recorded), and no shipped policy looks at that"
        )
    if repeated := sum(result.repeated for result in report.results) + (report.merged.repeated if report.merged else 0):
        yield f"{repeated} further captures of the same address do not count; the first one does"
    if len(report.results) < report.units:
        yield f"{report.units - len(report.results)} files were not come to; run again to go on"
