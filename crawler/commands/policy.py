"""scrapy policy list | show | explain | diff | matrix | test | new | check: the law as data, for whoever asks."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.arguments import ArgumentError, all_facts, include_bills
from crawler.asked_page import Asked, pages_asked
from crawler.audit.crawl_folder import FolderError
from crawler.audit.line import printable
from crawler.audit.read_facts import FactsError
from crawler.commands import WithArguments, warn
from crawler.comparing import compare
from crawler.documentation.policy_page import markdown
from crawler.explaining import explain, select
from crawler.looking import LookError
from crawler.pii.engines import EngineError
from crawler.pipelines import name_engines
from crawler.policy.cases import Ran, rules_without_row
from crawler.policy.library import STRICTEST, Library, profiles
from crawler.policy.load import build, names
from crawler.policy.read import PolicyError
from crawler.policy.spec import is_path, parse
from crawler.policy.tables import read_table, run_table
from crawler.policy.vocabulary import can_be
from crawler.under_policies import UnderPolicies, under_policies
from crawler.views import comparisons, crawls, explanations, policies, wrapped

TEMPLATE = Path(__file__).with_name("new_policy.yaml")
PROBLEMS = (PolicyError, ArgumentError, LookError, FolderError, FactsError, EngineError)
MOST_ROWS = 40  # printed for people where --limit says nothing
MOST_DIFFERENCES = 200


class Command(WithArguments, ScrapyCommand):
    """Shell around crawler.policy, crawler.explaining and crawler.comparing; it only prints."""

    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}
    arguments_help = "argument, as for crawl: run facts, classes, records; matrix: policy=jp,eu"

    def syntax(self) -> str:
        return (
            "list  |  show P  |  explain P[,P] URL|FILE|CRAWL#ID  |  diff P Q [CRAWL]  |  matrix CRAWL  |  "
            "test TABLE...  |  new NAME  |  check FILE..."
        )

    def short_desc(self) -> str:
        return "What a policy says, why it decides as it does, and where two of them differ"

    def long_desc(self) -> str:
        return (
            "show prints a policy with all it stands on (--markdown for lawyers); explain says why a page is kept or "
            "not, and what would change it; diff compares rules, or the pages of a crawl; matrix shows a crawl under "
            "many policies; test runs tables of cases; new writes a template; check looks for mistakes. A policy is "
            "named as for crawl: jp, jp+eu, jp@2023-06-01, rules/own.yaml."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument("--csv", action="store_true", help="diff P Q CRAWL, matrix: print CSV")
        parser.add_argument("--markdown", action="store_true", help="show: print Markdown")
        parser.add_argument("--limit", type=int, default=MOST_ROWS, help="matrix, explain: so many pages")
        parser.add_argument("--url", default="", help="explain: where a saved page came from; one page of an archive")
        parser.add_argument("--table", default="", help="check: a table that is to have a row for every rule")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do what the first word says."""
        try:
            self.exitcode = self._run(args, opts)
            sys.stdout.flush()
        except PROBLEMS as error:
            print(printable(f"scrapy policy: {error}"), file=sys.stderr)
            self.exitcode = 1
        except BrokenPipeError:  # the reader has seen enough (| head)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _run(self, args: list[str], opts: argparse.Namespace) -> int:
        today = datetime.now(UTC).date()
        match args:
            case ["list"]:
                return _list(opts.json, today)
            case ["show", spec]:
                return _show(spec, opts, today)
            case ["explain", specs, what]:
                return self._explain(specs, what, opts, today)
            case ["diff", left, right]:
                return _diff(left, right, opts.json, today)
            case ["diff", left, right, crawl]:
                return _diff_crawl(under_policies(crawl, f"{left},{right}", opts.spargs, today), opts)
            case ["matrix", crawl]:
                return _matrix(under_policies(crawl, opts.spargs.get("policy", ""), opts.spargs, today), opts)
            case ["test", _, *_]:
                return _test(args[1:], today)
            case ["new", name]:
                return _new(name)
            case ["check", _, *_]:
                return _check(args[1:], opts.table, today)
        raise UsageError(f"scrapy policy {self.syntax()}", print_help=False)

    def _explain(self, specs: str, what: str, opts: argparse.Namespace, today: date) -> int:
        asked = Asked(
            specs, what, opts.spargs, url=opts.url, engines=name_engines(self._settings)[0],
            settings=tuple(word for given in opts.set for word in ("-s", given)), today=today, limit=opts.limit,
        )  # fmt: skip
        selected = select(specs, all_facts(), today, include_bills=asked.include_bills)
        warn(each.policy for each in selected)
        found = 0
        for found, page in enumerate(pages_asked(asked), 1):
            explained = [explain(page.stored, each, page.assumed, today) for each in selected]
            facts = list(dict.fromkeys(fact for each in explained for fact in each.outcome.facts))
            if opts.json:
                values = explanations.explanation_values(page.stored.url, facts, explained)
                print("[" if found == 1 else ",", json.dumps(values, ensure_ascii=False))
            else:
                _print([""] if found > 1 else [])
                _print(explanations.explanation_lines(page.stored.url, facts, explained))
        if opts.json:
            print("]" if found else "[]")
        return 0 if found else 1

    @property
    def _settings(self) -> Any:
        assert self.settings is not None  # Scrapy sets them before it runs a command
        return self.settings


