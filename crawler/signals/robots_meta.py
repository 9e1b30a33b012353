"""States the words of robots metas that speak to us or to everybody.

Specification: none; Google's robots meta documentation, DeviantArt's noai (2022) and draft-illyes-repext-00 for the
place, as in reference/signals.md 7, read 2026-11-22. Only the head counts: anybody may be able to write into the body.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.document import Evidence, Fact
from crawler.signals import _robotswords as robotswords
from crawler.signals._markup import Meta, collect

WHERE = ("HTML meta robots, or named like our crawler",)
NEEDS: tuple[str, ...] = ()
FACTS = (
    "robots-meta",
    "robots-meta.in-body",
    "robots-meta.malformed",
    "robots-meta.other",
    "robots-meta@in-body",
    "robots-meta@loose-separators",
    "robots-meta@noindex",
)
SPECIFICATION = "robots meta, de-facto grammar with noai and noimageai (DeviantArt 2022), read 2026-11-22"


def read(evidence: Evidence) -> Iterator[Fact]:
    """State one `robots-meta` per word of the metas named robots or like our agent, in page order.

    Yields:
        `robots-meta.in-body` for words of a meta in the body, `robots-meta.malformed` with the reason for one that
        tries to say noai and does not, `robots-meta.other` for noai to another bot ("googlebot: noai").
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
                yield Fact("robots-meta.malformed", "in-property", meta.where, meta.quote)
        elif "bot" in meta.name:
            for word in robotswords.of_meta(meta.content):
                if word.word in robotswords.AI_WORDS:
                    yield Fact("robots-meta.other", f"{meta.name}: {word.word}"[:200], meta.where, meta.quote)


def _to_us(meta: Meta) -> Iterator[Fact]:
    for word in robotswords.of_meta(meta.content):
        yield from _in_head(meta, word) if meta.in_head else _in_body(meta, word)


def _in_head(meta: Meta, word: robotswords.Word) -> Iterator[Fact]:
    yield Fact("robots-meta", word.word[:200], meta.where, meta.quote)
    if word.malformed:
        yield Fact("robots-meta.malformed", word.malformed, meta.where, meta.quote)
    for point, read_as in word.other_readings():
        yield Fact(f"robots-meta@{point}", read_as, meta.where, meta.quote)


def _in_body(meta: Meta, word: robotswords.Word) -> Iterator[Fact]:
    yield Fact("robots-meta.in-body", word.word[:200], meta.where, meta.quote)
    if word.malformed or word.word in robotswords.AI_WORDS:
        yield Fact("robots-meta.malformed", "in-body", meta.where, meta.quote)
    if word.word in robotswords.AI_WORDS:
        yield Fact("robots-meta@in-body", word.word, meta.where, meta.quote)
