"""scrapy pii list | scan | eval: what is found of persons, why, what becomes of it, and how well it is found."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.arguments import all_facts
from crawler.audit.line import printable
from crawler.commands import InAnyProject, check_settings, warn
from crawler.document import Fetched
from crawler.pii import catalog, engines, labels, measure
from crawler.pii.engines import EngineError
from crawler.pii.measure import Gold, GoldError
from crawler.pii.presidio import build_finder, known_entities
from crawler.pii.shapes import PERSON
from crawler.pipelines import name_engines
from crawler.policy.load import load_all
from crawler.policy.policy import Policy
from crawler.policy.read import PolicyError
from crawler.scanning import scan
from crawler.text import parse
from crawler.text.language import known_languages
from crawler.views import pii as views

STDIN = "-"
AGAINST = ("stock",)
_HTML = (".html", ".htm")
_A_PATH = re.compile(r"[^\s@:]*/[^\s@:]*|[^\s@:/]+\.(?:txt|md|html?|jsonl?|csv|xml|gz|warc|pdf)", re.IGNORECASE)


class PiiError(Exception):
    """The operator asks for something that is not there; the message says what, and what there is."""


PROBLEMS = (PiiError, GoldError, EngineError, PolicyError)


class Command(InAnyProject, ScrapyCommand):
    """Shell around crawler.pii and crawler.scanning; it only prints."""

    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "list [--lang L]  |  scan TEXT|FILE|- [--lang L] [--policy P]  |  eval FILE.jsonl... [--against stock]"

    def short_desc(self) -> str:
        return "What is found of persons, why, what a policy does with it, and how well it is found"

    def long_desc(self) -> str:
        return (
            "list shows every entity with its engine, what it checks, and measured precision and recall; scan shows "
            "what is found in a text and why, to the terminal only, and with --policy what becomes of it; eval "
            "measures against gold files (docs/personal-data.md), and Presidio as it comes with --against stock. "
            "Engines are chosen with -s PII_ENGINE_<LANGUAGE>= and -s PII_TIER=."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--lang", default="", help="list, scan: language, ISO 639-1; scan detects it if left out")
        parser.add_argument("--policy", default="", help="scan: what these policies would do (jp, or jp,eu)")
        parser.add_argument(
            "--labels", default="", help="eval: labels of the gold files, with commas; default: all we find"
        )
        parser.add_argument("--against", default="", help="eval: stock, which is Presidio as it comes, in the same run")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do what the first word says."""
        check_settings(opts.set)
        try:
            self.exitcode = self._run(args, opts)
            sys.stdout.flush()
        except PROBLEMS as error:
            print(printable(f"scrapy pii: {error}"), file=sys.stderr)
            self.exitcode = 1
        except BrokenPipeError:  # the reader has seen enough (| head)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _run(self, args: list[str], opts: argparse.Namespace) -> int:
        assert self.settings is not None  # Scrapy sets them before it runs a command
        chosen, asked = name_engines(self.settings)
        match args:
            case ["list"]:
                return _list(chosen, _language(opts.lang), opts.json)
            case ["scan", what]:
                return _scan(_text_of(what), _language(opts.lang), chosen, opts)
            case ["scan", _, _, *_]:
                raise UsageError("scrapy pii scan: more than one text; put it in quotes", print_help=False)
            case ["eval", _, *_]:
                for language in asked:
                    engines.load(language, chosen[language])  # a missing model is told before anything is read
                return _eval(args[1:], chosen, opts)
        raise UsageError(f"scrapy pii {self.syntax()}", print_help=False)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _language(given: str) -> str:
    language = given.lower().partition("-")[0]
    if language and language not in known_languages():
        near = difflib.get_close_matches(language, known_languages(), 1)
        hint = f"; did you mean {near[0]}?" if near else "."
        raise PiiError(f"--lang {given}: unknown language{hint} Give an ISO 639-1 code such as en, ja or de")
    return language


# ---- list ------------------------------------------------------------------------------------------------------------


def _list(chosen: Mapping[str, str], language: str, as_json: bool) -> int:
    entries = [entry for entry in catalog.catalog(chosen) if not language or entry.is_in(language)]
    if as_json:
        print(json.dumps([views.entry_values(entry) for entry in entries], ensure_ascii=False, indent=2))
        return 0
    _print(views.entry_lines(entries))
    if language and language not in chosen:
        print(f"{language}: {views.NOT_CHECKED}")
    return 0


