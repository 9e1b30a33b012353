"""Text to spans: identifiers in any language by pattern, names of persons in the languages that have an engine.

Presidio is imported where a finder is built and nowhere else, so that only the workers pay for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType

from crawler.document import Span
from crawler.pii import recognizers
from crawler.pii.identifiers import identifiers
from crawler.pii.name_finder import PERSON_KIND, NameFinder
from crawler.pii.sensitive import MINOR, SENSITIVE
from crawler.pii.shapes import PERSON, placeholders
from crawler.pii.spans import without_overlaps

FindPii = Callable[[str, str], tuple[Span, ...]]
NO_NAMES: Mapping[str, str] = MappingProxyType({})


class UnknownEntityError(ValueError):
    """The operator asked for an entity that no recognizer finds."""


def build_finder(entities: Collection[str] | None = None, *, engines: Mapping[str, str] = NO_NAMES) -> Finder:
    """A function from (text, ISO 639-1 language or "") to spans that share no character, sorted by start.

    It raises nothing for any text and keeps no text; build it once in each worker, and set OPENBLAS_NUM_THREADS=1
    there before numpy is imported. The engine of a language is loaded when the first text in it comes.

    Args:
        entities: The entities to find, None for all.
        engines: Which engine looks for names in which language, see `engines.resolve`; none by default.

    Raises:
        UnknownEntityError: An entity that nothing here finds.
    """
    known = recognizers.load()
    if unknown := sorted(set(entities or ()) - {one.entity for one in known} - {PERSON}):
        allowed = ", ".join([PERSON, *(one.entity for one in known)])
        raise UnknownEntityError(f"entities: {', '.join(unknown)}: nothing finds this; choose from {allowed}")
    wanted = tuple(one for one in known if entities is None or one.entity in entities)
    return Finder(wanted, engines if entities is None or PERSON in entities else NO_NAMES)


def known_entities() -> dict[str, str]:
    """Every entity that can be found, and its kind."""
    return {one.entity: one.kind for one in recognizers.load()} | {PERSON: PERSON_KIND}


class Finder:
    """Identifiers, then names; holds engines and the names in lines that were read lately, never lines."""

    def __init__(self, wanted: tuple[recognizers.Recognizer, ...], engines: Mapping[str, str]) -> None:
        self._identifiers = identifiers(wanted) if wanted else None
        self._names = NameFinder(engines)
        self._placeholder = placeholders((*known_entities(), SENSITIVE, MINOR))

    def prepare(self, texts: Sequence[str], language: str) -> None:
        """Before many short texts in one language: their names are read together. It changes no find."""
        if self._names.reads(language):
            self._names.prepare(texts, language)

    def __call__(self, text: str, language: str) -> tuple[Span, ...]:
        """The spans of a text, see `build_finder`."""
        ours = [(m.start(), m.end(), m["entity"] == PERSON) for m in self._placeholder.finditer(text)]
        found = list(self._identifiers(text, [(start, end) for start, end, _ in ours])) if self._identifiers else []
        if self._names.reads(language):
            hidden = sorted(ours + [(span.start, span.end, False) for span in found])
            found += self._names(text, language, hidden)
        return without_overlaps(found)
