"""Text to spans: identifiers in any language by pattern, persons' names in the languages that have a model.

Presidio is imported where a finder is built and nowhere else, so that only the workers pay for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from crawler.document import Span
from crawler.pii import names as person_names
from crawler.pii import recognizers, windows
from crawler.pii.shapes import FILLER, PERSON, normal, placeholders
from crawler.pii.spans import Taken, without_overlaps

if TYPE_CHECKING:
    from crawler.pii.recognizers import Recognizer

FindPii = Callable[[str, str], tuple[Span, ...]]
PERSON_KIND = "person_name"
_ROUNDS = 5  # a find may hide another one, which hides another one
_Hidden = tuple[int, int, bool]  # start, end, whether it stands for a name


class UnknownEntityError(ValueError):
    """The operator asked for an entity that no recognizer finds."""


def build_finder(entities: Collection[str] | None = None, *, names: bool = True) -> FindPii:
    """A function from (text, ISO 639-1 language or "") to spans that share no character, sorted by start.

    It raises nothing for any text, keeps no text, and holds models of about 300 MB if it finds names; build it once
    in each worker, and set OPENBLAS_NUM_THREADS=1 there before numpy is imported.

    Args:
        entities: The entities to find, None for all.
        names: False leaves PERSON out and loads no model.

    Raises:
        UnknownEntityError: An entity that nothing here finds.
    """
    known = recognizers.load()
    if unknown := sorted(set(entities or ()) - {one.entity for one in known} - {PERSON}):
        allowed = ", ".join([PERSON, *(one.entity for one in known)])
        raise UnknownEntityError(f"entities: {', '.join(unknown)}: nothing finds this; choose from {allowed}")
    wanted = tuple(one for one in known if entities is None or one.entity in entities)
    return _Finder(wanted, person_names.LANGUAGES if names and (entities is None or PERSON in entities) else ())


def names_checked(language: str) -> bool:
    """Whether a text in this language (ISO 639-1) is searched for names; if not, state `pii.names-unchecked`."""
    return language in person_names.LANGUAGES


def known_entities() -> dict[str, str]:
    """Every entity that can be found, and its kind."""
    return {one.entity: one.kind for one in recognizers.load()} | {PERSON: PERSON_KIND}


class _Finder:
    def __init__(self, wanted: tuple[Recognizer, ...], languages: tuple[str, ...]) -> None:
        from crawler.pii import analyzers

        self._analyzers = analyzers
        self._identifiers = analyzers.pattern_analyzer(wanted) if wanted else None
        self._names = {language: analyzers.name_analyzer(language) for language in languages}
        self._kinds = {one.entity: one.kind for one in wanted}
        self._placeholder = placeholders(tuple(known_entities()))
        gates: dict[str, list[str]] = {}
        for one in wanted:
            gates.setdefault(one.gate, []).append(one.entity)
        self._gates = [(re.compile(gate), entities) for gate, entities in gates.items()]

    def __call__(self, text: str, language: str) -> tuple[Span, ...]:
        ours = [(m.start(), m.end(), m["entity"] == PERSON) for m in self._placeholder.finditer(text)]
        found = list(self._find_identifiers(text, ours))
        if language in self._names:
            hidden = sorted(ours + [(span.start, span.end, False) for span in found])
            found += self._find_names(text, language, hidden)
        return without_overlaps(found)

    def _find_identifiers(self, text: str, ours: list[_Hidden]) -> Iterator[Span]:
        """Search around the gates, then around each find without the find, until nothing more is there."""
        plain = _filled(normal(text), ((start, end) for start, end, _ in ours))
        hits, entities = [], []
        for gate, names in self._gates:
            if places := [match.span() for match in gate.finditer(plain)]:
                hits += places
                entities += names
        for _ in range(_ROUNDS):
            if not hits:
                return
            found = self._analyze(windows.cut(plain, hits), entities)
            yield from found
            hits = [(span.start, span.end) for span in found]
            plain = _filled(plain, hits) if hits else plain

    def _analyze(self, parts: windows.Windows, entities: list[str]) -> tuple[Span, ...]:
        assert self._identifiers is not None  # for mypy: there are no hits without gates
        results = self._identifiers.analyze(parts.text, self._analyzers.ANY_LANGUAGE, entities=entities)
        return without_overlaps(
            Span(
                start=parts.source(one.start),
                end=parts.source(one.start) + one.end - one.start,
                entity=one.entity_type,
                kind=self._kinds[one.entity_type],
                score=one.score,
                tier=one.recognition_metadata[self._analyzers.TIER],
            )
            for one in results
        )

    def _find_names(self, text: str, language: str, hidden: list[_Hidden]) -> Iterator[Span]:
        shown = person_names.view(text, hidden)
        replaced = Taken(zip(shown.starts[1::2], shown.starts[2::2], strict=True))
        found = []
        for start, end in self._read(shown.text, language):
            for rest_start, rest_end in replaced.rest(start, end):
                for name_start, name_end in person_names.clean(shown.text, rest_start, rest_end):
                    found.append((shown.source(name_start), shown.source(name_end)))
        untouched = Taken((start, end) for start, end, _ in hidden)
        repeated = person_names.again(text, {text[start:end] for start, end in found})
        for start, end in {*found, *repeated}:
            if untouched.is_free(start, end):
                yield Span(start, end, PERSON, PERSON_KIND, 0.85, "model")

    def _read(self, text: str, language: str) -> Iterator[tuple[int, int]]:
        """Where the model sees names."""
        parts = list(person_names.chunks(text))
        offset = 0
        for part, results in zip(parts, self._analyzers.persons(self._names[language], language, parts), strict=True):
            for one in results:
                yield offset + one.start, offset + one.end
            offset += len(part)


def _filled(text: str, parts: Iterable[tuple[int, int]]) -> str:
    """The text with some parts, sorted and without overlap, as filler of the same length."""
    pieces, place = [], 0
    for start, end in parts:
        pieces += [text[place:start], FILLER * (end - start)]
        place = end
    return "".join([*pieces, text[place:]])
