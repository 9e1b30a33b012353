"""Words of Japanese with their part of speech, from Sudachi (sudachipy and sudachidict-core, Apache-2.0)."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Any

from crawler.pii.tokens import Token, Tokenize

# Names from abroad, as one word: katakana and initials joined by a middle dot or a double hyphen.
_PART = r"(?:[ァ-ヺ][ァ-ヺー]*|(?<![A-Za-z])[A-Z]\.?(?![a-z]))"
_JOIN = re.compile(r"[・･＝=.]")
_JOINED = re.compile(rf"{_PART}(?:(?:[・･＝=]|(?<=\.)){_PART})+")


def load() -> Tokenize:
    """Reads the dictionary; raises ImportError where sudachipy or sudachidict-core is missing."""
    import sudachidict_core  # noqa: F401  # else sudachipy says this with an exception of its own
    from sudachipy import Dictionary, SplitMode

    dictionary = Dictionary(dict="core")
    split = dictionary.tokenizer(mode=SplitMode.C).tokenize
    tags = _tags(dictionary)

    def tokenize(line: str) -> list[Token]:
        """The words of a line of at most 49,149 bytes, with classes such as "固有名詞/人名/姓"."""
        words = [
            (start := word.begin(), end := word.end(), line[start:end], tags[word.is_oov()][word.part_of_speech_id()])
            for word in split(line)
        ]
        return _joined(line, words) if _JOIN.search(line) else words

    return tokenize


def _tags(dictionary: Any) -> tuple[list[str], list[str]]:
    """The class of each part of speech of the dictionary, by its number; the second of words that it does not know."""
    tags: list[str] = []
    while (parts := dictionary.pos_of(len(tags))) is not None:
        tags.append(_tag(parts))
    return tags, [f"?{tag}" for tag in tags]


def _tag(parts: tuple[str, ...]) -> str:
    """Nouns as far as they are told apart, and the form of words that inflect."""
    kept = [part for part in (*parts[:4], parts[5]) if part != "*"]
    return "/".join(kept[1:] if parts[0] == "名詞" else kept)


def _joined(line: str, words: list[Token]) -> list[Token]:
    """The words, those of a name from abroad as one; its class is that of its first and last word."""
    for found in reversed([*_JOINED.finditer(line)]):
        first = bisect_left(words, (found.start(),))
        last = bisect_left(words, (found.end(),)) - 1
        if first < last and (words[first][0], words[last][1]) == found.span():
            words[first : last + 1] = [(*found.span(), found.group(), f"{words[first][3]}・{words[last][3]}")]
    return words
