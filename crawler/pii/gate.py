"""One linear pass over a text: which recognizers can match at all, and where they need to look.

Most recognizers find numbers, so the pass looks at groups of digits, never at a recognizer: a group close to others is
a cluster, and a cluster with fewer digits than an identifier needs is passed over. Recognizers that count only near a
context word are asked only if one of their words is there; all words of all recognizers are looked up in one table.
What is not about digits says words of its own, or an expression that a regular expression finds fast.

So the cost on ordinary text does not grow with the number of recognizers. A gate may let too much pass, never too
little: `tests/test_pii_gate.py` compares with a search everywhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crawler.pii import windows
from crawler.pii.digits import branches, fewest_digits, needs_other_script, no_letters
from crawler.pii.recognizers import PLURALS, Place, Recognizer
from crawler.pii.shapes import DIGITS, normal

Places = Mapping[int, Sequence[Place]]  # by the number of a recognizer

BEFORE, AFTER = 90, 90  # characters around a cluster in which context words are looked for
_AROUND = 24  # characters of a match beside its digits
_AROUND_WORD = (80, 300)  # characters around a word in which a match may begin and end
_ALONE = 60  # a text shorter than this may be nothing but one identifier, which then needs no context word
_FEWEST = 5  # digits; what needs fewer has an expression of its own

_CLUSTER = re.compile(r"[0-9](?:[^\n]{0,12}[0-9])*")
_DIGIT = re.compile(r"[0-9]")
_TIGHT = re.compile(f"{DIGITS[:-3]}{{5,}}")  # all of a run
_SPREAD = re.compile(r"(?<![0-9A-Za-z])[0-9A-Z]{1,9} [0-9A-Z]{1,9}(?![0-9A-Za-z])")
_CODES = re.compile(r"(?<![0-9A-Za-z])[0-9A-Z]{1,5}(?: [0-9A-Z]{1,5})+(?![0-9A-Za-z])")
_LETTERS = re.compile(r"[a-zà-ÿ]+")
_DIGIT_AFTER_LETTER = re.compile(r"[0-9](?<=[a-zà-ÿ][0-9])")
_LAST_LETTERS = re.compile(r"[a-zà-ÿ]+$")
_NOT_LATIN = re.compile(r"[^\x00-\u024f]")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1dff\u2e80-\ufaff\uff00-\uffef]")  # no punctuation of Latin texts


@dataclass(frozen=True, slots=True)
class _Number:
    """A recognizer of numbers: its number and bit, how many digits a match has at least, how many stand together."""

    index: int
    bit: int
    fewest: int
    together: int
    weak: bool
    gate: re.Pattern[str] | None


class Gate:
    """Where recognizers need to look; built once for a tuple of them, whose places in it are their numbers."""

    def __init__(self, wanted: Sequence[Recognizer]) -> None:
        words, expressions = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
        numbers = []
        for index, one in enumerate(wanted):
            fewest, gate = _digits_and_gate(one)
            if fewest:
                numbers.append(_number(index, one, fewest, gate))
            elif isinstance(one.gate, str):
                for branch in branches(one.gate):
                    expressions[branch].append(index)
            elif isinstance(one.gate, tuple):
                for word in one.gate:
                    words[normal(str(word)).lower()].append(index)
        self._words = {word: found for word, found in words.items() if _LETTERS.fullmatch(word)}
        self._signs = tuple(
            (word, frozenset(_LETTERS.findall(word)), bool(_OTHER_SCRIPT.search(word)), found)
            for word, found in words.items()
            if word not in self._words
        )
        self._expressions = [
            (re.compile(gate), found, needs_other_script(gate), fewest_digits(gate) > 0)
            for gate, found in expressions.items()
        ]
        self._numbers = sorted(numbers, key=lambda number: number.fewest)
        self._loose = [number for number in self._numbers if number.gate]
        self._tight = [number for number in self._numbers if not number.gate]
        self._spread = [(index, 1 << index) for index, one in enumerate(wanted) if one.lengths and one.words]
        self._codes = [(index, bit) for index, bit in self._spread if _has_few_digits(wanted[index])]
        self._weak = {index: 1 << index for index, one in enumerate(wanted) if _is_weak(one)}
        self._context = _ContextWords(wanted)

    def __call__(self, text: str) -> Places:
        """The places of each recognizer that can match in a text in normal form; sorted, without overlaps."""
        lowered = _lowered(text)
        words = set(_LETTERS.findall(lowered))
        page = _Page(text, lowered, self._context)
        latin = text.isascii() or not _OTHER_SCRIPT.search(text)
        found = defaultdict[int, list[Place]](list)
        self._look_at_words(text, lowered, words, latin, found)
        known = page.known() if len(text) >= _ALONE else -1
        self._look_at_expressions(page, known, latin, found)
        if self._numbers:
            self._look_at_numbers(page, known, found)
        if codes := [(index, bit) for index, bit in self._codes if known & bit]:
            self._look_at_codes(page, codes, found)
        return {index: _merged(places) for index, places in found.items()}

    def _look_at_words(
        self, text: str, lowered: str, words: set[str], latin: bool, found: dict[int, list[Place]]
    ) -> None:
        present = [(word, self._words[word]) for word in self._words.keys() & words]
        for sign, runs, other_script, indexes in self._signs:
            if not latin or (not other_script and runs <= words):
                present.append((sign, indexes))
        for word, indexes in present:
            at = lowered.find(word)
            while at >= 0:
                place = (max(at - _AROUND_WORD[0], 0), min(at + _AROUND_WORD[1], len(text)), False)
                for index in indexes:
                    found[index].append(place)
                at = lowered.find(word, at + len(word))

    def _look_at_expressions(self, page: _Page, known: int, latin: bool, found: dict[int, list[Place]]) -> None:
        has_digits = _DIGIT.search(page.text) is not None
        for expression, indexes, other_script, digits in self._expressions:
            if (digits and not has_digits) or (other_script and latin):
                continue
            possible = [(index, self._weak.get(index, 0)) for index in indexes]
            possible = [(index, bit) for index, bit in possible if not bit or known & bit]
            if not possible:
                continue
            for match in expression.finditer(page.text):
                place = page.place(match.start(), match.end() - match.start(), _AROUND_WORD[0])
                for index, bit in possible:
                    if not bit or page.near(place) & bit:
                        found[index].append(place)

    def _look_at_numbers(self, page: _Page, known: int, found: dict[int, list[Place]]) -> None:
        """Add places around groups of digits for recognizers that need no context word, or have one on the page."""
        text = page.text
        loose = [one for one in self._loose if not one.weak or known & one.bit]
        fewest = min((one.fewest for one in loose), default=6)
        clusters = [
            (*cluster.span(), digits)
            for cluster in _CLUSTER.finditer(text)
            if (digits := len(_DIGIT.findall(cluster.group()))) >= fewest
        ]
        parts = windows.joined(text, [(max(start - _AROUND, 0), end + _AROUND) for start, end, _ in clusters])
        for one in loose:
            for match in one.gate.finditer(parts.text) if one.gate else ():
                place = page.place(parts.source(match.start()), match.end() - match.start(), _AROUND)
                if not one.weak or page.near(place) & one.bit:
                    found[one.index].append(place)
        for match in _SPREAD.finditer(parts.text):
            start, end, _ = page.place(parts.source(match.start()), match.end() - match.start(), _AROUND)
            near = page.near((start, end, True))
            for index, bit in self._spread:
                if near & bit:
                    found[index].append((start, end, True))
        tight = [one for one in self._tight if not one.weak or known & one.bit]
        for start, end, digits in clusters:
            if digits > 5:
                self._look_at_runs(page, (start, end), [one for one in tight if one.fewest <= digits], found)

    def _look_at_codes(self, page: _Page, codes: list[tuple[int, int]], found: dict[int, list[Place]]) -> None:
        """Add places of identifiers with few digits that may be spread out by spaces, as "C 0 1 X Y 0 T 4 7"."""
        for match in _CODES.finditer(page.text):
            if not _DIGIT.search(match.group()):
                continue
            start, end, _ = page.place(match.start(), match.end() - match.start(), _AROUND)
            near = page.near((start, end, True))
            for index, bit in codes:
                if near & bit:
                    found[index].append((start, end, True))

    def _look_at_runs(
        self, page: _Page, cluster: tuple[int, int], tight: list[_Number], found: dict[int, list[Place]]
    ) -> None:
        for run in _TIGHT.finditer(page.text, *cluster):
            digits = len(_DIGIT.findall(run.group()))
            place = page.place(run.start(), run.end() - run.start(), _AROUND)
            near: int | None = None
            for one in tight:
                if one.together > digits:
                    continue
                if one.weak:
                    near = page.near(place) if near is None else near
                    if not near & one.bit:
                        continue
                found[one.index].append(place)


class _Page:
    """A text in normal form and in small letters, and what context words are near its places."""

    def __init__(self, text: str, lowered: str, words: _ContextWords) -> None:
        self.text = text
        self._lowered, self._words = lowered, words
        found = words.found(lowered)
        self._at = [at for at, _ in found]
        self._bits = [bits for _, bits in found]

    def place(self, start: int, length: int, around: int) -> Place:
        """A part with its neighbors."""
        return max(start - around, 0), min(start + length + around, len(self.text)), False

    def known(self) -> int:
        """The recognizers of which a word may stand anywhere, as bits."""
        return self._all(0, len(self._bits))

    def near(self, place: Place) -> int:
        """The recognizers of which a word may stand near a place, as bits; all when the text may be one identifier."""
        if len(self.text) < _ALONE:
            return -1
        start, end = max(place[0] - BEFORE, 0), place[1] + AFTER
        return self._all(bisect_left(self._at, start), bisect_left(self._at, end))

    def _all(self, first: int, stop: int) -> int:
        known = 0
        for at in range(first, stop):
            known |= self._bits[at]
        return known


def _is_weak(one: Recognizer) -> bool:
    return all(pattern.weak for pattern in one.patterns)


def _has_few_digits(one: Recognizer) -> bool:
    """Whether its digits may be too few for a cluster."""
    return min(fewest_digits(pattern.regex.pattern) for pattern in one.patterns) <= _FEWEST


def _digits_and_gate(one: Recognizer) -> tuple[int, str]:
    """The fewest digits in a match, 0 when they are too few to look for, and what else must be near them."""
    if isinstance(one.gate, int):
        return one.gate, ""
    if isinstance(one.gate, tuple):
        return (one.gate[0], str(one.gate[1])) if isinstance(one.gate[0], int) else (0, "")
    fewest = min(fewest_digits(pattern.regex.pattern) for pattern in one.patterns)
    if one.gate == DIGITS:
        return max(fewest, 6), DIGITS
    return (fewest, one.gate) if fewest >= _FEWEST else (0, "")


def _number(index: int, one: Recognizer, fewest: int, gate: str) -> _Number:
    together = fewest if all(no_letters(pattern.regex.pattern) for pattern in one.patterns) else 6
    expression = re.compile(gate) if gate and gate != DIGITS else None
    return _Number(index, 1 << index, fewest, together, _is_weak(one), expression)


class _ContextWords:
    """All context words of all recognizers in one table; a set of recognizers is an integer with a bit for each."""

    def __init__(self, wanted: Sequence[Recognizer]) -> None:
        self._first = defaultdict[str, int](int)  # by the first run of letters of a word
        self._signs = defaultdict[str, list[tuple[str, int, int]]](list)  # other scripts: by a sign, and its place
        self._others: list[tuple[str, int]] = []
        for index, one in enumerate(wanted):
            for word in map(str.lower, one.words):
                self._add(word, 1 << index)

    def _add(self, word: str, bit: int) -> None:
        if sign := _NOT_LATIN.search(word):
            self._signs[sign.group()].append((word, sign.start(), bit))
        elif first := _LETTERS.match(word):
            for ending in ("", *PLURALS) if first.group() == word else ("",):
                self._first[first.group() + ending] |= bit
        else:
            self._others.append((word, bit))

    def found(self, lowered: str) -> list[tuple[int, int]]:
        """Where in a text in small letters such words may stand, sorted, and of which recognizers."""
        first = self._first
        places = [
            (match.start(), first[word]) for match in _LETTERS.finditer(lowered) if (word := match.group()) in first
        ]
        return sorted([*places, *self._glued(lowered), *self._elsewhere(lowered)])

    def _glued(self, lowered: str) -> Iterator[tuple[int, int]]:
        """Words that letters of an identifier follow: PAN of PANABCPE1234F."""
        for digit in _DIGIT_AFTER_LETTER.finditer(lowered):
            start = max(digit.start() - 20, 0)
            letters = _LAST_LETTERS.search(lowered[start : digit.start()])
            word = letters.group() if letters else ""
            for end in range(1, len(word)):
                if bits := self._first.get(word[:end], 0):
                    yield digit.start(), bits

    def _elsewhere(self, lowered: str) -> Iterator[tuple[int, int]]:
        """Words that do not begin with a Latin letter, and those of other scripts."""
        for word, bits in self._others:
            at = lowered.find(word)
            while at >= 0:
                yield at, bits
                at = lowered.find(word, at + 1)
        if not lowered.isascii():
            for sign in _NOT_LATIN.finditer(lowered):
                for word, offset, bits in self._signs.get(sign.group(), ()):
                    if lowered.startswith(word, max(sign.start() - offset, 0)):
                        yield max(sign.start() - offset, 0), bits


def _lowered(text: str) -> str:
    """The text in small letters, of the same length: a few letters have a longer small form and stay."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(small if len(small := char.lower()) == 1 else char for char in text)


def _merged(places: Iterable[Place]) -> list[Place]:
    merged: list[Place] = []
    for start, end, spread in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]), spread or merged[-1][2])
        else:
            merged.append((start, end, spread))
    return merged
