"""Where RSL licenses are found: License lines of robots.txt, Link headers, link elements. States no facts.

Specification: RSL 1.0, sections 4.4 to 4.6 and 4.9, as in reference/signals.md 5 and 18, read 2026-11-22.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import IntEnum
from itertools import chain
from typing import NamedTuple

from resiliparse.parse.html import HTMLTree

from crawler.document import Evidence, Fetched
from crawler.signals import _robotstxt as robotstxt
from crawler.signals import robots
from crawler.signals._headers import placed
from crawler.signals._markup import base_address, collect, resolve
from crawler.signals._paths import target_of
from crawler.signals.license_links import licenses_of_header
from crawler.urls import domain_of, host_of, normalize, origin

MEDIA_TYPE = "application/rsl+xml"
MAX_LINKS = 8  # that are followed for one page
OTHER_SITE = "other-site"

_MAX_HTML = 2 * 1024 * 1024
_CAP_LINES = frozenset(("permits", "prohibits", "compensation"))  # a vendor's, not RSL's
_LOOKS_LIKE_AN_ADDRESS = re.compile(r"[^\s/.]*[/.]\S*")


class Channel(IntEnum):
    """Where a license was found, broadest first."""

    SITE = 0
    GROUP = 1
    PAGE = 2


class Link(NamedTuple):
    """What leads to a document: its address, the place that names it, and the text found there."""

    channel: Channel
    address: str
    where: str
    quote: str


_Odd = tuple[str, str, str, str]  # name and value of a fact, where, quote


class LicenseLines:
    """The License lines of robots.txt that may concern us.

    Attributes:
        in_force: Links of the lines that count: those of our group, else those outside any group.
        read_as_global: The same, were lines after the last group meant for the site.
        odd: What is odd about the lines, each word once: `rsl.malformed` or `rsl.flag`, the word, place and line.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.in_force: list[Link] = []
        self.read_as_global: list[Link] = []
        self.odd: list[_Odd] = []
        if found := robots.in_force(evidence):
            self._read(found, evidence.agent)

    def _read(self, found: robots.InForce, agent: str) -> None:
        groups = found.file.select(agent)[1]
        ours = _licenses(group.records for group in groups)
        everybodys = _licenses([found.file.records])
        self.in_force = _links(found, ours, everybodys)
        self.read_as_global = self.in_force
        if trailing := _trailing(found.file):
            ours_alone = [line for line in ours if line.line not in trailing]
            self.read_as_global = _links(found, ours_alone, [*everybodys, *trailing.values()])
        odd = chain(self._of_doubtful_scope(), _no_addresses(found, ours or everybodys), _of_vendors(found, groups))
        first_of_word: dict[str, _Odd] = {}
        for one in odd:
            first_of_word.setdefault(one[1], one)
        self.odd = list(first_of_word.values())

    def _of_doubtful_scope(self) -> Iterator[_Odd]:
        certain = {link.where for link in self.in_force}
        for link in self.read_as_global:
            if link.where not in certain:
                yield "rsl.flag", "licence-scope-ambiguous", link.where, link.quote


def _no_addresses(found: robots.InForce, lines: Iterable[robotstxt.Record]) -> Iterator[_Odd]:
    """Lines without the absolute address that a License line must have; words alone reserve nothing."""
    for line in lines:
        value = line.value.decode("utf-8", "replace")
        if value and not resolve("", value):
            is_address = _LOOKS_LIKE_AN_ADDRESS.fullmatch(value) is not None
            name, word = ("rsl.malformed", "not-absolute") if is_address else ("rsl.flag", "not-an-address")
            yield name, word, *_place(found, line)


def _of_vendors(found: robots.InForce, groups: Iterable[robotstxt.Group]) -> Iterator[_Odd]:
    for record in chain(found.file.records, *(group.records for group in groups)):
        if record.name in _CAP_LINES:
            yield "rsl.flag", "cap-lines", *_place(found, record)


def _links(found: robots.InForce, group: Sequence[robotstxt.Record], site: Sequence[robotstxt.Record]) -> list[Link]:
    channel = Channel.GROUP if group else Channel.SITE
    addressed = ((line, resolve("", line.value.decode("utf-8", "replace"))) for line in group or site)
    return [Link(channel, address, *_place(found, line)) for line, address in addressed if address]


def _place(found: robots.InForce, line: robotstxt.Record) -> tuple[str, str]:
    return f"{found.place}:L{line.line}", found.file.quote(line.line)


def _licenses(records: Iterable[Sequence[robotstxt.Record]]) -> list[robotstxt.Record]:
    return [record for record in chain.from_iterable(records) if record.name == "license"]


def _trailing(file: robotstxt.RobotsTxt) -> dict[int, robotstxt.Record]:
    """License lines after the last rule of the last group, set apart by an empty line, by their number."""
    candidates = _licenses(group.records for group in file.groups)
    if not candidates:
        return {}
    is_apart, found = False, set[int]()
    for number, line in enumerate(file.lines, 1):
        if not line.strip():
            is_apart = True
        elif line.partition(b":")[0].strip().lower() in (b"user-agent", b"allow", b"disallow"):
            is_apart = False
            found.clear()
        elif is_apart:
            found.add(number)
    return {line.line: line for line in candidates if line.line in found}


def is_refused(evidence: Evidence) -> bool:
    """Whether robots.txt, where it is at hand, refuses us the page's path."""
    found = robots.in_force(evidence)
    return found is not None and not robotstxt.ask(found.file.select(evidence.agent)[1], target_of(evidence.url))


def of_page(evidence: Evidence) -> list[Link]:
    """Links of the page's headers and markup."""
    return list(chain(_of_headers(evidence.page), _of_markup(evidence))) if evidence.page else []


def with_html(evidence: Evidence) -> Evidence:
    """The evidence with its page parsed, where that was not done yet and the page may hold a link of ours."""
    page = evidence.page
    if evidence.html is not None or page is None or MEDIA_TYPE.encode() not in page.body[:_MAX_HTML]:
        return evidence
    if not any("html" in value.lower() for value in page.header("content-type") or ("html",)):
        return evidence
    return replace(evidence, html=HTMLTree.parse_from_bytes(page.body[:_MAX_HTML]))


def _of_headers(page: Fetched) -> Iterator[Link]:
    for where, line in placed(page, "link"):
        for address in licenses_of_header(line, page.url, media_type=MEDIA_TYPE):
            yield Link(Channel.PAGE, address, where, line[:200])


def _of_markup(evidence: Evidence) -> Iterator[Link]:
    if evidence.html is None:
        return
    markup = collect(evidence.html)
    base = base_address(markup, evidence.url)
    for link in markup.license_links:
        if link.type == MEDIA_TYPE and not link.embedded and link.address and (address := resolve(base, link.address)):
            yield Link(Channel.PAGE, address, link.where, link.address[:200])


def file_of(address: str, url: str) -> str:
    """How `evidence.site` names a document: a path of the page's origin, an address elsewhere on its registrable
    domain; `OTHER_SITE` for all others, which could be anybody's."""
    there, here = normalize(address) or "", normalize(url) or ""
    if not host_of(there) or domain_of(host_of(there)) != domain_of(host_of(here)):
        return OTHER_SITE
    return there.removeprefix(origin(there)) if origin(there) == origin(here) else there
