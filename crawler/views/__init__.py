"""Policies, explanations and differences as people read them in a terminal, and as plain values for programs.

Lines hold at most `WIDTH` columns. Addresses, values and quotes are masked here, whoever prints them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

WIDTH = 100

Values = dict[str, Any]


def keys(keys: Iterable[str]) -> str:
    told = ", ".join(keys)
    return f"[{told}]" if told else ""


def titled(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines under a title; nothing where there are none."""
    for number, line in enumerate(lines):
        if not number:
            yield from ("", title)
        yield line


def wrapped(text: str, indent: str = "") -> list[str]:
    """Lines of at most `WIDTH` columns."""
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  " * bool(indent))


def cut(line: str) -> str:
    """The line, of at most `WIDTH` columns."""
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
