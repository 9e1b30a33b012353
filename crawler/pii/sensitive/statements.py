"""Terms of a class that are said of a person in the same sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.pii.sensitive.lexicon import Term
from crawler.pii.sensitive.sentences import Person, Reader, Who

POLITICS = "politics"


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or field that says something of a class about a person.

    Attributes:
        start, end: The sentence, in characters, end exclusive.
        about: The class.
        name: The name of the person, "" when it is the writer or nobody who is named.
        by_self: Whether the writer says it of himself or herself.
    """

    start: int
    end: int
    about: str
    name: str
    by_self: bool


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far words may stand apart, in characters."""

    person: int
    after: int
    link: int
    follow: int


_SPACED, _UNSPACED = _Reach(120, 60, 30, 40), _Reach(50, 24, 8, 3)
_HOWS = ("said", "topic")
_FEW = 25  # how far before a person a word may turn the sentence to something else


def statements(reader: Reader) -> Iterator[Statement]:
    """What is said in sentences, by place; each class once a sentence."""
    words, sentences = reader.words, dict[tuple[int, int], dict[Term, None]]()
    for at, word in reader.hits:
        if not reader.is_near(at):
            continue
        terms = dict.fromkeys(term for term in words.terms[word] if term.how in _HOWS)
        if terms:
            sentences.setdefault(reader.sentence(at), {}).update(terms)
    for (start, end), terms in sentences.items():
        if people := reader.people(start, end):
            yield from _in_sentence(reader, start, end, people, tuple(terms))
        elif people := reader.implied(start):
            said = tuple(term for term in terms if term.how == "said")
            yield from _in_sentence(reader, start, end, people, said)


def _in_sentence(
    reader: Reader, start: int, end: int, people: Sequence[Person], terms: Sequence[Term]
) -> Iterator[Statement]:
    done: set[str] = set()
    for term in terms:
        if term.about in done:
            continue
        for match in term.regex.finditer(reader.text, start, end):
            person = _said_of(reader, term, match, people, (start, end))
            if person and not reader.words.cue("any", "if").search(reader.text, start, match.start()):
                done.add(term.about)
                yield _statement(reader, start, end, term.about, person)
                break


def _said_of(
    reader: Reader, term: Term, match: re.Match[str], people: Sequence[Person], sentence: tuple[int, int]
) -> Person | None:
    """The person that the term is said of: the nearest before it for which the words between do not speak against."""
    reach = _SPACED if reader.words.spaced else _UNSPACED
    inside = [one for one in people if one.start >= match.start() and one.end <= match.end()]
    before = [one for one in reversed(people) if one.end <= match.start() and match.start() - one.end <= reach.person]
    after = [one for one in people if one.start >= match.end() and one.start - match.end() <= reach.after]
    for person in [*inside, *before, *after]:
        if term.about == POLITICS and person.public:
            continue  # the party of somebody who holds an office is no secret
        if (term.how == "said" or _linked(reader, term, match, person, reach)) and not _turned(
            reader, match, person, sentence
        ):
            return person
    return None


def _turned(reader: Reader, match: re.Match[str], person: Person, sentence: tuple[int, int]) -> bool:
    """Whether the sentence is about something else: the person writes, treats or judges."""
    elsewhere, text = reader.words.cue("any", "unless"), reader.text
    last = match.start() if reader.words.spaced else sentence[1]
    low, high = max(sentence[0], person.start - _FEW), max(last, person.start)
    return any(not match.start() <= one.start() < match.end() for one in elsewhere.finditer(text, low, high))


def _linked(reader: Reader, term: Term, match: re.Match[str], person: Person, reach: _Reach) -> bool:
    """Whether a topic belongs to the person: "has diabetes", "my diabetes", "Anna's diabetes", "糖尿病を患"."""
    words, text = reader.words, reader.text
    if person.start >= match.start():
        return _leads(reader, term, match)
    nearest = max(person.start, match.start() - reach.link - _FEW)
    for link in words.links(term.about).finditer(text, nearest, match.start()):
        near = link.end() >= person.start and match.start() - link.end() <= reach.link
        if near and not words.cue("any", "apart").search(text, link.start(), match.start()):
            return True
    if any(
        follow.start() - match.end() <= reach.follow
        for follow in words.follows(term.about).finditer(text, match.end(), match.end() + reach.follow + _FEW)
    ):
        return True
    return words.spaced and _possessed(reader, person, match)


def _leads(reader: Reader, term: Term, match: re.Match[str]) -> bool:
    """Whether the link stands right before the topic, and the person after it: "Grew up Mormon, then I left"."""
    links = reader.words.links(term.about).finditer(reader.text, max(0, match.start() - _FEW), match.start())
    return any(match.start() - link.end() <= 1 for link in links)


def _possessed(reader: Reader, person: Person, match: re.Match[str]) -> bool:
    between = reader.text[person.end : match.start()]
    if person.who is Who.NAMED and not between.startswith(("'s", "’s")):
        return False
    rest = between.removeprefix("'s").removeprefix("’s")
    for how in ("kin", "possessive"):
        rest = reader.words.cue("any", how).sub("", rest)
    return not re.sub(r"(?:[\s\d,-]|['’]s?)+", "", rest)


def _statement(reader: Reader, start: int, end: int, about: str, person: Person) -> Statement:
    name = reader.text[person.span.start : person.span.end] if person.span else ""
    kin = reader.words.cue("any", "kin").match(reader.text, _next_word(reader, person.end))
    return Statement(start, end, about, name, person.who is Who.WRITER and not kin)


def _next_word(reader: Reader, at: int) -> int:
    while at < len(reader.text) and (reader.text[at].isspace() or reader.text[at] in "の的"):
        at += 1
    return at