def _list(as_json: bool, today: date) -> int:
    library = Library(all_facts())
    found = [_listed(name, library, today) for name in names()]
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    width = max(len(each["name"]) for each in found)
    for each in found:
        extends = f", extends {each['extends']}" if each["extends"] else ""
        print(f"{each['name']:{width}}  {each['title']} ({each['rules']} rules{extends})")
        for label in ("requires", "addition", "caution"):
            if each[label]:
                _print(wrapped(f"{label}: {each[label]}", " " * (width + 2)))
    return 0


def _listed(name: str, library: Library, today: date) -> dict[str, Any]:
    policy = build(library, name, today)
    own = None if name == STRICTEST else library.standing(name, today).chain[-1].content
    requires = "; ".join(f"{fact} {' or '.join(map(str, v))}" for fact, v in sorted(policy.requires.items()))
    return {
        "name": name,
        "title": policy.title if own else f"all of {', '.join(library.open_to_all())} at once",
        "rules": len(policy.rules),
        "extends": own.extends if own else None,
        "requires": requires,
        "addition": f"no place; joined to one, jp+{name}" if own and own.addition else None,
        "caution": own.caution if own else None,
        "digest": policy.digest,
    }


def _show(spec: str, opts: argparse.Namespace, today: date) -> int:
    policy = build(Library(all_facts(), include_bills=include_bills(opts.spargs)), spec, today)
    if opts.json:
        print(json.dumps(policies.policy_values(policy), ensure_ascii=False, indent=2))
    elif opts.markdown:
        print(markdown(policy))
    else:
        _print(policies.policy_lines(policy))
    warn([policy])
    return 0


def _diff(left: str, right: str, as_json: bool, today: date) -> int:
    library = Library(all_facts())
    both = build(library, left, today), build(library, right, today)
    found = compare(*both)
    warn(both)
    if as_json:
        print(json.dumps(comparisons.comparison_values(*both, found), ensure_ascii=False, indent=2))
    else:
        _print(comparisons.comparison_lines(*both, found))
    return 0


def _diff_crawl(crawled: UnderPolicies, opts: argparse.Namespace) -> int:
    warn(crawled.policies)
    if opts.csv:
        crawls.print_csv(crawled, sys.stdout, differing=True)
    else:
        _print(
            crawls.json_lines(crawled, "differences", differing=True) if opts.json else crawls.difference_lines(crawled)
        )
    return 0


def _matrix(crawled: UnderPolicies, opts: argparse.Namespace) -> int:
    warn(crawled.policies)
    if opts.csv:
        crawls.print_csv(crawled, sys.stdout)
    else:
        _print(crawls.json_lines(crawled, "rows") if opts.json else crawls.matrix_lines(crawled, opts.limit))
    return 0


