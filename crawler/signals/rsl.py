"""States what a page's RSL licenses say about AI use and search, and where their documents stand.

Specification: RSL 1.0, Recommendation of 10 December 2025 with errata to 7 August 2026, as in reference/signals.md 5,
16 and 18, read 2026-11-22. What documents look like is in `_rsl_document`, what leads to them in `_rsl_links`.

For each use the most specific place that speaks of it counts: page over robots.txt's group over the site, then the
longest address pattern; among equals the most restrictive. A document that cannot be had is no license, and no refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby
from typing import NamedTuple

from crawler.document import Evidence, Fact
from crawler.signals import _rsl_document as rsl_document
from crawler.signals import _rsl_links as rsl_links
from crawler.signals import robots
from crawler.signals._markup import collect, resolve
from crawler.signals._paths import Pattern, normal_pattern, target_of
from crawler.signals._rsl_document import NAMESPACE, USES, Content, Document
from crawler.signals._rsl_links import MAX_LINKS, OTHER_SITE, Channel, LicenseLines, Link
from crawler.signals.normal_form import State
from crawler.urls import host_of, origin

WHERE = (
    "robots.txt line License",
    "header Link",
    "HTML link and script of type application/rsl+xml",
    "feeds",
    "XMP and EPUB metadata",
    "the documents that these lead to",
)
NEEDS = (robots.PATH,)
FACTS = (
    *(f"rsl.{use}" for use in USES),
    "rsl.ai-train@trailing-line-global",
    "rsl.ai-train@comma-lists",
    "rsl.license",
    "rsl.server",
    "rsl.payment",
    "rsl.unread",
    "rsl.malformed",
    "rsl.flag",
)
SPECIFICATION = "RSL 1.0, 10 December 2025, errata to 7 August 2026, read 2026-11-22"

_THIS_PAGE = 1 << 30  # narrower than any pattern
_NOWHERE = -1
_FEED = "body"
_ADDRESS = re.compile(r"https?://[^/?#]*([^#]*).*", re.IGNORECASE | re.DOTALL)
_MAX_PLACES = 5  # named in one fact


class _Source(NamedTuple):
    """Where a document stands. `is_inside`: in the page itself, so that all of it speaks of the page."""

    channel: Channel
    address: str
    where: str
    quote: str
    is_inside: bool = False


class _Spoken(NamedTuple):
    """A content element that covers the page; `scope` is the length of its address pattern."""

    source: _Source
    scope: int
    content: Content

    @property
    def specificity(self) -> tuple[int, int]:
        return self.source.channel, self.scope


class _Reading(NamedTuple):
    """What documents brought: the contents that speak of the page, and what is odd about them."""

    spoken: list[_Spoken]
    odd: list[Fact]


def read(evidence: Evidence) -> Iterator[Fact]:
    """State each use of the page that RSL speaks of, the documents in force, and what could not be read.

    Yields:
        `rsl.ai-train`, `rsl.ai-input`, `rsl.ai-index`, `rsl.search`: "reserved", "conditional" or "permitted".
        `rsl.license`: address of a document in force, the page's own for one inside it; its `rsl.server` and
        `rsl.payment`.
        `rsl.unread` with the reason, `rsl.malformed` for what tries to reserve and is not valid, `rsl.flag`.
        Without a page only what is odd about robots.txt's lines and the documents that could not be read: the rest a
        page may replace. Nothing on a path that robots.txt refuses, since a license never opens it.
    """
    if rsl_links.is_refused(evidence):
        return
    lines = LicenseLines(evidence)
    yield from (Fact(*odd) for odd in lines.odd)
    found = _read(lines.in_force, evidence)
    if evidence.page is None:
        yield from (fact for fact in found.odd if fact.name == "rsl.unread")
        return
    yield from _uses(found.spoken)
    yield from found.odd
    yield from _other_readings(found, lines, evidence)


def _other_readings(found: _Reading, lines: LicenseLines, evidence: Evidence) -> Iterator[Fact]:
    """What training would be if an open point were read the other way, where that makes a difference."""
    readings = {}
    if lines.read_as_global != lines.in_force:
        readings["trailing-line-global"] = _read(lines.read_as_global, evidence)
    if any(fact.value == "legacy-syntax" for fact in found.odd):
        readings["comma-lists"] = _read(lines.in_force, evidence, comma_lists=True)
    for point, other in readings.items():
        state, said = _in_force(other.spoken, "ai-train")
        ours, as_specified = _in_force(found.spoken, "ai-train")
        if state is not ours:
            yield _fact(f"rsl.ai-train@{point}", state.name.lower(), said or as_specified)


def linked(evidence: Evidence) -> Iterator[str]:
    """The documents that robots.txt leads to; once the page is there, those that its headers and markup lead to."""
    if rsl_links.is_refused(evidence):
        return
    if evidence.page is None:
        lines = LicenseLines(evidence)
        links = [*lines.in_force, *lines.read_as_global]
    else:
        links = rsl_links.of_page(rsl_links.with_html(evidence))
    for file in dict.fromkeys(rsl_links.file_of(link.address, evidence.url) for link in links[:MAX_LINKS]):
        if file != OTHER_SITE:
            yield file


def at_page(evidence: Evidence) -> Iterator[str]:
    """robots.txt with a License line, and the documents that it and the page lead to."""
    held = ((path, evidence.site.get(path)) for path in (robots.PATH, robots.LAST_GOOD))
    lines = [path for path, file in held if file and b"license" in file.body.lower()]
    if lines:
        yield from lines
        yield from linked(replace(evidence, page=None))
    if evidence.page is not None:
        yield from linked(evidence)


def _uses(spoken: Sequence[_Spoken]) -> Iterator[Fact]:
    """What is said about each use, then what the contents that say so ask for."""
    in_force = []
    for use in USES:
        state, said = _in_force(spoken, use)
        in_force += said
        if state:
            yield _fact(f"rsl.{use}", state.name.lower(), said)
    yield from dict.fromkeys(fact for one in in_force for fact in _terms(one))


def _in_force(spoken: Iterable[_Spoken], use: str) -> tuple[State, list[_Spoken]]:
    """What the most specific contents that speak of the use say about it, and which of them say so."""
    narrowest_first = sorted(spoken, key=lambda one: one.specificity, reverse=True)
    for _, equals in groupby(narrowest_first, key=lambda one: one.specificity):
        said = [(one.content.says(use), one) for one in equals]
        if strongest := max(state for state, _ in said):
            return strongest, [one for state, one in said if state is strongest]
    return State.UNKNOWN, []


def _terms(one: _Spoken) -> Iterator[Fact]:
    _, address, where, quote, _ = one.source
    yield Fact("rsl.license", address, where, quote)
    if one.content.server:
        yield Fact("rsl.server", one.content.server[:200], where, quote)
    for payment in dict.fromkeys(payment for license_ in one.content.licenses for payment in license_.payments):
        yield Fact("rsl.payment", payment, where, quote)


def _fact(name: str, value: str, said: Sequence[_Spoken]) -> Fact:
    places = dict.fromkeys(chain.from_iterable(one.source.where.split("; ") for one in said))
    return Fact(name, value, "; ".join(list(places)[:_MAX_PLACES]), said[0].source.quote)


def _read(links: Sequence[Link], evidence: Evidence, *, comma_lists: bool = False) -> _Reading:
    """Read the documents that these links and the page lead to."""
    reading = _Reading([], [])
    links = [*rsl_links.of_page(evidence), *links]
    reading.odd.extend(Fact("rsl.flag", "too-many-links", *link[2:]) for link in links[MAX_LINKS:][:1])
    bodies = chain(_linked_bodies(links[:MAX_LINKS], evidence), _bodies_inside(evidence))
    for source, body in bodies:
        document = rsl_document.parse(body, comma_lists=comma_lists) if isinstance(body, bytes) else body
        if document is None or isinstance(document, str):
            reading.odd.append(Fact("rsl.unread", document or "not-rsl", source.where, source.quote))
            continue
        spoken = list(_covering(document, source, evidence.url))
        reading.spoken.extend(spoken)
        reading.odd.extend(dict.fromkeys(_odd(document, spoken, source)))
    return reading


def _linked_bodies(links: Iterable[Link], evidence: Evidence) -> Iterator[tuple[_Source, bytes | str]]:
    """Each document that was asked for, or why it could not be had."""
    for link in links:
        file = rsl_links.file_of(link.address, evidence.url)
        fetched = evidence.site.get(file)
        source = _Source(*link)
        if file == OTHER_SITE:
            yield source, file
        elif fetched is not None and fetched.has_content:
            yield source._replace(where=f"{link.where}; file:{file.lstrip('/')}"), fetched.body
        elif fetched is not None:
            reason = fetched.error.value or str(fetched.status)
            yield source._replace(where=f"{link.where}; status:{file.rpartition('/')[2] or file}={reason}"), reason


def _bodies_inside(evidence: Evidence) -> Iterator[tuple[_Source, bytes]]:
    """Documents that the page holds: in scripts, in the metadata of a media file, as a feed."""
    if evidence.page is None:
        return
    scripts = collect(evidence.html).rsl if evidence.html is not None else ()
    where = "html:rsl-inline" + ("[{}]" if len(scripts) > 1 else "")
    for index, script in enumerate(scripts):
        text = script.strip()
        source = _Source(Channel.PAGE, evidence.url, where.format(index), text[:200], is_inside=True)
        yield source, text.encode("utf-8", "replace")
    held = [("xmp:rsl", packet) for packet in evidence.embedded.xmp] if evidence.embedded else []
    held += [("epub:rsl", evidence.embedded.opf)] if evidence.embedded else []
    held += [(_FEED, evidence.page.body)] if evidence.html is None and _is_markup(evidence.page.body) else []
    for where, body in held:
        if NAMESPACE.encode() in body:
            yield _Source(Channel.PAGE, evidence.url, where, "", is_inside=True), body


def _is_markup(body: bytes) -> bool:
    return body[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _covering(document: Document, source: _Source, url: str) -> Iterator[_Spoken]:
    """The contents that speak of the page."""
    for content in document.contents:
        scope = _scope_in_feed(document, content, url) if source.where == _FEED else _scope(content, source, url)
        if scope != _NOWHERE:
            yield _Spoken(source, scope, content)


def _scope_in_feed(document: Document, content: Content, url: str) -> int:
    """A feed holds what its items license, and may license only what is on its own host (section 4.7)."""
    is_ours = host_of(resolve(url, content.url or "")) == host_of(url)
    return _THIS_PAGE if document.holds_items and is_ours else _NOWHERE


def _scope(content: Content, source: _Source, url: str) -> int:
    """How narrowly a content's address pattern fits the page: its length in octets, `_NOWHERE` if it does not fit.

    What stands in the page speaks of it, whatever name the content has elsewhere, and so does an empty address in a
    document that the page leads to. A path speaks of the page's own host, also where a sister host keeps the document.
    """
    if source.is_inside or (content.url == "" and source.channel is Channel.PAGE):
        return _THIS_PAGE
    if not content.url:
        return _NOWHERE
    written = "/" + content.url if content.url.startswith("*") else content.url
    address = _ADDRESS.fullmatch(resolve(origin(url) + target_of(source.address), written))
    if address is None or not Pattern(host_of(address[0]) + "$").matches(host_of(url)):
        return _NOWHERE
    pattern = normal_pattern((address[1] or "/").encode("utf-8", "replace"))
    return len(pattern) if Pattern(pattern).matches(target_of(url)) else _NOWHERE


def _odd(document: Document, spoken: Sequence[_Spoken], source: _Source) -> Iterator[Fact]:
    """What is odd about a document, as far as it concerns the page."""
    _, _, where, quote, is_inside = source
    for one in spoken:
        for license_ in one.content.licenses:
            for reason, text in license_.malformed:
                yield Fact("rsl.malformed", reason, where, text or quote)
    flags = [*document.flags, *chain.from_iterable(one.content.flags for one in spoken)]
    flags += [] if spoken else ["no-matching-content"]
    flags += ["several-contents"] if is_inside and source.where != _FEED and len(document.contents) > 1 else []
    for flag in dict.fromkeys(flags):
        yield Fact("rsl.flag", flag, where, quote)
