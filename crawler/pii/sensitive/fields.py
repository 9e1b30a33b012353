"""Labeled fields about a person: "Religion: ...", "病歴：...", among other fields about a person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.pii.sensitive.sentences import Reader
from crawler.pii.sensitive.statements import Statement

LONGEST_LABEL = 40  # characters
NEAR = 300  # characters within which another field makes it a record of a person
_BEFORE = re.compile(r"(?:^|[\n\r;；|,，、。.•·\t（(\]】\u3000]|\s{2})[ \t\u3000\-*–]*$")
_COLON = re.compile(r"[ \t\u3000]?[:：][ \t\u3000]*")
_VALUE = re.compile(r"[^\n\r;；|\t\u3000.。]{1,60}?(?=[\n\r;；|\t\u3000.。]|\s{2}|$)")


def fields(reader: Reader) -> Iterator[Statement]:
    """Fields with a value, where another field or name is near; the statement is the label and its value."""
    words = reader.words
    for at, word in reader.hits:
        for term in words.terms[word]:
            if term.how != "field":
                continue
            for label in term.regex.finditer(reader.text, max(0, at - LONGEST_LABEL), at + LONGEST_LABEL):
                end = _value_end(reader, label) if label.start() <= at < label.end() else 0
                if end and _is_record(reader, label):
                    near = reader.named(max(0, label.start() - NEAR), label.start())
                    name = reader.text[near[-1].start : near[-1].end] if near else ""
                    yield Statement(label.start(), end, term.about, name, by_self=False)


def _value_end(reader: Reader, label: re.Match[str]) -> int:
    """Where the value ends; 0 when this is no label, has no value, or its value names a person."""
    colon = _COLON.match(reader.text, label.end())
    if not colon or not _BEFORE.search(reader.text[max(0, label.start() - 8) : label.start()] or "\n"):
        return 0
    value = _VALUE.match(reader.text, colon.end())
    if not value or not value.group().strip() or reader.named(value.start(), value.end()):
        return 0
    return value.end()


def _is_record(reader: Reader, label: re.Match[str]) -> bool:
    """Whether a field such as name, sex or date of birth stands near."""
    low, high = max(0, label.start() - NEAR), min(len(reader.text), label.end() + NEAR)
    for other in reader.words.cue("any", "name-field").finditer(reader.text, low, high):
        if _COLON.match(reader.text, other.end()):
            return True
    return False
