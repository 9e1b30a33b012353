"""Everything that a crawl knows of one URL: when it was taken in, its lines and whether they stand where they stood,
its facts, where it led and what led to it, what was decided about it since, and which page had its text before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from heapq import nlargest
from itertools import takewhile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from crawler.audit import frontier
from crawler.audit.chain import parse
from crawler.audit.crawl_folder import CrawlFolder, Published, ReadManifest
from crawler.audit.find import Wanted, wanted
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.ledger import START, ledger_files, unseal
from crawler.audit.lines import Line, events, is_outcome
from crawler.audit.pages import StoredPage, name_of, page
from crawler.audit.read_facts import read_rows

MOST_URLS = 5  # told for one question: http and https, with and without identifiers
MOST_HOPS = 20
MOST_NEAREST = 5
DUPLICATE = "duplicate"  # the fact that a text was there before; `where` is "<policy>:<SHA-256 of the first URL>"
_REDIRECT = "redirect-to"
_REMOVED = "bodies-removed"


Crawls = tuple[Path, ...]  # the crawl, or all segments of a merged folder


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome with its place. `fits` says that it is what was written, right after the line before it."""

    where: str
    line: Line
    published: bool
    fits: bool


@dataclass(frozen=True, slots=True)
class Story:
    """One URL.

    Attributes:
        crawl: The folder of the crawl, or of the segment, that tells it.
        url_sha256: Name of the unmasked address.
        url: The address, masked.
        accepted: How many addresses the crawl had with it when it was taken in; 0 when that is not known.
        outcomes: Oldest first.
        reviews: Decisions of people about its records, oldest first.
        removed: File of page bodies that one of its records stood in -> the event that tells of its removal.
        page: Its facts; None where there are none yet.
        leads_to: Masked addresses that it redirects to, one after the other.
        led_here: Masked addresses that redirect to it.
        first: Policy -> masked address of the page that had its text before.
    """

    crawl: Path
    url_sha256: str
    url: str
    accepted: int
    outcomes: tuple[Told, ...]
    reviews: tuple[Line, ...]
    removed: Mapping[str, Line]
    page: StoredPage | None
    leads_to: tuple[str, ...]
    led_here: tuple[str, ...]
    first: Mapping[str, str]

    @property
    def fits(self) -> bool:
        """Whether all of its lines are what they were."""
        return all(told.fits for told in self.outcomes)


def wanted_page(asked: str) -> Wanted:
    """A URL, its SHA-256 or the id of a record; a bare host stands for its front page."""
    name = name_of(asked.strip())
    is_host = "/" not in name and "." in name
    what = wanted(f"{name}/" if is_host else name)
    return replace(what, site="\0")


def stories(crawl: CrawlFolder, what: Wanted, read_manifest: ReadManifest) -> list[Story]:
    """The URLs that are meant; most often one, none when the crawl has none of them. Raises FactsError.

    Of a URL that several segments of a merged folder took in, the one that decided it tells.
    """
    found: dict[str, Story] = {}
    for name, segment in crawl.parts():
        for story in _stories(segment, name, crawl.segments, what, read_manifest):
            known = found.get(story.url_sha256)
            if known is None or (story.outcomes and not known.outcomes):
                found[story.url_sha256] = story
    return list(found.values())


def _stories(crawl: CrawlFolder, prefix: str, crawls: Crawls, what: Wanted, read_manifest: ReadManifest) -> list[Story]:
    taken: dict[str, tuple[str, int]] = {}
    for number, accepted in enumerate(frontier.read(crawl.path), 1):
        if what.matches(accepted._asdict()) and len(taken) < MOST_URLS:
            taken.setdefault(accepted.url_sha256, (accepted.url, number))
    found: dict[str, list[Told]] = {}
    for told in _outcomes(crawl, replace(what, names=what.names | taken.keys()), read_manifest):
        if told.line["url_sha256"] in found or len(found) < MOST_URLS:
            found.setdefault(told.line["url_sha256"], []).append(replace(told, where=f"{prefix}{told.where}"))
    spelled = {name: str(lines[0].line.get("url", "")) for name, lines in found.items()}
    return [
        _story(crawl.path, crawls, name, *taken.get(name, (spelled.get(name, ""), 0)), tuple(found.get(name, ())))
        for name in {**dict.fromkeys(taken), **dict.fromkeys(found)}
    ]


