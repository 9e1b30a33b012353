"""The words of one language, from `words/<language>.csv`: columns about, how, words; sorted, one entry a line.

`words` is written as `terms` says. `about` is a class of sensitive data (health, belief, ...) with `how`:

    said     says it of a person by itself: "diagnosed with"
    topic    names the matter only: "diabetes"; it counts with a link to the person
    link     what makes such a link, before the topic: "has"; those of `any` are for classes that have none of their own
    follow   the same, after the topic
    field    the label of a field: "Religion"

`about` any:

    self, third     words for the writer, and for a person named before
    kin             who is somebody else although "my" stands before
    possessive      words that may stand between "my" and a topic
    apart           words that undo a link they stand between: "has questions about"
    if, unless      words that make it a supposition, or about something else: books, research, the judge
    name-field      labels of fields about a person
    title, role     words of public offices right before a name, and right after
    clause          words after which an age ends a clause

`about` minor: `before`, `after`, `said` a person, with N for the age (# the end of a clause), or with the age itself
("said:9") for school classes, by the youngest who usually are in them; `number:9` the word for a number; `child` and
`unless` as above. `about` page: words that make a page a forum or a dating profile.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crawler.pii.sensitive.terms import anchors, expression, trie

_FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("de", "en", "es", "fr", "ja", "ko", "zh")
_UNSPACED = frozenset({"ja", "zh", "ko"})  # words are not set apart by spaces, or carry particles
_NOTHING = re.compile(r"(?!)")
_GATED = ("said", "topic", "field", "title", "role")
MINOR, PAGE = "minor", "page"


@dataclass(frozen=True, slots=True)
class Term:
    """An entry that states something: its class, how, and as it is written."""

    about: str
    how: str
    entry: str
    spaced: bool

    @property
    def regex(self) -> re.Pattern[str]:
        """Where it matches; made when first asked for, since most entries never are."""
        return expression(self.entry, bounded=self.spaced)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language.

    Attributes:
        language: ISO 639-1.
        spaced: Whether words stand apart.
        gate: Finds words without which no term matches, in text made lower by `lowered`.
        people: Finds words for the writer (group "self") and pronouns, in the same.
        terms: Such a word -> the terms it may belong to.
        entries: (about, how) -> entries as written.
    """

    language: str
    spaced: bool
    gate: re.Pattern[str]
    people: re.Pattern[str]
    terms: Mapping[str, tuple[Term, ...]]
    entries: Mapping[tuple[str, str], tuple[str, ...]]
    cues: dict[tuple[str, str], re.Pattern[str]]

    def cue(self, about: str, how: str) -> re.Pattern[str]:
        """One expression for all entries of a list; it matches nothing where there are none."""
        key = (about, how)
        if key not in self.cues:
            self.cues[key] = _any_of(self.entries.get(key, ()), self.spaced)
        return self.cues[key]

    def links(self, about: str) -> re.Pattern[str]:
        """What links a topic to the person before it."""
        return self.cue(about if (about, "link") in self.entries else "any", "link")

    def follows(self, about: str) -> re.Pattern[str]:
        """What links a topic to the person after the topic."""
        return self.cue(about if (about, "follow") in self.entries else "any", "follow")


@cache
def lexicon(language: str) -> Lexicon | None:
    """The lexicon of a language (ISO 639-1), read once in a process; None where there is none."""
    if language not in LANGUAGES:
        return None
    entries: dict[tuple[str, str], list[str]] = defaultdict(list)
    with (_FOLDER / f"{language}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            entries[row["about"], row["how"]].append(row["words"])
    return _built(language, {key: tuple(words) for key, words in entries.items()})


def lowered(text: str) -> str:
    """The text in lower case, character by character: the only letter that becomes two is replaced before."""
    return text.replace("\u0130", "I").lower()


def _built(language: str, entries: Mapping[tuple[str, str], tuple[str, ...]]) -> Lexicon:
    spaced = language not in _UNSPACED
    terms: dict[str, list[Term]] = defaultdict(list)
    for (about, how), words in entries.items():
        if how in _GATED or about == PAGE or (about == MINOR and ":" in how):
            for entry in words:
                if about == MINOR and "N" in entry:
                    continue
                term = Term(about, how, entry, spaced)
                for anchor in anchors(entry, bounded=spaced):
                    terms[anchor].append(term)
    bound = r"(?<![^\W_])" if spaced else ""
    gate = re.compile(bound + trie(frozenset(terms)))
    inside = {word: [short for short in terms if short in word] for word in terms}  # the gate sees the longest only
    reached = {word: tuple(term for short in shorts for term in terms[short]) for word, shorts in inside.items()}
    return Lexicon(language, spaced, gate, _people(entries, spaced), reached, entries, {})


def _people(entries: Mapping[tuple[str, str], tuple[str, ...]], spaced: bool) -> re.Pattern[str]:
    writer, pronoun = (trie(frozenset(map(lowered, entries["any", how]))) for how in ("self", "third"))
    before, after = (r"(?<!\w)", r"(?:(?!\w)|(?<='))") if spaced else ("", "")
    return re.compile(f"{before}(?:(?P<self>{writer})|{pronoun}){after}")


def _any_of(entries: Iterable[str], spaced: bool) -> re.Pattern[str]:
    parts = []
    for entry in sorted(entries, key=len, reverse=True):
        one = expression(entry, bounded=spaced)
        parts.append(f"(?i:{one.pattern})" if one.flags & re.IGNORECASE else one.pattern)
    return re.compile("|".join(parts)) if parts else _NOTHING
