"""The words of robots metas and X-Robots-Tag headers. States no facts.

Specification: none; the de-facto grammar of Google's robots meta documentation and DeviantArt's noai (2022), as in
reference/signals.md 7, read 2026-11-22.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

VALUED = frozenset(("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"))
AI_WORDS = ("noai", "noimageai")
LOOSE_SEPARATORS = "loose-separators"
INDEX_WORDS = {"noindex": "noai", "none": "noai", "noimageindex": "noimageai"}  # what img2dataset takes them for

_EVERYBODY = frozenset(("", "*", "robots", "all"))
_MORE_OF_A_DATE = re.compile(r"\d|[a-z]{3,9}\.? +\d", re.IGNORECASE)  # after "unavailable_after: Wed"
_LOOSE = re.compile(r"[\s;|/]+")  # what people put where a comma belongs
_MEANT_AS_RESERVATION = re.compile(r"(?<![a-z0-9])no[-_ ]?(?:image[-_ ]?)?ai(?![a-z0-9])", re.IGNORECASE)


class Word(NamedTuple):
    """One rule and whom it addresses: a bot's name in lower case, or "" for everybody."""

    addressee: str
    word: str

    def speaks_to(self, agent: str) -> bool:
        return not self.addressee or self.addressee == agent.lower()

    @property
    def meant(self) -> tuple[str, ...]:
        """The AI words in it, were they separated by what does not separate, such as "noai; noimageai"."""
        parts = _LOOSE.split(self.word)
        return () if self.word in AI_WORDS else tuple(word for word in AI_WORDS if word in parts)

    @property
    def malformed(self) -> str:
        """Why it tries to be noai and is not, in a word; "" where it does not try."""
        if self.word in AI_WORDS or not _MEANT_AS_RESERVATION.search(self.word):
            return ""
        return LOOSE_SEPARATORS if self.meant else "misspelt"

    def other_readings(self) -> Iterator[tuple[str, str]]:
        """Open points, each with the word that this one stands for if the point is read the other way."""
        for word in self.meant:
            yield LOOSE_SEPARATORS, word
        if self.word in INDEX_WORDS:
            yield "noindex", INDEX_WORDS[self.word]


def of_meta(content: str) -> Iterator[Word]:
    """The words of a meta's content: a comma list; names of bots have no place in it."""
    for element in content.split(","):
        if word := element.strip().lower():
            yield Word("", word)


def of_header(line: str) -> Iterator[Word]:
    """The words of one header line: a name governs what follows it, until the next name.

    Rules with a value look like names and are none; a date may hold commas and colons.
    """
    addressee, in_date = "", False
    for element in line.split(","):
        rest = element.strip()
        if in_date and _MORE_OF_A_DATE.match(rest):
            continue
        name, colon, value = rest.partition(":")
        while colon and name.strip().lower() not in VALUED:
            bot = name.partition("/")[0].strip().lower()
            addressee = "" if bot in _EVERYBODY else bot
            rest = value.strip()
            name, colon, value = rest.partition(":")
        in_date = name.strip().lower() == "unavailable_after"
        if rest:
            yield Word(addressee, rest.lower())
