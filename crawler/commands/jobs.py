"""`scrapy jobs list | check | run NAME | serve | export`: scheduled collection, by jobs.yaml."""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader

from crawler.cluster.lock import MissingExtraError as LocksExtraError
from crawler.commands import check_settings
from crawler.durable import make_folder, write_whole
from crawler.jobs import listing
from crawler.jobs.check import problems
from crawler.jobs.exports import FORMS, Caller, ExportError, export
from crawler.jobs.figures import collect, health
from crawler.jobs.house import House, Say, open_house
from crawler.jobs.model import Job
from crawler.jobs.one_run import OneRun
from crawler.jobs.read import JobsError, Source, read
from crawler.jobs.running import GRACE_S
from crawler.jobs.serve import Server
from crawler.logs import JSON, json_line
from crawler.metrics.endpoint import EndpointError, serve
from crawler.metrics.text import MissingExtraError

FILE = "jobs.yaml"
SUBCOMMANDS = {
    "list": ("[NAME]", "jobs with their next time and last run; with NAME, the runs of that job"),
    "check": ("", "whether the file can be used: all problems at once, and the next three times of each job"),
    "run": ("NAME", "one run now, in the foreground; the exit code is the crawl's, 75 where the last run still runs"),
    "rejudge": ("NAME", "the known pages of an incremental job by its policies as they are now, without fetching"),
    "export": (
        "|".join(FORMS) + " [NAME]",
        "the jobs, or one, for another scheduler; on the console, or with --output",
    ),
    "serve": ("", "starts what is due, until Ctrl-C or SIGTERM; SIGHUP, or a change of the file, has it read again"),
}


