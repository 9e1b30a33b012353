"""Ages below 18, and school classes, that are said of a person.

A class in school tells an age only roughly: the youngest who usually are in it is taken, so that a threshold is rather
met than missed. An age in a sentence about long ago is none of today: with a year in it, whoever is grown up by the
year of the page is left out, and "at the age of 12", "when I was 14" are no statement of an age at all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from crawler.pii.sensitive.lexicon import MINOR, Lexicon, Term, lexicon
from crawler.pii.sensitive.sentences import Person, Reader, Who
from crawler.pii.sensitive.terms import expression

ADULT = 18
_NUMBER = re.compile(r"(?<![\d.,:/–-])(?:1[0-7]|[1-9])(?!\d|[.,:]\d|%)")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_N = re.compile("N")
_IN_NUMBERS = "一二三四五六七八九十百"
_WIDE = 40  # characters that a way to say an age takes, at most
_FAR, _FAR_UNSPACED = 40, 12  # characters between a person and what says the age
_BEFORE_UNLESS, _AFTER_UNLESS = 40, 10


@dataclass(frozen=True, slots=True)
class Minor:
    """A child that a text speaks of: where (the sentence), the age in years, the name, "" for the writer."""

    start: int
    end: int
    age: int
    name: str


@dataclass(frozen=True, slots=True)
class _Saying:
    """One way to say an age: before, after or with `said` of a person; what stands before the number, and after it."""

    how: str
    before: re.Pattern[str]
    after: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Said:
    """An age as it stands in a text."""

    how: str
    start: int
    end: int
    age: int


def minors(reader: Reader, year: int) -> Iterator[Minor]:
    """Children that sentences speak of, each once a sentence.

    Args:
        reader: The text.
        year: The year of the page; 0 where it is not known, then years in sentences are not weighed.
    """
    sentences = defaultdict[tuple[int, int], list[_Said]](list)
    for said in _all_said(reader):
        sentences[reader.sentence(said.start)].append(said)
    for (start, end), all_said in sentences.items():
        for child in _in_sentence(reader, start, end, all_said):
            if not _grown_up(reader, child, year):
                yield child


def _all_said(reader: Reader) -> Iterator[_Said]:
    """Ages below 18 near somebody."""
    for match in _NUMBER.finditer(reader.low):
        if reader.is_near(match.start()):
            yield from _said_with(reader, match.start(), match.end(), int(match.group()))
    for at, word in reader.hits:
        if reader.is_near(at):
            for term in reader.words.terms[word]:
                if term.about == MINOR and term.how.startswith("number"):
                    if term.entry == word and _begins(reader, at):
                        yield from _said_with(reader, at, at + len(word), int(term.how.partition(":")[2]))
                elif term.about == MINOR:
                    yield from _of_term(reader, at, term)


def _begins(reader: Reader, at: int) -> bool:
    """Whether a number in words begins here, and is not the end of a greater one: "dix-sept", "二十二"."""
    last = reader.low[at - 1 : at]
    if reader.words.language in ("ja", "zh"):
        return not last or last not in _IN_NUMBERS
    return not last.isalnum() and last != "-"


def _of_term(reader: Reader, at: int, term: Term) -> Iterator[_Said]:
    how, _, age = term.how.partition(":")
    for match in term.regex.finditer(reader.text, max(0, at - _WIDE), at + _WIDE):
        if match.start() <= at < match.end():
            yield _Said(how, match.start(), match.end(), int(age))


def _said_with(reader: Reader, start: int, end: int, age: int) -> Iterator[_Said]:
    """What the words around a number make of it."""
    for saying in _sayings(reader.words.language):
        if (after := saying.after.match(reader.text, end)) and (
            before := saying.before.search(reader.text, max(0, start - _WIDE), start)
        ):
            yield _Said(saying.how, before.start(), after.end(), age)


def _in_sentence(reader: Reader, start: int, end: int, all_said: Sequence[_Said]) -> Iterator[Minor]:
    people = reader.people(start, end)
    done: list[_Said] = []
    for said in sorted(all_said, key=lambda said: said.how == "said"):  # what stands at a name is surer
        again = any(said.start < other.end and other.start < said.end for other in done)
        if not again and (one := _who(reader, said, people, start)):
            done.append(said)
            yield Minor(start, end, said.age, reader.text[one.span.start : one.span.end] if one.span else "")


def _who(reader: Reader, said: _Said, people: Sequence[Person], start: int) -> Person | None:
    low = max(start, said.start - _BEFORE_UNLESS)
    high = said.end + (0 if reader.words.spaced else _AFTER_UNLESS)
    if reader.words.cue(MINOR, "unless").search(reader.text, low, high):
        return None
    fits = {"before": _stands_before, "after": _stands_after, "said": _is_said}[said.how]
    return next((one for one in reversed(people) if fits(reader, said, one)), None)


def _stands_before(reader: Reader, said: _Said, one: Person) -> bool:
    """Nothing stands between but words for a child: "12-year-old Emma", "5年生の太郎"."""
    if one.who is not Who.NAMED or not said.end <= one.start <= said.end + _FAR:
        return False
    between = reader.words.cue("minor", "child").sub("", reader.text[said.end : one.start])
    return not re.sub(r"[\s,、の的:：-]+", "", between)


def _stands_after(reader: Reader, said: _Said, one: Person) -> bool:
    """It stands right after the name: "Emma, 12,", "小明（9岁）"."""
    return one.who is Who.NAMED and 0 <= said.start - one.end <= 1


def _is_said(reader: Reader, said: _Said, one: Person) -> bool:
    """The person stands before, or in, what says it: "My son is in fourth grade", "I'm 14"."""
    far = _FAR if reader.words.spaced else _FAR_UNSPACED
    return one.start <= said.end and one.end >= said.start - far and one.start <= said.start + 1


def _grown_up(reader: Reader, child: Minor, year: int) -> bool:
    years = [int(match.group()) for match in _YEAR.finditer(reader.text, child.start, child.end)]
    return bool(year and years) and child.age + year - min(years) >= ADULT


@cache
def _sayings(language: str) -> tuple[_Saying, ...]:
    words = lexicon(language)
    return tuple(_all_sayings(words)) if words else ()


def _all_sayings(words: Lexicon) -> Iterator[_Saying]:
    for how in ("before", "after", "said"):
        for entry in words.entries.get((MINOR, how), ()):
            before, after = _N.split(entry, maxsplit=1)
            flags = re.IGNORECASE if entry.lower() == entry.replace("N", "n") else 0
            first = expression(before, bounded=words.spaced).pattern
            rest, ends = after.removesuffix("#"), _clause_end(words) if after.endswith("#") else ""
            bound = r"(?!\w)" if words.spaced and rest[-1:].isalpha() and not ends else ""
            last = expression(rest, bounded=False).pattern
            yield _Saying(how, re.compile(first + r"\Z", flags), re.compile(last + bound + ends, flags))


def _clause_end(words: Lexicon) -> str:
    more = "|".join(map(re.escape, words.entries.get(("any", "clause"), ())))
    return rf"(?=\s*(?:[,.;!?)。，、！）]|$)|\s+(?:{more or '(?!)'})\b)"
