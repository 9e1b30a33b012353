"""Names in Korean by the dictionary alone: words that mecab-ko knows as names of persons.

Faster than the tagger, which reads the same words, and less right; for whoever wants no trained weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crawler.pii import tokens
from crawler.pii.engines import Name, ReadNames
from crawler.pii.tokens import Token

INSTALL = "run pip install 'usufruct[names]'"
MODELS = ""
LANGUAGES = ("ko",)
SCORE = 0.5  # about half of its finds are names, to the letter; see docs/personal-data.md
_PERSON = "인명"


def load(language: str, model: str) -> ReadNames:
    """Reads the dictionary; raises ImportError where python-mecab-ko is missing."""
    tokenize = tokens.load(language)

    def read(lines: Sequence[str]) -> list[list[Name]]:
        return [merged(line, (word for word in tokenize(line) if _PERSON in word[3])) for line in lines]

    return read


def merged(line: str, words: Iterable[Token]) -> list[Name]:
    """Words that follow each other as one name, also over a single space: names from abroad."""
    names: list[tuple[int, int]] = []
    for start, end, _, _ in words:
        before = names[-1][1] if names else -1
        if before == start or (before == start - 1 and line[before] == " "):
            names[-1] = names[-1][0], end
        else:
            names.append((start, end))
    return [(start, end, SCORE) for start, end in names]
