"""The facts of a known page, as the crawl that saw it last stored them; and which of them a bare 304 leaves standing.

A page's facts are those of its site first, then its own (crawler/redecide.py). An answer 304 brings the site's anew and
repeats some headers; the page's own facts stay as they are (RFC 9110, 15.4.5), but for those of the repeated headers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from crawler.audit.fact_places import rows_at
from crawler.audit.facts import FOLDER
from crawler.audit.pages import fact_of
from crawler.audit.read_facts import FactsError
from crawler.document import Fact
from crawler.known.book import Book, Page
from crawler.redecide import begins_exchange
from crawler.signals.normal_form import FACTS as MERGED_FACTS
from crawler.written_facts import written

# Places in files of the site: "robots.txt:L3", "file:.well-known/tdmrep.json#/0", "status:tdmrep.json=404".
_SITE_PLACE = re.compile(r"(?:^|; )(?:robots\.txt|file:|registry:|status:(?!\d))")
_HEADER = re.compile(r"(?:^|; )header:([^\[;: ]+)")
_OF_CONTENT = {"content-type", "content-length", "content-encoding", "location"}  # an answer without content has none


def facts_of(book: Book, page: Page) -> tuple[Fact, ...]:
    """Everything that was stated of a page, without the merged facts; () where it is not at hand any more."""
    crawl = book.crawl(page.facts_crawl) if page.facts_crawl is not None else None
    if crawl is None or crawl.folder is None:
        return ()
    return read(crawl.folder / FOLDER / page.facts_file, page)


def read(path: Path, page: Page) -> tuple[Fact, ...]:
    """The same from a file of facts."""
    try:
        rows = rows_at(path, page.facts_first, page.facts_rows)
    except FactsError:
        return ()
    return tuple(fact for fact in (fact_of(*row) for row in rows) if fact.name not in MERGED_FACTS)


def of_site(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """What was stated before the page was asked for."""
    return tuple(facts[: _beginning(facts)])


def of_page(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """What was stated of the page itself: its exchange, its content, its text."""
    return tuple(facts[_beginning(facts) :])


def is_of_file(fact: Fact) -> bool:
    """Whether it was found in a file of the site."""
    return bool(_SITE_PLACE.search(fact.where))


def files_say(own: Iterable[Fact]) -> Mapping[tuple[str, str, str], str]:
    """What files of the site say that are read with a page: place, value and quote of each word -> its subject.

    The name is no part of it: what the page itself says otherwise makes a `tdm-reservation` an overridden one.
    """
    said = (written(fact) for fact in own if is_of_file(fact))
    return {(fact.where, str(fact.value), fact.quote): _subject(fact) for fact in said}


def may_be_replaced(stored: Sequence[Fact], subjects: Collection[str]) -> bool:
    """Whether a page speaks itself of what its site's files say anew: its word may come before theirs."""
    return any(_subject(fact) in subjects for fact in of_page(stored) if not is_of_file(fact))


def _subject(fact: Fact) -> str:
    """The first word of its name: "tdm" of `tdm-reservation.malformed`."""
    return re.split(r"[-.@]", fact.name, maxsplit=1)[0]


def renewed(
    site: Iterable[Fact], stored: Sequence[Fact], said: Iterable[Fact], headers: Collection[str], *, files: bool
) -> list[Fact]:
    """The facts of a page that has not changed.

    Args:
        site: What its site says now.
        stored: Everything that was stated of it.
        said: What the headers of the new answer say, and files of the site that are read with the page.
        headers: Names of these headers, in lower case: what they said before holds no longer.
        files: Whether files of the site that are read with the page say something new.
    """
    headers = {*headers} - _OF_CONTENT
    own = [
        fact
        for fact in of_page(stored)
        if begins_exchange(fact) or not (headers & _headers_of(fact) or (files and is_of_file(fact)))
    ]
    new = [
        fact
        for fact in said
        if not begins_exchange(fact) and (headers & _headers_of(fact) or (files and is_of_file(fact)))
    ]
    return list(dict.fromkeys((*site, *own[:1], *new, *own[1:])))


def _headers_of(fact: Fact) -> set[str]:
    return {name.lower() for name in _HEADER.findall(fact.where)}


def _beginning(facts: Sequence[Fact]) -> int:
    return next((place for place, fact in enumerate(facts) if begins_exchange(fact)), len(facts))
