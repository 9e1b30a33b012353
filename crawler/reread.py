"""What is stored of a page whose body is gone, read again: its site files and headers must say what the facts say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from crawler.compare_lines import differing_facts, masked_places
from crawler.document import Evidence, Fact, Fetched, FetchError
from crawler.judge import ROBOTS_TXT
from crawler.redecide import begins_exchange
from crawler.signals import read_all
from crawler.signals.normal_form import FACTS as MERGED_FACTS
from crawler.sources.site_files import Key, slim
from crawler.urls import origin
from crawler.written_facts import written

_HEADER = "header:"
_FILES = ("file:", "robots.txt")
_OF_THE_JUDGE = "text"  # may stand at a header, but is no signal's
_NO_RECORD = (FetchError.NOT_RECORDED.value, FetchError.NOT_ASKED.value)
_NO_BODY = (FetchError.NONE, FetchError.NOT_RECORDED)


def differences(
    evidence: Evidence, files: Mapping[Key, Fetched], page: Fetched, stored: Iterable[Fact]
) -> Iterator[tuple[str, str, str]]:
    """Name, stored and new value of each fact of site files and headers that reads differently.

    Args:
        evidence: What was known before the page, with the site files that were asked for then.
        files: All site files that are stored, those that the page led to among them.
        page: The exchange without its body.
        stored: All facts of the page, as written.
    """
    before, after = _split(stored)
    site = {**_by_name(files, evidence.url), **evidence.site}
    gate = replace(evidence, site=site, page=None)
    yield from differing_facts(_of_records(before), _of_records(map(written, read_all(gate))), masked=())
    if page.status and page.error in _NO_BODY:
        headers = replace(page, error=FetchError.NONE, body=b"")
        now = [written(fact) for fact in read_all(replace(gate, page=headers))]
        yield from differing_facts(_of_headers(after), _of_headers(now), masked=masked_places(page))
        yield from differing_facts(*_of_files(after, now), masked=())


def _split(stored: Iterable[Fact]) -> tuple[list[Fact], list[Fact]]:
    """What was stated before the exchange, and from it on; without the merged facts, which follow from the others."""
    facts = [fact for fact in stored if fact.name not in MERGED_FACTS]
    place = next((place for place, fact in enumerate(facts) if begins_exchange(fact)), len(facts))
    return facts[:place], facts[place:]


def _of_records(facts: Iterable[Fact]) -> list[Fact]:
    """Without those that say of a file only that there is no record of it: which file that was, the body said."""
    return [fact for fact in facts if fact.value not in _NO_RECORD]


def _of_headers(facts: Iterable[Fact]) -> list[Fact]:
    return [
        fact
        for fact in facts
        if fact.where.startswith(_HEADER) and ";" not in fact.where and fact.name != _OF_THE_JUDGE
    ]


def _of_files(stored: Iterable[Fact], now: Sequence[Fact]) -> tuple[list[Fact], list[Fact]]:
    """What files are said to say of the page, and what they do say there; the body may have spoken instead of a file,
    so that a file says more now is no difference."""
    missing = [
        fact
        for fact in _of_records(stored)
        if fact.where.startswith(_FILES) and ";" not in fact.where and fact not in now
    ]
    places = {(fact.name, fact.where) for fact in missing}
    return missing, [fact for fact in now if (fact.name, fact.where) in places]


def _by_name(files: Mapping[Key, Fetched], url: str) -> dict[str, Fetched]:
    """Site files as evidence names them: by path on the page's own origin, else by address.

    The robots.txt of another host was looked at for what may be asked for there, and says nothing about this page.
    """
    own = origin(url)
    names = {file.url.removeprefix(own): slim(file) for file in files.values()}
    return {name: file for name, file in names.items() if name == ROBOTS_TXT or not name.endswith(ROBOTS_TXT)}