class Command(ScrapyCommand):
    """Shell around crawler.jobs."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return f"{'|'.join(SUBCOMMANDS)} [NAME] [--file jobs.yaml]"

    def short_desc(self) -> str:
        return "Scheduled collection: jobs, when they are due, and their runs"

    def long_desc(self) -> str:
        return "; ".join(f"{name} {arguments}: {says}" for name, (arguments, says) in SUBCOMMANDS.items())

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("-f", "--file", default=FILE, metavar="PATH", help=f"the jobs (default: {FILE})")
        parser.add_argument("--json", action="store_true", help="list: print JSON")
        parser.add_argument("--output", metavar="DIR", help="export: write files there instead of printing them")
        parser.add_argument(
            "--listen",
            metavar="HOST:PORT",
            help="serve: answer /metrics and /health there, for example 127.0.0.1:9187 (extra `metrics`); no password",
        )
        parser.add_argument(
            "--due",
            action="store_true",
            help="run: only for the due time that passed last, unless that was seen to; for cron and the like",
        )
        parser.add_argument(
            "--grace",
            type=float,
            default=GRACE_S,
            metavar="SECONDS",
            help=f"run, serve: how long a crawl may take to end when asked to, then it is killed ({GRACE_S:.0f})",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the arguments, hand over to the subcommand."""
        name, *given = args or [""]
        if name not in SUBCOMMANDS:
            near = get_close_matches(name, SUBCOMMANDS, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UsageError(f"scrapy jobs {self.syntax()}{hint}", print_help=False)
        wanted = SUBCOMMANDS[name][0].split()
        if not sum(not part.startswith("[") for part in wanted) <= len(given) <= len(wanted):
            raise UsageError(f"scrapy jobs {name} {SUBCOMMANDS[name][0]}".rstrip(), print_help=False)
        try:
            self.exitcode = getattr(self, f"_{name}")(given, opts)
            sys.stdout.flush()
        except (JobsError, ExportError, LocksExtraError) as error:
            print(error, file=sys.stderr)
            self.exitcode = 1
        except (OSError, sqlite3.Error) as error:
            if isinstance(error, BrokenPipeError):  # the reader has seen enough (| head)
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                return
            print(f"scrapy jobs {name}: {error}", file=sys.stderr)
            self.exitcode = 1

    def _list(self, given: list[str], opts: argparse.Namespace) -> int:
        source = read(Path(opts.file))
        job = _job(source, given[0]).name if given else ""
        book = listing.book_of(source.folder)
        if opts.json:
            print(json.dumps(listing.as_json(source, book, job), ensure_ascii=False, indent=2))
        else:
            _print(listing.runs_of_lines(book, job) if job else listing.job_lines(source, book))
        return 0

    def _check(self, given: list[str], opts: argparse.Namespace) -> int:
        source = self._checked(Path(opts.file))
        _print(listing.checked_lines(source, datetime.now(UTC)))
        print(f"{source.path}: {len(source.content.jobs)} job(s), no problem")
        return 0

    def _run(self, given: list[str], opts: argparse.Namespace) -> int:
        source = self._checked(Path(opts.file))
        one = OneRun(self._house(source, opts), _job(source, given[0]))
        return one.if_due() if opts.due else one.now()

    def _rejudge(self, given: list[str], opts: argparse.Namespace) -> int:
        source = self._checked(Path(opts.file))
        return OneRun(self._house(source, opts), _job(source, given[0])).rejudge()

    def _export(self, given: list[str], opts: argparse.Namespace) -> int:
        form, *names = given
        if form not in FORMS:
            near = get_close_matches(form, FORMS, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UsageError(f"export {form}: unknown; known are {', '.join(FORMS)}{hint}", print_help=False)
        source = self._checked(Path(opts.file))
        jobs = [_job(source, name) for name in names] or source.content.jobs
        caller = Caller(
            sys.executable, Path.cwd(), source.path.resolve(), Path(source.content.folder), round(opts.grace)
        )
        files = export(form, jobs, caller)
        for name, text in files.items():
            if opts.output:
                make_folder(Path(opts.output))
                write_whole(Path(opts.output) / name, text.encode())
                print(Path(opts.output) / name)
            else:
                print((f"# {name}\n" if len(files) > 1 else "") + text, end="")
        return 0

    def _serve(self, given: list[str], opts: argparse.Namespace) -> int:
        server = Server(self._house(self._checked(Path(opts.file)), opts), self._checked)
        with _listening(opts.listen, server) if opts.listen else nullcontext():
            server.run()
        return 0

    def _house(self, source: Source, opts: argparse.Namespace) -> House:
        return open_house(
            source, say_as(self._own["LOG_LINES"]), ledger_key=self._own["LEDGER_KEY"], grace_s=opts.grace
        )

    def _checked(self, path: Path) -> Source:
        """The file, with all that a crawl would check. Raises JobsError."""
        source = read(path)
        found = problems(
            source,
            spiders=get_spider_loader(self._own).list(),
            setting_problem=_setting_problem,
            contact=self._own["CONTACT"],
            contact_required=self._own.getbool("CONTACT_REQUIRED"),
        )
        if found:
            raise JobsError(tuple(found))
        return source

    @property
    def _own(self) -> BaseSettings:
        assert self.settings is not None  # Scrapy sets them before it runs a command
        return self.settings


@contextmanager
def _listening(where: str, server: Server) -> Iterator[None]:
    """Answer Prometheus meanwhile. Raises UsageError."""
    host, _, port = where.rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(f"--listen {where}: write HOST:PORT, for example 127.0.0.1:9187", print_help=False)
    try:
        endpoint = serve(host.strip("[]"), int(port), collect=partial(collect, server), health=partial(health, server))
    except (EndpointError, MissingExtraError) as error:
        raise UsageError(f"--listen {where}: {error}", print_help=False) from error
    server.house.say("", f"http://{host}:{endpoint.port}/metrics and /health")
    try:
        yield
    finally:
        endpoint.close()


def say(job: str, text: str) -> None:
    """One line for whoever watches."""
    print(": ".join(filter(None, (f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}", job, text))), flush=True)


def say_json(job: str, text: str) -> None:
    """The same as a line of a log in JSON."""
    print(json_line(": ".join(filter(None, (job, text))), logger="crawler.jobs"), flush=True)


def say_as(lines: str) -> Say:
    """How the server speaks, by the setting LOG_LINES."""
    return say_json if lines == JSON else say


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _job(source: Source, name: str) -> Job:
    names = [job.name for job in source.content.jobs]
    if name not in names:
        near = get_close_matches(name, names, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UsageError(f"{source.path} has no job {name}; it has {', '.join(names)}{hint}", print_help=False)
    return source.content.jobs[names.index(name)]


def _setting_problem(name: str, value: str) -> str:
    try:
        check_settings([f"{name}={value}"])
    except UsageError as error:
        return str(error.args[0]).removeprefix(f"-s {name}: ")
    return ""
