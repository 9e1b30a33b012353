"""Names of persons: what an engine is given to read, and which of its finds are names."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

_LINE_ENDS = r"\r\n\v\f\x1c-\x1e\x85\u2028\u2029"
LINE, LINE_END = re.compile(f"[^{_LINE_ENDS}]+"), re.compile(f"[{_LINE_ENDS}]")
_CELL = re.compile(rf"[^\t{_LINE_ENDS}]+")  # of a table: an engine reads the whole row, a name ends with its cell

_A_NAME, _A_NUMBER = "John Smith", "000000"
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"\S+")
_LETTER = re.compile(r"[^\W\d_]")
_NOT_IN_A_NAME = re.compile(
    r"""[\d<>{}\[\]=/\\|_@#$%^*~&+:;!?()\u2022\u00a9\u00ae]|[a-z]\.[a-z]|(?i:^https?|^www)|^[,"'“”‘’`«».-]+$"""
)
_EDGE_BEFORE = re.compile(r"""^(?:[^\w]|_)+""")
_EDGE_AFTER = re.compile(r"""(?:\[\d+\]?|['’](?:s|S)?|[^\w.]|_|(?<![A-Z])\.|(?<=[A-Z]{2})\.)+$""")
_NO_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3々·・＝]+")  # scripts that write names in one
_KOREAN_FAMILY = re.compile("[가-힣]")  # "박 씨" names a person by a family name of one letter
_FEWEST_LETTERS = 3
_FIRST_WORD = re.compile(r"[^\W_]+")
_NO_NAMES = frozenset(
    ["mr", "mrs", "ms", "miss", "dr", "prof", "sir", "madam", "the", "a", "an", "and", "of", "by", "with", "nan"]
)


@dataclass(frozen=True, slots=True)
class View:
    """A text as the model reads it: `starts[i]` in it is `sources[i]` in the text itself."""

    text: str
    starts: tuple[int, ...]
    sources: tuple[int, ...]

    def source(self, place: int) -> int:
        """The offset in the text itself; inside a replacement, at most its end."""
        at = bisect_right(self.starts, place) - 1
        source = self.sources[at] + place - self.starts[at]
        return min(source, self.sources[at + 1]) if at + 1 < len(self.sources) else source


def view(text: str, hidden: Iterable[tuple[int, int, bool]]) -> View:
    """Show each hidden (start, end, whether it is a name) as one fixed word. Hidden parts must not overlap."""
    text = _SURROGATE.sub("\ufffd", text)
    parts, starts, sources, length, place = [], [0], [0], 0, 0
    for start, end, is_name in hidden:
        word = _A_NAME if is_name else _A_NUMBER
        parts += [text[place:start], word]
        length += start - place
        starts += [length, length + len(word)]
        sources += [start, end]
        length, place = length + len(word), end
    parts.append(text[place:])
    return View("".join(parts), tuple(starts), tuple(sources))


def clean(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The names in one find of the model, as (start, end): one a line, without edges that are no part of a name."""
    for line in _CELL.finditer(text[start:end]):
        words = list(_WORD.finditer(line.group()))
        words = words[: next((at for at, word in enumerate(words) if at and word.group()[0] in "@<["), len(words))]
        while words and _NOT_IN_A_NAME.search(_trimmed(words[0].group())):
            words = words[1:]
        while words and _NOT_IN_A_NAME.search(_trimmed(words[-1].group())):
            words = words[:-1]
        if not words or any(_NOT_IN_A_NAME.search(_trimmed(word.group())) for word in words):
            continue
        offset = start + line.start()
        first, last = offset + words[0].start(), offset + words[-1].end()
        name = text[first:last]
        before, after = _EDGE_BEFORE.match(name), _EDGE_AFTER.search(name)
        first += before.end() if before else 0
        last -= len(name) - after.start() if after else 0
        name = text[first:last] if first < last else ""
        is_long = len(_LETTER.findall(name)) > 1 or bool(_KOREAN_FAMILY.fullmatch(name))
        if is_long and not _NO_NAMES.issuperset(name.lower().replace(".", "").split()):
            yield first, last


def _trimmed(word: str) -> str:
    return _EDGE_AFTER.sub("", _EDGE_BEFORE.sub("", word)) or word


def again(text: str, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where names of two words and more, in letters of words three and more, stand although the engine passed over.

    Names are looked up by what they begin with and by their lengths, so that many names cost no more than few.
    """
    spaced, unspaced = defaultdict[str, dict[int, set[str]]](dict), defaultdict[str, dict[int, set[str]]](dict)
    for name in names:
        if " " in name and (first := _FIRST_WORD.match(name)):
            spaced[first.group()].setdefault(len(name), set()).add(name)
        elif len(name) >= _FEWEST_LETTERS and _NO_SPACES.fullmatch(name):
            unspaced[name[:_FEWEST_LETTERS]].setdefault(len(name), set()).add(name)
    if spaced:
        for word in _FIRST_WORD.finditer(text):
            if word.group() in spaced:
                ends = _ends(text, word.start(), spaced[word.group()])
                yield from ((start, end) for start, end in ends if not text[end : end + 1].isalnum())
    if unspaced:
        for at in range(len(text) - _FEWEST_LETTERS + 1):
            if (first_letters := text[at : at + _FEWEST_LETTERS]) in unspaced:
                yield from _ends(text, at, unspaced[first_letters])


def _ends(text: str, at: int, names: Mapping[int, Set[str]]) -> Iterator[tuple[int, int]]:
    """The names, by their lengths, that begin at a place."""
    return ((at, at + length) for length, alike in names.items() if text[at : at + length] in alike)