# ---- tables and files ------------------------------------------------------------------------------------------------


def _test(tables: Sequence[str], today: date) -> int:
    """Run users' own tables; 1 when any row disagrees or a table cannot be read."""
    library, ran, problems = Library(all_facts()), [], []
    for table in tables:
        try:
            ran.append(run_table(Path(table), library, today))
        except PolicyError as error:
            problems.append(str(error))
    print(f"{sum(each.fitting for each in ran)} of {sum(each.total for each in ran)} agree")
    _print(_disagreements(ran))
    for problem in problems:
        print(printable(f"scrapy policy: {problem}"), file=sys.stderr)
    if not problems:
        _print(f"note: {case}" for case in _never_stated(tables, library))
        _print(f"note: no row fires {rule}" for rule in _untested(tables, library, today))
    return 1 if problems or any(each.differences for each in ran) else 0


def _disagreements(ran: Iterable[Ran]) -> Iterator[str]:
    differing = [pair for each in ran for pair in each.differences]
    for case, found in differing[:MOST_DIFFERENCES]:
        yield f"{case.where}: {case.id}: {'; '.join(found)}"
    if len(differing) > MOST_DIFFERENCES:
        yield f"and {len(differing) - MOST_DIFFERENCES} more"


def _never_stated(tables: Sequence[str], library: Library) -> Iterator[str]:
    """Values in rows that a fact can never have, most often misspelled; false says that something is not so."""
    cases = (case for table in tables for case in read_table(Path(table), library.known_facts))
    said = (
        f"{case.where}: nothing states {fact.name}: {fact.value}"
        for case in cases
        for fact in case.facts
        if fact.value is not False and not can_be(fact.name, fact.value)
    )
    yield from dict.fromkeys(said)


def _untested(tables: Sequence[str], library: Library, today: date) -> Iterator[str]:
    """Rules of the policies that the tables name which no row fires."""
    cases = [case for table in tables for case in read_table(Path(table), library.known_facts)]
    parts = dict.fromkeys(part for case in cases for part in parse(case.policy).parts if part != STRICTEST)
    for part in parts:
        yield from rules_without_row(library.standing(part, today).chain[-1].content, cases)


def _new(name: str) -> int:
    """Write the template under a name; one that is there already stays."""
    path = Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    profile = path.stem
    if profile in {*profiles(), STRICTEST, "base"} or not profile.replace("-", "").replace("_", "").isalnum():
        raise ArgumentError(f"new {name}: give a name of your own, of small letters, digits, '-' and '_'")
    if profile != profile.lower() or not profile.isascii():
        raise ArgumentError(f"new {name}: small ASCII letters, digits, '-' and '_' only; for example {profile.lower()}")
    key = profile.upper().replace("_", "-")
    text = TEMPLATE.read_text(encoding="utf-8").replace("@NAME@", profile).replace("@KEY@", key)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ArgumentError(f"{path}: is there already, and stays; give another name or remove it") from None
    except OSError as error:
        raise ArgumentError(f"{path}: cannot be written ({error.strerror})") from error
    print(f"{path}: written; edit it, then `scrapy policy check {path}`")
    return 0


def _check(files: Sequence[str], table: str, today: date) -> int:
    """Load each file; 1 when one has a mistake."""
    library, code = Library(all_facts()), 0
    for file in files:
        spec = file if is_path(file) or file in names() else f"./{file}"
        try:
            policy = build(library, spec, today)
            _print([f"{file}: OK  {policy.digest}", *(f"  warning: {warning}" for warning in policy.warnings)])
            if table:
                cases = read_table(Path(table), library.known_facts)
                untested = rules_without_row(library.standing(spec, today).chain[-1].content, cases)
                _print(f"  no row of {table} fires {rule}" for rule in untested)
                code = max(code, int(bool(untested)))
        except PolicyError as error:
            print(printable(str(error)))
            code = 1
    return code


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(printable(line))
