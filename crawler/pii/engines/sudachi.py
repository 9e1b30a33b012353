"""Names in Japanese by the dictionary alone: neighboring words that Sudachi knows as parts of names of persons.

Twice as fast as the tagger, which reads the same words, and less right; for whoever wants no trained weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crawler.pii.engines import Name, ReadNames

INSTALL = "run pip install 'usufruct[names]'"
MODELS = ""
LANGUAGES = ("ja",)
SCORE = 0.5  # about half of its finds are names, to the letter; see docs/personal-data.md
_BETWEEN = frozenset("・･＝=")  # between the words of a name from abroad


def load(language: str, model: str) -> ReadNames:
    """Reads the dictionary; raises ImportError where sudachipy or sudachidict-core is missing."""
    import sudachidict_core  # noqa: F401  # else sudachipy says this with an exception of its own
    from sudachipy import Dictionary, SplitMode

    dictionary = Dictionary(dict="core")
    split = dictionary.tokenizer(mode=SplitMode.C).tokenize
    is_name = dictionary.pos_matcher([("名詞", "固有名詞", "人名")])

    def read(lines: Sequence[str]) -> list[list[Name]]:
        """The names in each line, of at most 49,149 bytes."""
        return [merged(line, ((word.begin(), word.end()) for word in split(line) if is_name(word))) for line in lines]

    return read


def merged(line: str, words: Iterable[tuple[int, int]]) -> list[Name]:
    """Words that follow each other as one name, also over a middle dot."""
    names: list[tuple[int, int]] = []
    for start, end in words:
        before = names[-1][1] if names else -1
        if before == start or (before == start - 1 and line[before] in _BETWEEN):
            names[-1] = names[-1][0], end
        else:
            names.append((start, end))
    return [(start, end, SCORE) for start, end in names]
