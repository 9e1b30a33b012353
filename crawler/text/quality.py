"""How long a text is, how much of it is symbols or repeated: numbers, and a word where one is out of bounds.

The bounds are ours, taken from what the makers of published sets chose, and nothing follows from them unless a policy
looks at these facts (policies/quality.yaml):

* 50 to 100,000 words; "#" or "..." at most once in ten words: Rae et al., Gopher (arXiv 2112.11446, A1.1).
* At most three lines in ten repeat an earlier one, and the commonest pair of words holds at most a fifth of the
  characters: the same, table A1; FineWeb (arXiv 2406.17557) keeps the pair. C4 (arXiv 1910.10683) asks for less.

Those sets are English, where spaces part words. Chinese and Japanese letters count as half a word each, letters of
Thai, Lao, Burmese and Khmer as a fifth: about what word lists of these languages come to. The papers are cited from
general knowledge and were not read again; the shares of a word are our estimate.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from crawler.document import Extracted, Fact

FEWEST_WORDS, MOST_WORDS = 50, 100_000
MOST_SYMBOLS = 100  # permille of the words
MOST_REPEATED_LINES = 300  # permille of the lines
MOST_IN_ONE_PAIR = 200  # permille of the characters
SAMPLE_CHARACTERS = 10_000  # pairs are counted in so much: more changes little but time

NUMBERS = ("text.words", "text.symbol-permille", "text.repeated-permille", "text.pair-permille")
FLAGS = ("text.short", "text.long", "text.symbols", "text.repetitive")
FACTS = ("text.language", *NUMBERS, *FLAGS)
UNKNOWN = "unknown"

_HALVES = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
_FIFTHS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_HALF_A_WORD, _FIFTH_OF_A_WORD = re.compile(f"[{_HALVES}]"), re.compile(f"[{_FIFTHS}]")
_WITHOUT_SPACES = re.compile(f"[{_HALVES}{_FIFTHS}]")


def facts_of(extracted: Extracted) -> Iterator[Fact]:
    """What is stated of a text; words in permille are rounded down."""
    text = extracted.text
    words = count_words(text)
    symbols = 1000 * max(text.count("#"), text.count("...") + text.count("…")) // max(words, 1)
    repeated, pair = repeated_lines(text), commonest_pair(text)
    yield Fact("text.language", extracted.language or UNKNOWN, "text")
    for name, number in zip(NUMBERS, (words, symbols, repeated, pair), strict=True):
        yield Fact(name, number, "text")
    out_of_bounds = (
        words < FEWEST_WORDS,
        words > MOST_WORDS,
        symbols > MOST_SYMBOLS,
        repeated > MOST_REPEATED_LINES or pair > MOST_IN_ONE_PAIR,
    )
    yield from (Fact(name, True, "text") for name, is_out in zip(FLAGS, out_of_bounds, strict=True) if is_out)


def count_words(text: str) -> int:
    """How many words, by spaces, and by letters where a script has none.

    >>> count_words("two words"), count_words("吾輩は猫である"), count_words("三 words 三")
    (2, 3, 2)
    """
    if not has_letters_without_spaces(text):
        return len(text.split())
    text, halves = _HALF_A_WORD.subn(" ", text)
    text, fifths = _FIFTH_OF_A_WORD.subn(" ", text)
    return len(text.split()) + halves // 2 + fifths // 5


def repeated_lines(text: str) -> int:
    """Permille of the lines that stood in the text before; empty ones do not count."""
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    return 1000 * (len(lines) - len(set(lines))) // max(len(lines), 1)


def commonest_pair(text: str) -> int:
    """Permille of the characters that the commonest two neighboring words hold; 0 where no pair comes twice."""
    words = tokens(text[:SAMPLE_CHARACTERS])
    [(pair, count)] = Counter(pairwise(words)).most_common(1) or [(("", ""), 0)]
    if count < 2:
        return 0
    return min(1000 * count * sum(map(len, pair)) // sum(map(len, words)), 1000)  # pairs of one word overlap


def has_letters_without_spaces(text: str) -> bool:
    """Whether some of it is in a script that does not part words."""
    return not text.isascii() and _WITHOUT_SPACES.search(text) is not None


def tokens(text: str) -> list[str]:
    """Words; letters of a script that has no spaces stand alone."""
    if has_letters_without_spaces(text):
        text = _WITHOUT_SPACES.sub(r" \g<0> ", text)
    return text.split()
