"""Names of persons: what the model is given to read, and which of its finds are names.

Identifiers that were found already, and placeholders that we wrote, are shown to the model as one and the same word.
It then reads a cleaned text as it read the text itself, and finds nothing in it that it did not find before.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LANGUAGES = ("en",)
CHUNK = 2_000  # characters; several chunks at once are faster than one, and memory stays bounded

_A_NAME, _A_NUMBER = "John Smith", "000000"
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"\S+")
_LETTER = re.compile(r"[^\W\d_]")
_NOT_IN_A_NAME = re.compile(
    r"""[\d<>{}\[\]=/\\|_@#$%^*~&+:;!?()\u2022\u00a9\u00ae]|[a-z]\.[a-z]|(?i:^https?|^www)|^[,"'“”‘’`«».-]+$"""
)
_EDGE_BEFORE = re.compile(r"""^(?:[^\w]|_)+""")
_EDGE_AFTER = re.compile(r"""(?:\[\d+\]?|['’](?:s|S)?|[^\w.]|_|(?<![A-Z])\.|(?<=[A-Z]{2})\.)+$""")
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


def chunks(text: str) -> Iterator[str]:
    """The text in parts below `CHUNK` characters, cut at line ends, else at spaces, else anywhere."""
    start = 0
    while len(text) - start > CHUNK:
        stop = start + CHUNK
        end = text.rfind("\n", start, stop) + 1 or text.rfind(" ", start, stop) + 1 or stop
        yield text[start:end]
        start = end
    yield text[start:]


def clean(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The names in one find of the model, as (start, end): one a line, without edges that are no part of a name."""
    for line in re.finditer(r"[^\r\n\t\v\f\x1c-\x1e\x85\u2028\u2029]+", text[start:end]):
        words = list(_WORD.finditer(line.group()))
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
        if len(_LETTER.findall(name)) > 1 and not _NO_NAMES.issuperset(name.lower().replace(".", "").split()):
            yield first, last


def _trimmed(word: str) -> str:
    return _EDGE_AFTER.sub("", _EDGE_BEFORE.sub("", word)) or word


def again(text: str, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where names of two words and more stand in a text, also where the model passed over them."""
    for name in names:
        if " " not in name:
            continue
        at = text.find(name)
        while at >= 0:
            end = at + len(name)
            if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
                yield at, end
            at = text.find(name, end)
