"""scrapy signals list | read | test: what is read, what a page says, and whether our reading agrees with cases."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler import cases
from crawler.audit.line import printable
from crawler.commands import WithArguments
from crawler.document import Evidence, Fact, Fetched, FetchError
from crawler.looking import LookError, look
from crawler.pii.mask import mask_text, mask_url
from crawler.signals import modules, read_all
from crawler.signals.normal_form import FACTS as MERGED_FACTS
from crawler.signals.normal_form import under

MOST_DIFFERENCES = 200  # printed; the counts are of all


class Command(WithArguments, ScrapyCommand):
    """Shell around crawler.signals and crawler.cases."""

    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}
    arguments_help = "read: argument, as for crawl (contact=...)"

    def syntax(self) -> str:
        return "list  |  read URL|FILE [--json] [--url ADDRESS]  |  test FILE..."

    def short_desc(self) -> str:
        return "Which opt-outs, licenses and barriers are read, and what a page says"

    def long_desc(self) -> str:
        return (
            "list shows every signal with its specification; read prints every fact of an address (fetched politely, "
            "with its site files), a saved page, a site file, a media file or a WARC file; test runs files of cases "
            "(format: docs/signals.md) and exits with 1 if any disagrees."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="read, list: print JSON")
        parser.add_argument("--url", default="", help="read: the address that a saved file came from")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do what the first word says."""
        match args:
            case ["list"]:
                _list(opts.json)
            case ["read", what]:
                self._read(what, opts)
            case ["test", _, *_]:
                self.exitcode = _test(args[1:])
            case _:
                raise UsageError(f"scrapy signals {self.syntax()}", print_help=False)

    def _read(self, what: str, opts: argparse.Namespace) -> None:
        arguments = [word for name, value in opts.spargs.items() for word in ("-a", f"{name}={value}")]
        arguments += [word for given in opts.set for word in ("-s", given)]
        found = 0
        try:
            for found, evidence in enumerate(look(what, url=opts.url, arguments=arguments), 1):
                _show(evidence, found, opts.json)
                if evidence.page is not None and evidence.page.error:
                    self.exitcode = 1
                    print(_failure(evidence.page), file=sys.stderr)
        except LookError as error:
            print(f"scrapy signals: {error}", file=sys.stderr)
            self.exitcode = 1
        if opts.json:
            print("]" if found else "[]")


def _list(as_json: bool) -> None:
    rows = [
        {
            "signal": module.__name__.rpartition(".")[2],  # type: ignore[attr-defined]
            "site files": list(module.NEEDS),
            "facts": list(module.FACTS),
            "specification": module.SPECIFICATION,
        }
        for module in modules()
    ]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    for row in rows:
        files = f"   [{', '.join(row['site files'])}]" if row["site files"] else ""
        print(f"{row['signal']}{files}\n  {row['specification']}\n  states: {', '.join(row['facts'])}\n")
    print(f"merged of all (normal form): {', '.join(MERGED_FACTS)}")


def _show(evidence: Evidence, number: int, as_json: bool) -> None:
    stated = read_all(evidence)
    facts, merged = stated, under(stated)[len(stated) :]
    page = evidence.page
    status = "no page" if page is None else page.error.value or str(page.status)
    if as_json:
        shown = {
            "url": mask_url(evidence.url),
            "status": status,
            "site_files": {path: file.error.value or file.status for path, file in sorted(evidence.site.items())},
            "facts": [_as_json(fact) for fact in facts],
            "merged": [_as_json(fact) for fact in merged],
        }
        print(("[" if number == 1 else ",") + "\n" + json.dumps(shown, indent=2, ensure_ascii=False))
        return
    print(printable(f"{mask_url(evidence.url)}  ({status})"))
    for title, group in (("said", facts), ("comes to", merged)):
        print(f"  {title}")
        for line in _lines(group):
            print(printable(f"    {line}"))


def _failure(page: Fetched) -> str:
    """Why nothing was received, and what can be done about it."""
    todo = {
        FetchError.ADDRESS: "; it leads to a network that is not public: -s ALLOWED_PRIVATE_NETWORKS=... allows one",
        FetchError.NOT_ASKED: "; robots.txt refuses it or could not be had, so it was not asked for",
    }.get(page.error, "")
    return f"scrapy signals: {mask_url(page.url)}: {page.error}{todo}"


def _lines(facts: tuple[Fact, ...]) -> Iterator[str]:
    width = max((len(f"{fact.name} = {fact.value}") for fact in facts), default=0)
    for fact in facts:
        told = f"{fact.name} = {mask_text(str(fact.value))}"
        quote = f"  {json.dumps(mask_text(fact.quote), ensure_ascii=False)}" if fact.quote else ""
        yield f"{told:{min(width, 44)}}  {fact.where}{quote}".rstrip()


def _as_json(fact: Fact) -> dict[str, Any]:
    value = mask_text(fact.value) if isinstance(fact.value, str) else fact.value
    return {"name": fact.name, "value": value, "where": mask_text(fact.where), "quote": mask_text(fact.quote)}


def _test(files: list[str]) -> int:
    """Run files of cases; 1 when any of them disagrees or cannot be read."""
    findings: list[tuple[str, cases.Finding]] = []
    try:
        for file in files:
            findings += [(file, finding) for finding in cases.run(Path(file))]
    except cases.CasesError as error:
        print(f"scrapy signals: {error}", file=sys.stderr)
        return 1
    agreeing = [finding for _, finding in findings if finding.agrees]
    through = [finding for finding in agreeing if finding.through]
    print(f"{len(agreeing)} of {len(findings)} agree")
    print(f"{len(through)} of them through an alternative reading only")
    for finding in through:
        print(printable(f"  {finding.id}: {finding.through}"))
    for file, finding in [pair for pair in findings if not pair[1].agrees][:MOST_DIFFERENCES]:
        print(printable(f"{finding.id}: " + "; ".join(finding.differences) + (f"  [{file}]" if len(files) > 1 else "")))
    return 0 if len(agreeing) == len(findings) else 1
