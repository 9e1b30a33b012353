"""Names of persons in a text: each line goes to the engine of its language once, however often it stands on pages.

Identifiers that were found already, and placeholders that we wrote, are shown to the engine as one and the same word.
It then reads a cleaned text as it read the text itself, and finds nothing in it that it did not find before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import islice

from crawler.document import Span
from crawler.pii import engines
from crawler.pii.engines import LONGEST_LINE, Name, ReadNames
from crawler.pii.names import LINE, LINE_END, View, again, clean, view
from crawler.pii.shapes import PERSON
from crawler.pii.spans import Taken

PERSON_KIND = "person_name"
OVERLAP = 100  # characters that two parts of a line that is too long have in common
REMEMBERED = 300  # characters: what repeats on pages (menus, notices) is shorter
_MOST_LINES = 20_000  # remembered, about 200 bytes each
_LETTER = re.compile(r"[^\W\d_]{2}")


class NameFinder:
    """Finds names with one engine a language, loaded when the first text in it comes."""

    def __init__(self, specs: Mapping[str, str]) -> None:
        """`specs` maps ISO 639-1 languages to engines ("tagger", "spacy:en_core_web_trf")."""
        self._specs = dict(specs)
        self._engines: dict[str, ReadNames] = {}
        self._remembered: dict[bytes, tuple[Name, ...]] = {}

    def reads(self, language: str) -> bool:
        """Whether texts in this language are searched for names; if not, state `pii.names-unchecked`."""
        return language in self._specs

    def prepare(self, texts: Iterable[str], language: str) -> None:
        """Read the lines of many short texts together, which is faster; asked for one of them, it remembers."""
        self._known((text[start:end] for text in texts for start, end in _places(text)), language)

    def __call__(self, text: str, language: str, hidden: Sequence[tuple[int, int, bool]]) -> Iterator[Span]:
        """Names in a text.

        Args:
            text: Any text.
            language: One that it reads.
            hidden: Parts that are known: (start, end, whether it stands for a name), sorted, without overlaps.

        Raises:
            EngineError: The engine of the language cannot be loaded.
        """
        shown = view(text, hidden)
        replaced = Taken(zip(shown.starts[1::2], shown.starts[2::2], strict=True))
        scores: dict[tuple[int, int], float] = {}
        for start, end, score in self._read(shown, language):
            for rest_start, rest_end in replaced.rest(start, end):
                for first, last in clean(shown.text, rest_start, rest_end):
                    scores[shown.source(first), shown.source(last)] = score
        untouched = Taken((start, end) for start, end, _ in hidden)
        for place in again(text, {text[start:end] for start, end in scores}):
            scores.setdefault(place, 0.5)
        for (start, end), score in scores.items():
            if start < end and untouched.is_free(start, end):
                yield Span(start, end, PERSON, PERSON_KIND, round(score, 3), "model")

    def _read(self, shown: View, language: str) -> Iterator[Name]:
        """What the engine sees, by its place in the shown text."""
        places = list(_places(shown.text))
        lines = [shown.text[start:end] for start, end in places]
        known = self._known(lines, language)
        for (start, end), line in zip(places, lines, strict=True):
            for first, last, score in known[line]:
                if not _is_cut(shown.text, start, end, start + first, start + last):
                    yield start + first, start + last, score

    def _known(self, lines: Iterable[str], language: str) -> dict[str, Sequence[Name]]:
        """The names of each line, read now or before."""
        known: dict[str, Sequence[Name]] = {}
        new: list[str] = []
        for line in dict.fromkeys(lines):
            if not _LETTER.search(line):
                known[line] = ()
            elif (seen := self._remembered.get(_key(line, language))) is not None:
                known[line] = seen
            else:
                new.append(line)
        if new:
            for line, names in zip(new, self._engine(language)(new), strict=True):
                known[line] = names
                if len(line) <= REMEMBERED:
                    self._remembered[_key(line, language)] = tuple(names)
            self._forget()
        return known

    def _forget(self) -> None:
        for key in list(islice(self._remembered, max(len(self._remembered) - _MOST_LINES, 0))):
            del self._remembered[key]

    def _engine(self, language: str) -> ReadNames:
        if language not in self._engines:
            self._engines[language] = engines.load(language, self._specs[language])
        return self._engines[language]


def _key(line: str, language: str) -> bytes:
    return blake2b(f"{language}\0{line}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _places(text: str) -> Iterator[tuple[int, int]]:
    """What engines are given of a text: its lines, in parts where they are too long."""
    for line in LINE.finditer(text):
        yield from parts_of(text, *line.span())


def parts_of(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A line in parts that engines take; neighbors share `OVERLAP` characters, so that one of them has a name whole."""
    while end - start > LONGEST_LINE:
        stop = start + LONGEST_LINE
        stop = text.rfind(" ", start + LONGEST_LINE - OVERLAP // 2, stop) + 1 or stop
        yield start, stop
        after = stop - OVERLAP
        start = text.find(" ", after, after + OVERLAP // 2) + 1 or after
    yield start, end


def _is_cut(text: str, start: int, end: int, first: int, last: int) -> bool:
    """Whether a name touches an end of its part where the line goes on: the neighbor has it whole."""
    begins = first == start and start > 0 and not LINE_END.match(text[start - 1])
    ends = last == end and end < len(text) and not LINE_END.match(text[end])
    return begins or ends