def nearest(crawls: Crawls, url: str, site: str) -> list[str]:
    """Accepted addresses of that site, those that begin most alike first; or of hosts that end alike."""
    domain = ".".join(site.split(".")[-2:])
    same = (one.url for crawl in crawls for one in frontier.read(crawl) if one.site == site)
    if found := nlargest(MOST_NEAREST, same, key=partial(_likeness, url)):
        return found
    others = (one.url for crawl in crawls for one in frontier.read(crawl) if domain and one.site.endswith(domain))
    return nlargest(MOST_NEAREST, others, key=partial(_likeness, url))


def _likeness(url: str, other: str) -> tuple[int, int]:
    """How many letters they begin with in common; of two alike the shorter."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(url, other, strict=False))
    return sum(1 for _ in alike), -len(other)


def _story(crawl: Path, crawls: Crawls, name: str, url: str, accepted: int, outcomes: tuple[Told, ...]) -> Story:
    stored = page(crawl, Wanted(frozenset({name}), frozenset(), "\0"))
    bodies = {reference.partition("#")[0] for told in outcomes for reference in map(str, told.line.get("evidence", ()))}
    happened = [
        line for _, line in events(crawl, lambda content: name.encode() in content or _REMOVED.encode() in content)
    ]
    facts = stored.facts if stored else ()
    firsts = {
        policy: first for fact in facts if fact.name == DUPLICATE for policy, _, first in [fact.where.partition(":")]
    }
    return Story(
        crawl=crawl,
        url_sha256=name,
        url=url,
        accepted=accepted,
        outcomes=outcomes,
        reviews=tuple(line for line in happened if str(line.get("id", "")).startswith(f"{name}:")),
        removed={
            file: line
            for line in happened
            if line["event"] == _REMOVED and isinstance(line.get("files"), dict)
            for file in line["files"]
            if file in bodies
        },
        page=stored,
        leads_to=tuple(_leads_to(crawls, url)),
        led_here=tuple(dict.fromkeys(source for source, _ in _redirects(crawls, "value", url))),
        first=_addresses(crawls, firsts),
    )


def _outcomes(crawl: CrawlFolder, what: Wanted, read_manifest: ReadManifest) -> Iterator[Told]:
    """The lines about it, each compared with the line before it."""
    published, needles, before = Published(crawl.path, read_manifest), what.needles, b""
    for path in ledger_files(crawl.path / LEDGER):
        with path.open("rb") as file:
            for number, content in enumerate(file, 1):
                if any(needle in content for needle in needles) and content.endswith(b"\n"):
                    line = parse(content)
                    if line and is_outcome(line) and what.matches(line):
                        follows = line.get("prev") == (unseal(before[:-1]) if before else START)
                        listed = published.lists(str(line.get("shard")), line["seq"])
                        fits = follows and bool(unseal(content[:-1]))
                        yield Told(f"{LEDGER}/{path.name} line {number}", line, listed, fits)
                before = content


def _leads_to(crawls: Crawls, url: str) -> Iterator[str]:
    """Hop by hop, until there is none or one that was told already."""
    told = {url}
    while len(told) <= MOST_HOPS:
        target = next((target for _, target in _redirects(crawls, "url", url)), None)
        if target is None:
            return
        yield target
        if target in told:
            return
        told.add(target)
        url = target


def _redirects(crawls: Crawls, column: str, url: str) -> Iterator[tuple[str, str]]:
    """From where and to where, of those that have that address in the column: "url" is from, "value" is to."""
    mask = partial(_is_redirect, column=column, url=url)
    found = (row for crawl in crawls for row in read_rows(crawl, ("url", "name", "value"), mask))
    return ((source, target) for source, _, target in found)


def _is_redirect(batch: Any, column: str, url: str) -> Any:
    named = pc.equal(batch.column("name"), pa.scalar(_REDIRECT))
    return pc.and_(named, pc.equal(batch.column(column), pa.scalar(url)))


def _addresses(crawls: Crawls, names: Mapping[str, str]) -> dict[str, str]:
    """The same with masked addresses in place of SHA-256, where the crawl knows them."""
    if not names:
        return {}
    asked = set(names.values())
    known = {one.url_sha256: one.url for crawl in crawls for one in frontier.read(crawl) if one.url_sha256 in asked}
    return {policy: known.get(name, name) for policy, name in names.items()}
