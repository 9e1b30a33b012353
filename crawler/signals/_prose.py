"""Finds sentences by which a site refuses or reserves the mining of its text, in six languages. States no facts.

Specification: none; the words are ours, in terms_words.csv beside this module, after terms of real sites as described
in reference/signals.md 12, read 2026-11-22. A sentence is a candidate, not a verdict: it names a thing (mining,
scraping, or training together with AI) and near it a refusal, and none of the words that give the sentence another
sense ("we do not train our models on your data"). In the table a `*` stands for any ending.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

MAX_TEXT = 120_000  # characters read of one text
_MAX_LINES = 5_000
_MAX_SENTENCE = 2_000
_NEAR = 250  # characters between a thing and its refusal
_TOGETHER = 120  # between training and what is trained

_END = re.compile(r"[。！？|]|[.!?](?=\s)")  # a bar parts the entries of a footer
_LEAD = re.compile(r"(?:[:：]|(?:以下|次の|次に|下列|다음)[^\n]{0,100})\s{0,10}\Z")  # "You may not:", and a list
_ABBREVIATION = re.compile(r"(?:\b[A-Za-z]|\b(?:Art|Abs|Nr|No|Sec|Inc|Ltd|Corp|Co|bzw|vgl|etc|ff|al|cf|Ziff|Satz))\.\Z")
_ITEM = re.compile(r"\s*(?:[•·*–-]|\(?[0-9a-zA-Z]{1,3}[.)])\s")
_IS_LETTER = "[0-9A-Za-zÀ-ÖØ-öø-ÿ]"


@cache
def words(kind: str) -> tuple[str, ...]:
    """The words of a kind as the table has them, in its order."""
    return tuple(word for listed in _table().get(kind, ()) for word in listed.split("|"))


def find(text: str) -> Iterator[str]:
    """The candidate sentences of a text that has one paragraph or list item a line, at most 200 characters of each."""
    lead = ""
    for line in text[:MAX_TEXT].split("\n", _MAX_LINES)[:_MAX_LINES]:
        is_item = _ITEM.match(line) is not None
        if line.strip() and not is_item:
            lead = ""
        for sentence in _sentences(line):
            if quote := _candidate(sentence, refused=is_item and lead != ""):
                yield quote.lstrip("• ")  # the mark that the text of a list item is given
        if _LEAD.search(line[-200:]) and _has("refusal", line[-_MAX_SENTENCE:]) and not _has("spoiler", line):
            lead = line


def may_hold_any(text: str) -> bool:
    """Whether it is worth reading sentence by sentence."""
    text = text[:MAX_TEXT]
    return _is_possible("activity", text) or (_is_possible("training", text) and _is_possible("machine", text))


def _candidate(sentence: str, *, refused: bool) -> str:
    """The sentence, or the 200 characters from where it gets interesting; "" where it refuses nothing."""
    things = _things(sentence)
    if not things or _has("spoiler", sentence):
        return ""
    refusals = _places("refusal", sentence)
    near = [min(thing, refusal) for thing in things for refusal in refusals if abs(thing - refusal) <= _NEAR]
    if not near and not refused:
        return ""
    return sentence[:200] if len(sentence) <= 200 else sentence[min(near or things) :][:200].strip()


def _things(sentence: str) -> list[int]:
    """Where a sentence names mining, scraping, or training near the word for AI."""
    training, machines = _places("training", sentence), _places("machine", sentence)
    trained = [place for place in training if any(abs(place - machine) <= _TOGETHER for machine in machines)]
    return (_places("activity", sentence) + trained)[:50]


def _sentences(line: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(line):
        if not _ABBREVIATION.search(line[max(start, end.end() - 12) : end.end()]):
            yield from _pieces(line[start : end.end()])
            start = end.end()
    yield from _pieces(line[start:])


def _pieces(sentence: str) -> Iterator[str]:
    """A sentence; one that does not end, in pieces."""
    text = sentence.strip()
    for start in range(0, len(text), _MAX_SENTENCE):
        yield text[start : start + _MAX_SENTENCE]


def _places(kind: str, text: str) -> list[int]:
    return sorted({found.start() for pattern in _possible(kind, text) for found in pattern.finditer(text)})


def _has(kind: str, text: str) -> bool:
    return any(pattern.search(text) for pattern in _possible(kind, text))


def _is_possible(kind: str, text: str) -> bool:
    return next(_possible(kind, text), None) is not None


def _possible(kind: str, text: str) -> Iterator[re.Pattern[str]]:
    """The words of one kind, in all languages, whose parts all stand in the text: sites mix languages."""
    lower = text.lower()
    if not any(part in (text if capital else lower) for part, capital in _cover(kind)):
        return  # most texts name nothing, and this is asked of every sentence
    for parts, pattern in _words(kind):
        if all(part in (text if capital else lower) for part, capital in parts):
            yield pattern


_Part = tuple[str, bool]  # a fixed part of a word, and whether it is an abbreviation, which stays in capitals


@cache
def _words(kind: str) -> tuple[tuple[tuple[_Part, ...], re.Pattern[str]], ...]:
    """Each word as a pattern, with its parts."""
    return tuple((_parts(word), re.compile(_pattern(word), re.IGNORECASE)) for word in words(kind))


def _parts(word: str) -> tuple[_Part, ...]:
    """The fixed parts of a word, the longest first."""
    capital = word.isupper()
    parts = filter(None, re.split(r"[\s*-]+", word if capital else word.lower()))
    return tuple((part, capital) for part in sorted(parts, key=len, reverse=True))


@cache
def _cover(kind: str) -> tuple[_Part, ...]:
    """The longest part of each word, without those that hold another one."""
    longest = sorted({parts[0] for parts, _ in _words(kind)}, key=lambda part: len(part[0]))
    return tuple(
        (part, capital)
        for number, (part, capital) in enumerate(longest)
        if not any(short in part and (capital or not was) for short, was in longest[:number])
    )


def _pattern(word: str) -> str:
    """A word between ends of words where its script has them; capitals alone are an abbreviation and stay capitals."""
    text = re.escape(word).replace(r"\*", _IS_LETTER + "{0,20}").replace(r"\ ", r"[\s-]{1,3}")
    if not re.match(_IS_LETTER + "|§", word):
        return text.replace(r"[\s-]{1,3}", r"\s?")
    if word.isupper():
        text = f"(?-i:{text})"
    return f"(?<!{_IS_LETTER}){text}(?!{_IS_LETTER})"


@cache
def _table() -> Mapping[str, list[str]]:
    table: dict[str, list[str]] = {}
    with Path(__file__).with_name("terms_words.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            table.setdefault(row["kind"], []).append(row["words"])
    return table
