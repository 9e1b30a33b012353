"""People in a public role, by evidence only: the word of an office right before the name, or right after it.

Wherever the same name, or its last word alone, stands in the text, it is the same person. A club's president or a
firm's minister is not told from a state's where the word stands right before the name: "President Crane" is believed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from crawler.document import Span
from crawler.pii.sensitive.lexicon import Lexicon
from crawler.pii.sensitive.sentences import Reader

PUBLIC_FIGURE = "public_figure"
_REACH = 40  # characters before a name in which an office may stand
_TO_NAME = r"(?:\s+of\s+[A-Z]\w+)?[\s,:„“\"]*(?:の|的)?\s*\Z"
_FROM_NAME = r"\s*(?:,|，|、|\(|（|·)?\s*(?:the|der|die|le|la|el|l')?\s*"
_LESSER = re.compile(r"\b(?:vice|club|class|student|union|company)\s+\w+\W*\Z", re.IGNORECASE)


def with_figures(reader: Reader, spans: Sequence[Span]) -> list[Span]:
    """The spans, those of people in a public role with that kind."""
    names = {reader.text[one.start : one.end] for one in _candidates(reader) if _in_office(reader, one)}
    if not names:
        return list(spans)
    public = names | {name.split()[-1] for name in names if " " in name}
    return [
        replace(span, kind=PUBLIC_FIGURE)
        if span.entity == "PERSON" and reader.text[span.start : span.end] in public
        else span
        for span in spans
    ]


def _candidates(reader: Reader) -> set[Span]:
    """Names near the word of an office."""
    near: set[Span] = set()
    for at, word in reader.hits:
        if any(term.how in ("title", "role") for term in reader.words.terms[word]):
            near.update(reader.named(at - 2 * _REACH, at + 2 * _REACH))
    return near


def _in_office(reader: Reader, span: Span) -> bool:
    before = reader.text[max(0, span.start - _REACH) : span.start]
    after = reader.text[span.end : span.end + 2 * _REACH]
    words = reader.words
    if any(re.match(_TO_NAME, before[m.end() :]) for m in words.cue("any", "title").finditer(before)):
        return not _lesser(before)
    rest = re.sub(f"^{_FROM_NAME}", "", after)
    if words.cue("any", "role").match(rest):
        return True
    return not words.spaced and _right_after(words, after)


def _right_after(words: Lexicon, after: str) -> bool:
    """Whether the office stands right after the name, as it may in these languages: "石田首相", "김철수 의원"."""
    match = words.cue("any", "title").match(after.lstrip())
    return bool(match) and len(after) - len(after.lstrip()) <= 1


def _lesser(before: str) -> bool:
    """Whether a word makes the title one of a firm or a club: "vice president", "club president"."""
    return bool(_LESSER.search(before))
