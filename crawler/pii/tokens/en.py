"""English words with the class of each: words that stand in the same places share one.

The classes are clusters of the CC0 word vectors of spaCy's English models, made by `python -m training.en_classes`;
of half a million words each has 32 bits of a hash and its cluster. A word that is not among them has no class.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zlib import crc32

from crawler.pii.tokens import Tokenize
from crawler.pii.tokens.words import tokenize

CLASSES = Path(__file__).with_name("en_classes.npz")
_MOST_WORDS = 40_000  # remembered


def load() -> Tokenize:
    """A tokenizer whose tags are "<class>|<class of classes>"; takes 30 ms and 4 MB."""
    classes = WordClasses(CLASSES)
    return lambda line: [(start, end, form, classes.of(form)) for start, end, form, _ in tokenize(line)]


class WordClasses:
    """From words to the names of their classes."""

    def __init__(self, path: Path) -> None:
        import numpy as np

        with np.load(path) as stored:
            self._hashes: Any = np.cumsum(stored["hashes"], dtype=np.uint64).astype(np.uint32)
            self._clusters: Any = stored["clusters"]
            self._coarse: Any = stored["coarse"]
        self._known: dict[str, str] = {}

    def of(self, form: str) -> str:
        """The class of a word, or "" where it has none; words in capitals have that of the name they spell."""
        found = self._known.get(form)
        if found is None:
            if len(self._known) > _MOST_WORDS:
                self._known.clear()
            found = self._look_up(form) or (self._look_up(form.title()) if form.isupper() and len(form) > 2 else "")
            self._known[form] = found
        return found

    def _look_up(self, form: str) -> str:
        hashed = crc32(form.encode("utf-8", "surrogatepass"))
        at = int(self._hashes.searchsorted(self._hashes.dtype.type(hashed)))  # another type would copy the table
        if at == len(self._hashes) or int(self._hashes[at]) != hashed:
            return ""
        cluster = int(self._clusters[at])
        return f"{cluster}|{self._coarse[cluster]}"
