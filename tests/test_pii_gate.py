"""The gate of the identifiers: nothing is lost by looking only where it says, and where a text may need no look."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from crawler.pii import matching, recognizers
from crawler.pii.digits import fewest_digits, needs_other_script, no_letters
from crawler.pii.gate import Gate
from crawler.pii.shapes import normal

TABLES = sorted((Path(__file__).parent / "pii").glob("*.yaml"))
WANTED = recognizers.load()
FAR = "\nNothing to see here, only words of a page that says little.\n" * 4
Found = set[tuple[str, int, int]]


def texts(path: Path) -> list[str]:
    return [row["text"] for row in YAML(typ="safe").load(path) if "text" in row]


def everywhere(text: str) -> Found:
    return {(one.entity, find.start, find.end) for one in WANTED for find in matching.finds(one, text)}


@cache
def gate() -> Gate:
    return Gate(WANTED)


def where_the_gate_says(text: str) -> Found:
    places = gate()(text)
    return {
        (WANTED[number].entity, find.start, find.end)
        for number, parts in places.items()
        for find in matching.finds(WANTED[number], text, parts)
    }


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_nothing_is_lost(path: Path) -> None:
    """What is found everywhere is found where the gate says: rows of all tables, alone and in a long page."""
    rows = texts(path)
    for text in (*rows, FAR + FAR.join(rows) + FAR):
        plain = normal(text)
        assert everywhere(plain) - where_the_gate_says(plain) == set()


def test_ordinary_text_needs_no_look() -> None:
    """Years, prices and sums of a page in English lead to no recognizer but that of phone numbers."""
    places = gate()("In 1998 the town had 4,512 people, 3.5% more than in 1990.\n" * 20)
    assert {WANTED[number].entity for number in places} <= {"PHONE_NUMBER"}


@pytest.mark.parametrize(
    ("expression", "digits", "letters", "other"),
    [
        (r"[0-9]{3}-?[0-9]{2}", 5, False, False),
        (r"(?:12|[A-Z][3-5])x{0,2}[0-9A-Z]", 1, True, False),
        (r"(?<![0-9])(?=[0-9]{9})[a-z]+", 0, True, False),
        (r"[京津]\s?[0-9]", 1, True, True),
        (r"(?:丁目|[0-9]{4})", 0, False, False),
    ],
)
def test_expressions_are_read(expression: str, digits: int, letters: bool, other: bool) -> None:
    """A branch counts with the least it asks for; what lookarounds ask for does not count."""
    assert fewest_digits(expression) == digits
    assert no_letters(expression) is not letters
    assert needs_other_script(expression) is other
