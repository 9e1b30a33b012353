"""The page that somebody asks about: looked at politely, read from a file, or remembered by a crawl.

Whichever it is, the judge that finds its facts is the crawl's own, personal data included; a crawl's page needs none,
since its facts are stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path

from crawler.archive import is_archive
from crawler.arguments import (
    JUDGING_ARGUMENTS,
    RUN_DEFAULTS,
    RUN_FACTS,
    check_names,
    fetched_by_of,
    include_bills,
    judging,
    one_of,
)
from crawler.audit import pages
from crawler.audit.crawl_folder import open_crawl
from crawler.audit.find import wanted
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.line import LOOKED_FOR
from crawler.audit.pages import StoredPage
from crawler.classes import load_classes
from crawler.document import Evidence, FetchError, url_id
from crawler.judge import Judge
from crawler.looking import LookError, look
from crawler.policy.model import RUN, Effect, Rule
from crawler.policy.policy import Policy
from crawler.policy.records import load_records
from crawler.policy.requires import check_run
from crawler.policy.vocabulary import looked_at, values_of
from crawler.redecide import Assumptions
from crawler.signals import known_facts
from crawler.signals.normal_form import AS_SPECIFIED
from crawler.urls import normalize
from crawler.workers import Work, page_judge

STORED_ARGUMENTS = ("records", "classes", "include_bills", *RUN_FACTS)
LIVE_ARGUMENTS = (*(name for name in JUDGING_ARGUMENTS if name not in ("out", "format", "bodies", "policy")), "contact",
                  "fetched_by")  # fmt: skip
# Closes no page that has a text, so that what would follow after a change is known, too.
_NO_TEXT = Rule(id="open.no-text", when={"text": values_of("text")}, effect=Effect.DROP, status="ours", says="-")
_OPEN = Policy("", "", date.min, (_NO_TEXT,), {}, "", 0, {AS_SPECIFIED: {_NO_TEXT.id}})
_KEY = b"for pseudonyms that nobody sees!"  # the cleaned text is thrown away


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, as on the command line.

    Attributes:
        specs: Policies, with commas.
        what: An address, a file, or CRAWL#ID.
        given: Arguments (`-a`).
        url: The address of a saved page, or of one page of an archive.
        engines: Which engine looks for names of persons in which language.
        settings: For the crawl of an address ("-s", "DOWNLOAD_TIMEOUT=10").
        today: The day of the rules.
        limit: At most so many pages of an archive.
    """

    specs: str
    what: str
    given: Mapping[str, str]
    url: str
    engines: Mapping[str, str]
    settings: Sequence[str]
    today: date
    limit: int

    @property
    def include_bills(self) -> bool:
        """Whether bills are taken as law."""
        return include_bills(self.given)


@dataclass(frozen=True, slots=True)
class Page:
    """A page with its facts, and what is assumed besides."""

    stored: StoredPage
    assumed: Assumptions


def pages_asked(asked: Asked) -> Iterator[Page]:
    """The pages that are meant; most often one.

    Raises:
        ArgumentError, PolicyError: An argument cannot be used.
        LookError, FolderError, FactsError: There is no such page, or it cannot be read.
    """
    folder, mark, name = asked.what.partition("#")
    if mark and (Path(folder) / LEDGER).is_dir():
        yield _stored(asked, Path(folder), name)
    else:
        yield from _seen(asked)


def _stored(asked: Asked, folder: Path, name: str) -> Page:
    check_names(asked.given, STORED_ARGUMENTS)
    crawl = open_crawl(folder)
    what = wanted(pages.name_of(name))
    page = pages.page(crawl.path, replace(what, names=what.names | {pages.name_of(name)}))
    if page is None:
        raise LookError(
            f"{asked.what}: no facts about it; give the id of a record, the SHA-256 of an address, or an address, as "
            f"`scrapy audit find {folder} ADDRESS` knows it"
        )
    return Page(page, assumptions(asked.given, asked.today))


def _seen(asked: Asked) -> Iterator[Page]:
    check_names(asked.given, LIVE_ARGUMENTS)
    given = {name: value for name, value in asked.given.items() if name not in ("contact", "fetched_by")}
    run = {**given, "policy": asked.specs, "out": "-"}
    what = judging(run, today=asked.today, fetched_by=fetched_by_of(asked.given))
    assumed = Assumptions(records=what.records, today=asked.today)
    found = (
        evidence for evidence in look(asked.what, url=asked.url, arguments=_arguments(asked)) if _meant(asked, evidence)
    )
    judge = None
    for evidence in islice(found, asked.limit):
        judge = judge or page_judge(Work((*what.policies, _OPEN), _KEY, asked.engines, today=asked.today))
        known = replace(evidence, run=what.run_of(evidence.url), classes=what.classes_of(evidence.url))
        yield Page(_facts_of(known, judge), assumed)
    if judge is None:
        raise LookError(f"{asked.what}: holds no page" + (f" {asked.url}" if asked.url else ""))


def _facts_of(evidence: Evidence, judge: Judge) -> StoredPage:
    """Everything that is stated, whichever policies would have closed the page before."""
    name = url_id(evidence.url)
    if evidence.page is None or evidence.page.error is FetchError.NOT_ASKED:
        return StoredPage(name, evidence.url, judge.gate(evidence).stated, looked_for=False)
    judged = judge(evidence)
    looked_for = any(outcome.stage in LOOKED_FOR for outcome in judged.outcomes)
    return StoredPage(name, evidence.url, judged.facts, looked_for and evidence.page.has_content)


def _meant(asked: Asked, evidence: Evidence) -> bool:
    """Whether it is the page that is asked for; of an archive, one may be named."""
    whole = not asked.url or not is_archive(Path(asked.what))
    return whole or evidence.url == (normalize(asked.url) or asked.url)


def _arguments(asked: Asked) -> list[str]:
    """For the crawl of an address: the policies asked about gate it, with the same arguments."""
    given = {**{name: value for name, value in asked.given.items() if name != "fetched_by"}, "policy": asked.specs}
    return [*(word for name, value in given.items() for word in ("-a", f"{name}={value}")), *asked.settings]


def assumptions(given: Mapping[str, str], today: date) -> Assumptions:
    """What is taken otherwise than a crawl stated it. Raises ArgumentError, PolicyError."""
    for name in RUN_FACTS:
        if given.get(name):
            one_of(name, given[name], values_of(RUN + name))
    facts = looked_at(known_facts())
    return Assumptions(
        run={name: given[name] for name in RUN_FACTS if given.get(name)},
        classes=load_classes(Path(given["classes"])).of if given.get("classes") else None,
        records=load_records(Path(given["records"]), facts) if given.get("records") else (),
        today=today,
    )


def check_stored_run(crawl: Path, policies: Sequence[Policy], given: Mapping[str, str]) -> None:
    """Refuse policies that do not admit the run of a crawl, unless the arguments say otherwise. Raises PolicyError."""
    stated = pages.run_of(crawl)
    run = {**RUN_DEFAULTS, **stated, **{name: given[name] for name in RUN_FACTS if given.get(name)}}
    for policy in policies:
        check_run(policy, run)
