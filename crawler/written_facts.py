"""Facts as a crawl writes them: identifiers masked, places cut; whoever repeats a decision must write them alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

from crawler.document import Fact
from crawler.pii.mask import mask_text

MOST_OF_NOTE, MOST_OF_PLACE = 300, 150  # characters


def written(fact: Fact) -> Fact:
    """The fact as it may be stored."""
    value = _mask(fact.value) if isinstance(fact.value, str) else fact.value
    return Fact(fact.name, value, _mask(fact.where)[:MOST_OF_PLACE], _mask(fact.quote))


def note_of(names: Collection[str], facts: Iterable[Fact]) -> str:
    """The written facts that a rule looked at, by their names: "tdm-reservation=1 (header:tdm-reservation)"."""
    said = (
        f"{fact.name}={fact.value}" + (f" ({fact.where})" if fact.where else "")
        for fact in facts
        if fact.name.partition("@")[0] in names
    )
    return "; ".join(said)[:MOST_OF_NOTE]


@lru_cache(maxsize=4_096)
def _mask(words: str) -> str:
    """Values and quotes repeat from page to page."""
    return mask_text(words)
