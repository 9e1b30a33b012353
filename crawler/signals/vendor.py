"""States what one operator alone reads in noarchive and nocache; other crawlers read nothing about training in them.

Specification: Microsoft, Bing webmaster blog, September 2023 (no tag: all; nocache: address, title and snippet only;
noarchive: no training and no answers; both: as nocache); Amazon reads noarchive as "no training" (secondary source);
as in reference/signals.md 7, read 2026-11-22. These facts are never merged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from crawler.document import Evidence, Fact
from crawler.signals import _robotswords as robotswords
from crawler.signals._headers import placed
from crawler.signals._markup import collect

WHERE = ("header X-Robots-Tag", "HTML meta robots, bingbot, amazonbot")
NEEDS: tuple[str, ...] = ()
FACTS = ("vendor.microsoft", "vendor.amazon")
SPECIFICATION = "Bing webmaster blog, September 2023; Amazonbot (secondary source); read 2026-11-22"

NO_TRAINING, SNIPPET_ONLY = "no-training", "snippet-only"


class Vendor(NamedTuple):
    """The bots by which an operator is addressed, and what it makes of which word; the first word found decides."""

    bots: tuple[str, ...]
    meaning: Mapping[str, str]


VENDORS = MappingProxyType(
    {
        "vendor.microsoft": Vendor(("bingbot", "msnbot"), {"nocache": SNIPPET_ONLY, "noarchive": NO_TRAINING}),
        "vendor.amazon": Vendor(("amazonbot",), {"noarchive": NO_TRAINING}),
    }
)


class _Said(NamedTuple):
    addressee: str  # a bot's name in lower case, "" for everybody
    word: str
    where: str
    quote: str


def read(evidence: Evidence) -> Iterator[Fact]:
    """State per operator what the headers and the metas of the head come to, at each place of the deciding word."""
    said = (*_of_headers(evidence), *_of_metas(evidence))
    for name, vendor in VENDORS.items():
        heard = [each for each in said if not each.addressee or each.addressee in vendor.bots]
        deciding = next((word for word in vendor.meaning if any(each.word == word for each in heard)), None)
        for each in heard:
            if each.word == deciding:
                yield Fact(name, vendor.meaning[deciding], each.where, each.quote)


def _of_headers(evidence: Evidence) -> Iterator[_Said]:
    for where, line in placed(evidence.page, "x-robots-tag") if evidence.page else ():
        for word in robotswords.of_header(line):
            yield _Said(word.addressee, word.word, where, line[:200])


def _of_metas(evidence: Evidence) -> Iterator[_Said]:
    if evidence.page is None or evidence.html is None:
        return
    for meta in collect(evidence.html).metas:
        if meta.in_head and meta.name:
            for word in robotswords.of_meta(meta.content):
                yield _Said("" if meta.name == "robots" else meta.name, word.word, meta.where, meta.quote)
