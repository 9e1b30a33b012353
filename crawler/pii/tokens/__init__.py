"""Text to words, one module a way of writing; what the tagger reads. A module has `load() -> Tokenize`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

Token = tuple[int, int, str, str]  # start, end (characters of the line), form, class of word ("" where none is known)
Tokenize = Callable[[str], list[Token]]  # a line -> its words in order, without overlaps

TOKENIZERS: Mapping[str, str] = MappingProxyType(
    {"en": "en", "de": "words", "fr": "words", "es": "words", "ja": "ja", "ko": "ko"}
)


def load(language: str) -> Tokenize:
    """The tokenizer of a language; raises ImportError where its package is missing."""
    tokenize: Tokenize = import_module(f"{__name__}.{TOKENIZERS[language]}").load()
    return tokenize
