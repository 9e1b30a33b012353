"""Text to identifiers: which parts can hold one, then Presidio over these parts with our recognizers.

Presidio is imported where `Identifiers` is built and nowhere else, so that only the workers pay for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from crawler.document import Span
from crawler.pii import windows
from crawler.pii.gate import Gate
from crawler.pii.recognizers import Recognizer
from crawler.pii.refusals import Refusals
from crawler.pii.shapes import FILLER, normal
from crawler.pii.spans import without_overlaps

_ROUNDS = 5  # a find may hide another one, which hides another one


@cache
def identifiers(wanted: tuple[Recognizer, ...]) -> Identifiers:
    """What finds them; made once in a process and those that are forked from it."""
    return Identifiers(wanted)


class Identifiers:
    """Finds what recognizers know; holds no text."""

    def __init__(self, wanted: tuple[Recognizer, ...]) -> None:
        from crawler.pii import analyzers

        self._analyzers = analyzers
        self._analyzer = analyzers.pattern_analyzer(wanted)
        self._kinds = {one.entity: one.kind for one in wanted}
        self._entities = [one.entity for one in wanted]
        self._gate = Gate(wanted)
        self._is_refused = Refusals(wanted)

    def __call__(self, text: str, hidden: Iterable[tuple[int, int]] = ()) -> Iterator[Span]:
        """Spans, of which some may overlap; raises nothing.

        Where the gate says, then around each find without the find, until nothing more is there.

        Args:
            text: Any text.
            hidden: Parts (start, end), sorted and without overlap, in which nothing is looked for.
        """
        plain = _filled(normal(text), hidden)
        found = self._search(plain)
        for _ in range(_ROUNDS):
            yield from found
            if not found:
                return
            places = [(span.start, span.end) for span in found]
            plain = _filled(plain, places)
            parts = windows.cut(plain, places)
            found = tuple(_moved(span, parts) for span in self._search(parts.text))

    def _search(self, text: str) -> tuple[Span, ...]:
        places = self._gate(text)
        if not places:
            return ()
        engine = self._analyzer.nlp_engine
        results = self._analyzer.analyze(
            text,
            self._analyzers.ANY_LANGUAGE,
            entities=sorted({self._entities[number] for number in places}),
            nlp_artifacts=self._analyzers.Candidates(places, engine),
        )
        spans = (
            Span(
                start=one.start,
                end=one.end,
                entity=one.entity_type,
                kind=self._kinds[one.entity_type],
                score=one.score,
                tier=one.recognition_metadata[self._analyzers.TIER],
            )
            for one in results
        )
        return without_overlaps(span for span in spans if not self._is_refused(span, text))


def _moved(span: Span, parts: windows.Windows) -> Span:
    start = parts.source(span.start)
    return replace(span, start=start, end=start + span.end - span.start)


def _filled(text: str, parts: Iterable[tuple[int, int]]) -> str:
    """The text with some parts, sorted and without overlap, as filler of the same length."""
    pieces, place = [], 0
    for start, end in parts:
        pieces += [text[place:start], FILLER * (end - start)]
        place = end
    return "".join([*pieces, text[place:]])
