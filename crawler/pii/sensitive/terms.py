"""One entry of the lexicon -> an expression, and the words without which it cannot match.

An entry is written as it stands in a text. `*` is the rest of a word, a space any white space, `(a|b)`, `?`, `[...]`,
`{m,n}` and `\\.` are as in regular expressions. An entry in lower case is found in any case; one with a capital as
written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

_TOKEN = re.compile(r"\\.|\[[^\]]*\]|\(\?[=!]|\(|\)|\||\{[^}]*\}|[*+?]|\s+|[^\\\[\](){}|*+?\s]")
_LETTERS = re.compile(r"[^\W_]")


@cache
def expression(entry: str, *, bounded: bool) -> re.Pattern[str]:
    """The entry as a regular expression; `bounded` where words have spaces between them."""
    parts = [_written(token) for token in _TOKEN.findall(entry)]
    before = r"(?<!\w)" if bounded and _LETTERS.match(entry.lstrip("(")) else ""
    after = r"(?!\w)" if bounded and _LETTERS.match(entry.rstrip(")?*")[-1:]) and not entry.endswith("*") else ""
    return re.compile(before + "(?:" + "".join(parts) + ")" + after, re.IGNORECASE if entry == entry.lower() else 0)


def _written(token: str) -> str:
    if token == "*":
        return r"[^\W_]*"
    return r"\s+" if token.isspace() else token


def anchors(entry: str, *, bounded: bool) -> frozenset[str]:
    """Words in lower case of which one stands in each match, the rarest that can be named; empty: there are none.

    `bounded` where words have spaces between them: then they are what a word begins with.
    """
    tokens = list(_TOKEN.findall(entry))
    found, _, _ = _of_choices(tokens, 0, True, bounded)
    return frozenset(word.lower() for word in found)


def _of_choices(tokens: list[str], at: int, begins: bool, bounded: bool) -> tuple[frozenset[str], int, bool]:
    """Anchors of a|b|... from `at` on, empty where one choice has none; where its bracket closes; whether a word may
    begin after each choice. `begins`: whether one may begin before."""
    found, ends = [], True
    while True:
        here, at, after = _of_sequence(tokens, at, begins, bounded)
        found.append(here)
        ends = ends and after
        if at >= len(tokens) or tokens[at] == ")":
            return (frozenset().union(*found) if all(found) else frozenset()), at, ends
        at += 1


def _of_sequence(tokens: list[str], at: int, begins: bool, bounded: bool) -> tuple[frozenset[str], int, bool]:
    """The same for what stands one after the other."""
    best: frozenset[str] = frozenset()
    word, whole = "", begins  # letters so far, and whether a word begins with them

    while at < len(tokens) and tokens[at] not in ")|":
        token, at = tokens[at], at + 1
        quantified = _quantifies(tokens, at)
        if len(token) == 1 and _LETTERS.match(token) and not quantified:
            word += token
            continue
        best = _rarer(best, word if whole or not bounded else "")
        inner, word = begins and not word, ""
        if token.startswith("("):
            inside, at, after = _of_choices(tokens, at, inner, bounded)
            quantified, at = _quantifies(tokens, at + 1), at + 1
            begins = after and (inner or not quantified) if token == "(" else inner
            if token == "(" and not quantified and _rarity(inside) >= _rarity(best):
                best = inside or best
        else:
            begins = _ends_word(token) and (inner or not quantified)
        whole = begins
        at += quantified
    return _rarer(best, word if whole or not bounded else ""), at, begins and not word


def _quantifies(tokens: list[str], at: int) -> bool:
    """Whether the token there makes the one before it occur any other number of times than once."""
    return at < len(tokens) and (tokens[at] in ("?", "+") or tokens[at].startswith("{"))


def _ends_word(token: str) -> bool:
    """Whether a word may begin right after it: a space, a mark that is no letter, or a choice of such."""
    marks = token[1:-1] if token.startswith("[") and not token.startswith("[^") else token
    return token.isspace() or (
        token != "*" and "\\" not in token and not any(map(str.isalnum, marks.replace("_", "a")))
    )


def _rarer(best: frozenset[str], word: str) -> frozenset[str]:
    return frozenset({word}) if word and len(word) >= _rarity(best) else best


def _rarity(words: frozenset[str]) -> int:
    return min((len(word) for word in words), default=-1)


def trie(words: Iterator[str] | frozenset[str]) -> str:
    """An expression that finds the longest of the words at a place, looking at each character once."""
    root: dict[str, dict] = {}  # type: ignore[type-arg]
    for word in words:
        node = root
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}
    return _of_node(root)


def _of_node(node: dict) -> str:  # type: ignore[type-arg]
    ways = [re.escape(letter) + _of_node(rest) for letter, rest in sorted(node.items()) if letter]
    if not ways:
        return ""
    one = ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"
    return f"(?:{one})?" if "" in node else one
