"""A text as sentences, read only where something is of interest, and who is spoken of in them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from crawler.document import Span
from crawler.pii.sensitive.lexicon import Lexicon, lowered

LONGEST = 400  # characters of a sentence; of a longer one what stands around the place
NEAR = 200  # characters within which a person must stand
_LEAVE_OUT = ("ja", "ko")
BEFORE = 300  # how far before a pronoun its name may stand, in characters
_MARK = re.compile(r"[。！？\n\r\u2028.!?…]")
_ALWAYS = frozenset("。！？\n\r\u2028")
_CLOSING = re.compile(r"['\"”’»)]*(?=\s|$)")
_ABBREVIATION = re.compile(r"\b(?:[A-Z]|Dr|Mr|Ms|Mrs|St|Nr|ca|Prof|Sr|Sra|Jr|\d+)\Z")


class Who(StrEnum):
    """Whom a word means."""

    NAMED = "named"
    WRITER = "writer"
    PRONOUN = "pronoun"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a sentence. `span` is the name meant, None for the writer; `public` a person in a public role."""

    start: int
    end: int
    who: Who
    span: Span | None
    public: bool


class Reader:
    """One text with the names in it."""

    def __init__(self, text: str, words: Lexicon, spans: Sequence[Span]) -> None:
        self.text = text
        self.low = lowered(text)
        self.words = words
        self.hits = [(match.start(), match.group()) for match in words.gate.finditer(self.low)]
        found = list(words.people.finditer(self.low))
        self._words = [(match.start(), match.end(), match["self"] is not None) for match in found]
        self._last = (0, 0)
        self.name(spans)

    @property
    def has_people(self) -> bool:
        """Whether anybody is named, or writes in the first person: without that nothing can be said of anybody."""
        return bool(self._anybody)

    def is_near(self, at: int) -> bool:
        """Whether a word for somebody stands near a place; cheaper than reading its sentence."""
        first = bisect_left(self._anybody, at - NEAR)
        return first < len(self._anybody) and self._anybody[first] <= at + NEAR

    def name(self, spans: Sequence[Span]) -> None:
        """Take the names from these spans, sorted by start."""
        self.persons = [span for span in spans if span.entity == "PERSON"]
        self._places = [span.start for span in self.persons]
        self._anybody = sorted([*self._places, *(start for start, _, _ in self._words)])

    def sentence(self, at: int) -> tuple[int, int]:
        """Start and end of the sentence around a place, without white space at its ends."""
        if not self._last[0] <= at < self._last[1]:  # places come in order, several from one sentence
            self._last = self._around(at)
        return self._last

    def _around(self, at: int) -> tuple[int, int]:
        """Within the line; what has no mark for `LONGEST` characters is cut at multiples of that, the same for all."""
        first, last = self.text.rfind("\n", 0, at) + 1, self.text.find("\n", at)
        last = len(self.text) if last < 0 else last
        low, high = max(first, at - LONGEST), min(last, at + LONGEST)
        start, end = (first if low == first else -1), (last if high == last else -1)
        for match in _MARK.finditer(self.text, low, high):
            if stop := self._stop(match):
                if stop > at:
                    end = stop
                    break
                start = stop
        grid = first + (at - first) // LONGEST * LONGEST
        return self._trimmed(grid if start < 0 else start, min(grid + LONGEST, last) if end < 0 else end)

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        while start < end and self.text[start].isspace():
            start += 1
        while start < end and self.text[end - 1].isspace():
            end -= 1
        return start, end

    def _stop(self, mark: re.Match[str]) -> int:
        """Where a sentence ends that this mark may end; 0 when it ends none."""
        if mark.group() in _ALWAYS:
            return mark.end()
        closing = _CLOSING.match(self.text, mark.end())
        if not closing or (mark.group() == "." and _ABBREVIATION.search(self.text, mark.start() - 5, mark.start())):
            return 0
        return closing.end()

    def named(self, start: int, end: int) -> Sequence[Span]:
        """Names of persons that begin in a part of the text."""
        return self.persons[bisect_left(self._places, start) : bisect_left(self._places, end)]

    def people(self, start: int, end: int) -> list[Person]:
        """Who is spoken of in a sentence, by place: names, the writer, and pronouns with a name before them."""
        found = [_named(span) for span in self.named(start, end)]
        first, last = (bisect_left(self._words, (place,)) for place in (start, end))
        for low, high, writer in self._words[first:last]:
            if writer:
                found.append(Person(low, high, Who.WRITER, None, False))
            elif (span := self._meant(low)) and not any(one.start <= low < one.end for one in found):
                found.append(Person(low, high, Who.PRONOUN, span, span.kind == "public_figure"))
        return sorted(found, key=lambda one: one.start)

    def implied(self, start: int) -> list[Person]:
        """The writer, where a sentence names nobody and the language may leave "I" out after it was said."""
        if self.words.language not in _LEAVE_OUT:
            return []
        last = bisect_left(self._words, (start,)) - 1
        said = last >= 0 and self._words[last][2] and self._words[last][0] >= start - NEAR
        return [Person(start, start, Who.WRITER, None, False)] if said and not self.named(start - NEAR, start) else []

    def _meant(self, at: int) -> Span | None:
        near = self.named(max(0, at - BEFORE), at)
        return near[-1] if near else None


def _named(span: Span) -> Person:
    return Person(span.start, span.end, Who.NAMED, span, span.kind == "public_figure")
