"""Words of alphabets: letters with what joins them, digits, and each other character for itself."""

from __future__ import annotations

import re

from crawler.pii.tokens import Token, Tokenize

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*\.?(?<=\b[A-Z]\.)|[^\W\d_]+|\d+|[^\w\s]|_")


def load() -> Tokenize:
    """There is nothing to load."""
    return tokenize


def tokenize(line: str) -> list[Token]:
    """The words of a line; an initial keeps its full stop ("J."), a possessive ending is a word of its own."""
    return [(*match.span(), match.group(), "") for match in _WORD.finditer(line)]