# ---- scan ------------------------------------------------------------------------------------------------------------


def _text_of(what: str) -> str:
    """The text itself, that of a file, or of standard input for "-"."""
    if what == STDIN:
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    try:
        is_file = Path(what).is_file()
    except (OSError, ValueError):  # longer than any name of a file
        is_file = False
    if not is_file:
        if _A_PATH.fullmatch(what):
            raise PiiError(
                f"{what}: no such file; to scan these words as a text, write them to standard input and give -"
            )
        return what
    try:
        return _content(Path(what))
    except OSError as error:
        raise PiiError(f"{what}: cannot be read: {error.strerror}") from error


def _content(path: Path) -> str:
    """The text of a file; of a saved HTML page its main text, as a crawl would extract it."""
    body = path.read_bytes()
    if path.suffix.lower() not in _HTML:
        return body.decode("utf-8", "replace")
    page = parse(Fetched("https://page.invalid/", 200, (("Content-Type", "text/html"),), body))
    return page.extract().text if page else ""


def _scan(text: str, language: str, chosen: Mapping[str, str], opts: argparse.Namespace) -> int:
    policies: Sequence[Policy] = ()
    if opts.policy:
        policies = load_all(opts.policy, all_facts(), today=datetime.now(UTC).date())
        warn(policies)
    scanned = scan(text, language, build_finder(engines=chosen), chosen)
    print(views.HINT, file=sys.stderr)
    if opts.json:
        print(json.dumps(views.scan_values(scanned, policies), ensure_ascii=False, indent=2))
    else:
        _print(views.scan_lines(scanned, policies))
    return 0


# ---- eval ------------------------------------------------------------------------------------------------------------


def _eval(files: Sequence[str], chosen: Mapping[str, str], opts: argparse.Namespace) -> int:
    if opts.against and opts.against not in AGAINST:
        raise PiiError(f"--against {opts.against}: unknown; there is {', '.join(AGAINST)}")
    golds = {file: _read(file) for file in files}
    every = [gold for read in golds.values() for gold in read]
    wanted = _labels(opts.labels, every, known_entities())
    _note_unread(every, wanted, chosen)
    each = measure.measure_each(
        list(golds.values()), chosen, wanted, stock=bool(opts.against), only=_only(opts.labels, wanted)
    )
    total = {name: measure.together(one[name] for one in each) for name in each[0]}
    if opts.json:
        print(json.dumps(views.measured_values(total["ours"], total.get("stock")), indent=2))
        return 0
    if len(each) > 1:
        for file, found in zip(golds, each, strict=True):
            _print([file, *views.measured_lines(found), ""])
    _print(views.measured_lines(total))
    return 0


def _note_unread(golds: Sequence[Gold], wanted: Mapping[str, Collection[str]], chosen: Mapping[str, str]) -> None:
    """Say which languages have no engine: a recall of 0 there is no measurement."""
    unread = sorted({gold.language for gold in golds} - set(chosen) - {""})
    if unread and any(PERSON in found for found in wanted.values()):
        print(
            f"note: names are not looked for in {', '.join(unread)}: no engine is installed or chosen", file=sys.stderr
        )


def _read(file: str) -> list[Gold]:
    try:
        return list(measure.read(Path(file)))
    except OSError as error:
        raise PiiError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PiiError(f"{file}: not UTF-8; a gold file has one JSON object a line") from error


def _only(given: str, wanted: Mapping[str, Collection[str]]) -> frozenset[str] | None:
    """With --labels nothing else is looked for, so that the speed is that of what was asked for."""
    return frozenset().union(*wanted.values()) if given else None


def _labels(given: str, golds: Sequence[Gold], known: Collection[str]) -> dict[str, frozenset[str]]:
    """The labels asked for, or all in the files that we find; raises PiiError for one that nothing finds."""
    if not given:
        return measure.labels_of(golds, known)
    wanted = {label.strip(): labels.entities_of(label, known) for label in given.split(",") if label.strip()}
    if missing := [label for label, entities in wanted.items() if not entities]:
        raise PiiError(f"--labels {', '.join(missing)}: nothing here finds it; see scrapy pii list")
    return wanted
