"""The filters of `scrapy audit find` as a person types them: values with commas, days, hosts; mistakes are answered."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from scrapy.exceptions import UsageError

from crawler.audit.crawl_folder import CrawlFolder
from crawler.audit.filters import WAITING, Filters, moment
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.ledger import ledger_files
from crawler.document import Result, Stage
from crawler.judged_by import policies_of
from crawler.pii.mask import mask_url
from crawler.policy.model import Effect

STAGES = tuple(dict.fromkeys((*(stage.value for stage in Stage), "duplicates", WAITING)))
RESULTS = tuple(result.value for result in Result)
EFFECTS = tuple(effect.value for effect in Effect)
_RULES = re.compile(rb'"rules":\[([^\]]*)\]|"rule":("[^"]+")')
_MOST_NAMED = 12


def add_filters(parser: argparse.ArgumentParser) -> None:
    """One option a filter; several values with commas."""
    parser.add_argument("--site", default="", metavar="HOST", help="find: this host; *.example.org: all below it, too")
    parser.add_argument("--rule", default="", metavar="ID", help="find: decided by this rule")
    parser.add_argument("--any-rule", action="store_true", help="find: --rule need not have decided, only fired")
    parser.add_argument("--stage", default="", help=f"find: {', '.join(STAGES)}")
    parser.add_argument("--effect", default="", help=f"find: of the deciding rule: {', '.join(EFFECTS)}")
    parser.add_argument("--result", default="", help=f"find: {', '.join(RESULTS)}")
    parser.add_argument("--since", default="", metavar="DATE", help="find: from this day (UTC) or time on")
    parser.add_argument("--until", default="", metavar="DATE", help="find: up to the end of this day, or before a time")
    parser.add_argument("--prefix", default="", metavar="URL", help="find: addresses that begin so")


def filters_of(crawl: CrawlFolder, opts: argparse.Namespace) -> Filters:
    """The filters that were asked for. Raises UsageError with what is allowed."""
    names = ("policy", "site", "rule", "stage", "effect", "result", "since", "until", "prefix")
    given = {name: value for name in names if (value := str(getattr(opts, name, "")))}
    return Filters(
        policies=_listed(given, "policy"),
        sites=tuple(map(_host, sorted(_listed(given, "site")))),
        rules=_rules(crawl, _listed(given, "rule")),
        any_rule=opts.any_rule,
        stages=_known("stage", _listed(given, "stage"), STAGES),
        effects=_known("effect", _listed(given, "effect"), EFFECTS),
        results=_known("result", _listed(given, "result"), RESULTS),
        since=_moment("since", given.get("since", "")),
        until=_moment("until", given.get("until", ""), ends=True),
        prefixes=tuple(dict.fromkeys(form for one in sorted(_listed(given, "prefix")) for form in _beginnings(one))),
        words={name: mask_url(value) for name, value in given.items()},
    )


def _listed(given: dict[str, str], name: str) -> frozenset[str]:
    return frozenset(value.strip() for value in given.get(name, "").split(",") if value.strip())


def _known(name: str, asked: frozenset[str], known: Collection[str]) -> frozenset[str]:
    for value in sorted(asked.difference(known)):
        raise UsageError(_unknown(name, value, known), print_help=False)
    return asked


def _unknown(name: str, value: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(value, known, n=1, cutoff=0.5)
    listed = ", ".join(sorted(known) if name == "rule" else known) if len(known) <= _MOST_NAMED else ""
    guess = f"did you mean {near[0]}?" if near else ""
    told = " ".join(filter(None, (guess, f"known: {listed}" if listed else "")))
    return f"--{name} {value}: there is no such {name}{' in this crawl' if name == 'rule' else ''}" + (
        f"; {told}" if told else ""
    )


def _rules(crawl: CrawlFolder, asked: frozenset[str]) -> frozenset[str]:
    """Rules that some policy of this crawl has, as far as its policies are known, or that its ledger names."""
    if not asked:
        return asked
    of_policies = {rule.id for policy in policies_of(crawl).values() for rule in policy.rules}
    if asked <= of_policies:
        return asked
    return _known("rule", asked, of_policies | _rules_of_ledger(crawl))


def _rules_of_ledger(crawl: CrawlFolder) -> set[str]:
    found: set[bytes] = set()
    for path in (path for segment in crawl.segments for path in ledger_files(segment / LEDGER)):
        with path.open("rb") as lines:
            for content in lines:
                for listed, one in _RULES.findall(content):
                    found.add(listed or one)
    return {name.strip('"') for names in found for name in names.decode("utf-8", "replace").split(",")} - {""}


def _host(text: str) -> str:
    """A host as the ledger writes it, however it was typed: capitals, a port, a whole address, letters beyond ASCII."""
    below = text.startswith("*.")
    bare = text.removeprefix("*.")
    try:
        host = urlsplit(bare if "://" in bare else f"//{bare}").hostname or ""
        host = host if host.isascii() else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        host = ""
    if not host or "*" in host:
        raise UsageError(f"--site {text}: no host; for example example.org or *.example.org", print_help=False)
    return f"*.{host.rstrip('.')}" if below else host.rstrip(".")


def _moment(name: str, text: str, *, ends: bool = False) -> str:
    try:
        return moment(text, ends=ends) if text else ""
    except (ValueError, OverflowError):
        told = "no day and no time; for example 2026-11-23 or 2026-11-23T09:30 (UTC)"
        raise UsageError(f"--{name} {text}: {told}", print_help=False) from None


def _beginnings(text: str) -> Iterable[str]:
    """An address, or how it begins, as it may stand in the ledger: scheme and host in small letters, masked."""
    if "://" not in text:
        return [form for scheme in ("http", "https") for form in _beginnings(f"{scheme}://{text}")]
    scheme, _, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    spelled = f"{scheme.lower()}://{host.lower()}{slash}{path}"
    return dict.fromkeys((spelled, mask_url(spelled)))
