"""Why something was found: which pattern, what its check said, which words stood near it, which engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import import_module

from crawler.document import Span
from crawler.pii import matching, recognizers
from crawler.pii.recognizers import Pattern, Recognizer
from crawler.pii.sensitive import MEANING
from crawler.pii.shapes import PERSON, normal

PATTERNS, LEXICON = "patterns", "lexicon"
_NEAR = ("none", "near", "right before", "right before, touching")  # as `matching.Find.labeled` counts


@dataclass(frozen=True, slots=True)
class Why:
    """The grounds of one find.

    Attributes:
        engine: "patterns", "lexicon", or the engine for names.
        pattern: The name of the pattern in its recognizer; "" for a name, and for digits spread out by spaces.
        check: What the check digits said.
        context: Where a word that names the identifier stands: "near", "right before", or "none".
    """

    engine: str
    pattern: str
    check: str
    context: str


def why(text: str, span: Span, engine: str) -> Why:
    """The grounds of a find in a text, `engine` being the one that reads its language."""
    plain = normal(text)
    for name in recognizers.modules():
        one = recognizers.load_one(name)
        if one.entity == span.entity:
            for label, find in _finds(name, one, plain[_window(span, one)]):
                if (find.start, find.end) == _within(span, one):
                    return Why(PATTERNS, label, _check(find.checked), _NEAR[find.labeled])
    if span.tier == MEANING:
        return Why(LEXICON, "", "words of a lexicon near a person", "none")
    if span.entity == PERSON:
        return Why(engine, "", "probable: no check" if span.tier == "model" else "declared by its place", "none")
    return Why(PATTERNS, "", _check(span.tier == "checked"), "none")


def _window(span: Span, one: Recognizer) -> slice:
    return slice(max(span.start - one.reach - 1, 0), span.end + one.after + 1)


def _within(span: Span, one: Recognizer) -> tuple[int, int]:
    first = max(span.start - one.reach - 1, 0)
    return span.start - first, span.end - first


def _finds(name: str, one: Recognizer, text: str) -> Iterator[tuple[str, matching.Find]]:
    """Each find with the name of its pattern."""
    labels = [label for label, *_ in import_module(f"{recognizers.__name__}.{name}").PATTERNS]
    for label, pattern in zip(labels, one.patterns, strict=True):
        for find in matching.finds(_only(one, pattern), text):
            yield label, find


def _only(one: Recognizer, pattern: Pattern) -> Recognizer:
    return replace(one, patterns=(pattern,))


def _check(checked: bool) -> str:
    return "check digits fit" if checked else "no check digits; by format"
