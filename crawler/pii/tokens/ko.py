"""Words of Korean with their class, from mecab-ko (python-mecab-ko, BSD-3, and python-mecab-ko-dic, Apache-2.0)."""

from __future__ import annotations

from crawler.pii.tokens import Token, Tokenize

_MOST_CLASSES = 50_000  # the dictionary's descriptions of words that are kept, so that memory does not grow


def load() -> Tokenize:
    """Reads the dictionary; raises ImportError where python-mecab-ko is missing."""
    from mecab import MeCab
    from mecab.utils import create_lattice

    parse = MeCab()._tagger.parse  # MeCab.parse builds three objects a word, which takes as long as the analysis
    tags: dict[str, str] = {}

    def tokenize(line: str) -> list[Token]:
        """The words of a line, with classes such as " NNP/인명"; the space says that one stands before the word."""
        lattice = create_lattice(line)
        parse(lattice)
        if len(tags) > _MOST_CLASSES:
            tags.clear()
        words: list[Token] = []
        before = 0
        for (start, end), node in lattice:
            described = node.feature
            tag = tags.get(described)
            if tag is None:
                tag = tags[described] = _tag(described)
            words.append((start, end, line[start:end], tag if start == before else " " + tag))
            before = end
        return words

    return tokenize


def _tag(described: str) -> str:
    """Part of speech, meaning and kind of a word: "NNP/인명", "NNG/Compound", "VV+EP/Inflect"."""
    parts = described.split(",", 5)
    return "/".join(part for part in (parts[0], parts[1], parts[4]) if part != "*")
