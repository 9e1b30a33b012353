"""States the words of robots metas that speak to us or to everybody.

Specification: none; Google's robots meta documentation, DeviantArt's noai (2022) and draft-illyes-repext-00 for the
place, as in reference/signals.md 7, read 2026-11-22. Only the head counts: anybody may be able to write into the body.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.document import Evidence, Fact
from crawler.signals import _robotswords as robotswords
from crawler.signals._markup import Meta, collect

NEEDS: tuple[str, ...] = ()
FACTS = ("robots-meta", "robots-meta.in-body", "robots-meta.malformed", "robots-meta.other")
SPECIFICATION = "robots meta, de-facto grammar with noai and noimageai (DeviantArt 2022), read 2026-11-22"


def read(evidence: Evidence) -> Iterator[Fact]:
    """State one `robots-meta` per word of the metas named robots or like our agent, in page order.

    Yields:
        `robots-meta.in-body` for words of a meta in the body, `robots-meta.malformed` for one that tries to
        say noai and does not, `robots-meta.other` for noai to another bot ("googlebot: noai").
    """
    if evidence.page is None or evidence.html is None:
        return
    ours = ("robots", evidence.agent.lower())
    for meta in collect(evidence.html).metas:
        if meta.name in ours:
            yield from _to_us(meta)
        elif meta.property_name in ours:  # another vocabulary: it says nothing, but may mean to
            words = robotswords.of_meta(meta.content)
            if any(word.malformed or word.word in robotswords.AI_WORDS for word in words):
                yield Fact("robots-meta.malformed", True, meta.where, meta.quote)
        elif "bot" in meta.name:
            for word in robotswords.of_meta(meta.content):
                if word.word in robotswords.AI_WORDS:
                    yield Fact("robots-meta.other", f"{meta.name}: {word.word}"[:200], meta.where, meta.quote)


def _to_us(meta: Meta) -> Iterator[Fact]:
    name = "robots-meta" if meta.in_head else "robots-meta.in-body"
    for word in robotswords.of_meta(meta.content):
        yield Fact(name, word.word[:200], meta.where, meta.quote)
        if word.malformed:
            yield Fact("robots-meta.malformed", True, meta.where, meta.quote)
