"""`scrapy audit evidence DIR ID`: the records behind a decision, and what became of those that are gone.

ID is the number of a ledger line (seq), a reference (evidence/00000.warc.gz#0), an address or its SHA-256. Page text is
never shown; `--extract FILE` writes one body to a file.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from scrapy.exceptions import UsageError

from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.find import wanted
from crawler.audit.line import printable
from crawler.crawl_archive import recorded
from crawler.durable import WriteError, write_whole
from crawler.retention import removals
from crawler.sources.one_record import GoneError, read_record, split_reference
from crawler.sources.storage import SourceError
from crawler.views import evidence as view

ARGUMENTS = "ID"
HELP = "shows the records behind a line: ID is its seq, a reference file#offset, an address or its SHA-256"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Bodies."""
    parser.add_argument(
        "--body", action="store_true", help="evidence: also the first lines of site files that are text"
    )
    parser.add_argument("--extract", metavar="FILE", help="evidence: write the stored body of the page to a new file")


def run(crawl: CrawlFolder, args: list[str], opts: argparse.Namespace) -> int:
    """Look up and print; 1 when there is no such thing."""
    folder, references, lines = _look(crawl, args[0])
    if not references:
        print(
            printable(f"Nothing about {args[0]} in {crawl.path}: give a seq, a reference, an address or its SHA-256.")
        )
        return 1
    if opts.extract:
        return _extract(folder, references, Path(opts.extract))
    found = [_shown(folder, reference, body=opts.body) for reference in references]
    if opts.json:
        print(json.dumps({"lines": lines, "records": found}, ensure_ascii=False, indent=2))
        return 0
    for line in lines:
        print(
            printable(f"line {line['seq']}  {line['url']}  {line['policy']}: {line['result']} ({line['rule'] or '-'})")
        )
    for each in found:
        print()
        for text in view.lines(each) if "gone" not in each else (f"{each['record']}  {each['gone']}",):
            print(printable(text))
    _hint(folder, found)
    return 0


def _look(crawl: CrawlFolder, asked: str) -> tuple[Path, list[str], list[dict[str, Any]]]:
    """The crawl, or the segment of a merged folder, that has it; records and lines there. Raises UsageError."""
    for name, segment in crawl.parts():
        if asked.startswith(name) and (name or not crawl.is_merged):
            return (segment.path, *_references(segment.path, asked.removeprefix(name)))
    if asked.isdecimal() or ("#" in asked and "://" not in asked):
        names = ", ".join(f"{name}{asked}" for name in crawl.names)
        raise UsageError(f"{asked}: which segment's? Write one of {names}", print_help=False)
    for path in crawl.segments:
        references, lines = _references(path, asked)
        if references:
            return path, references, lines
    return crawl.path, [], []


def _hint(crawl: Path, found: list[dict[str, Any]]) -> None:
    body = next((each["record"] for each in found if each.get("what") == "body"), "")
    if body:
        print(f"\nThe body holds the page as it came; to get it: scrapy audit evidence {crawl} {body} --extract FILE")


def _references(crawl: Path, asked: str) -> tuple[list[str], list[dict[str, Any]]]:
    """The records that are asked for, each once, and the lines that name them."""
    if "#" in asked and not asked.startswith(("http://", "https://")):
        return [asked], []
    what = wanted(asked)
    references: dict[str, None] = {}
    lines: list[dict[str, Any]] = []
    for entry in recorded(crawl):
        seqs = [line for _, line in entry.lines if asked.isdecimal() and line.get("seq") == int(asked)]
        if seqs or entry.name in what.names or entry.url in what.urls:
            references.update(dict.fromkeys(entry.references))
            lines += map(_told, seqs or (line for _, line in entry.lines))
            if seqs:
                break
    return list(references), lines


def _told(line: Any) -> dict[str, Any]:
    return {name: line.get(name, "") for name in ("seq", "url", "url_sha256", "policy", "result", "stage", "rule")}


def _shown(crawl: Path, reference: str, *, body: bool) -> dict[str, Any]:
    try:
        return view.as_mapping(read_record(crawl, reference), body=body)
    except GoneError:
        return {"record": reference, "gone": _why_gone(crawl, reference)}
    except SourceError as error:
        return {"record": reference, "gone": str(error).removeprefix(f"{reference}: ")}


def _why_gone(crawl: Path, reference: str) -> str:
    """Which event says that the file was deleted."""
    name, _ = split_reference(reference)
    for event in removals(crawl):
        if isinstance(files := event.get("files"), dict) and name in files:
            return f"deleted on {event.get('time')}, says the ledger (seq {event.get('seq')}): {event.get('note')}"
    return "missing: no event of the ledger says that it was deleted"


def _extract(crawl: Path, references: list[str], path: Path) -> int:
    """Write the body of the page to a file that does not exist yet."""
    if path.exists():
        raise UsageError(f"--extract {path}: is there already; give a new name", print_help=False)
    for reference in references:
        try:
            record = read_record(crawl, reference)
        except GoneError:
            print(printable(f"{reference}  {_why_gone(crawl, reference)}"))
            continue
        except SourceError as error:
            print(printable(str(error)))
            continue
        if record.fetched and (view.what_of(record) == "body" or len(references) == 1) and record.fetched.body:
            try:
                write_whole(path, record.fetched.body)
            except WriteError as error:
                raise UsageError(str(error), print_help=False) from error
            print(f"{len(record.fetched.body)} bytes of {reference} written to {path}")
            return 0
    print("No body is stored: bodies stay only as long as the policies allow (-a bodies=).")
    return 1
