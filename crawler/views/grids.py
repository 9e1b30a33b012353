"""Numbers by name, with sentences below the names, as wide as the terminal; plain columns where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from crawler.audit.line import printable

PLAIN_WIDTH = 200  # columns where there is no terminal
_WIDEST = 160  # of a terminal that is wider, the rest stays empty: sentences would be too long to read
_INDENT, _GAP = "  ", "  "
_LEAST_NAME = 30  # columns for names beside numbers
_SHORTEST_SENTENCE = 30  # columns; where fewer are left, it is not told

Cell = tuple[str, str]  # words and style


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a grid.

    Attributes:
        label: What it is about.
        cells: One a heading.
        marks: Short words beside the label, a column each where the output is plain.
        says: A sentence for below it, or after it where the output is plain.
    """

    label: str
    cells: tuple[Cell, ...]
    marks: tuple[str, ...] = ()
    says: str = ""


class Page:
    """Prints sections to standard output."""

    def __init__(self) -> None:
        self.is_terminal = sys.stdout.isatty()
        self._out = Console(
            file=sys.stdout, force_terminal=self.is_terminal, width=None if self.is_terminal else PLAIN_WIDTH
        )
        self.width = min(self._out.width, _WIDEST) if self.is_terminal else PLAIN_WIDTH

    def line(self, text: str = "", style: str = "", indent: str = "") -> None:
        """One line, or a sentence that is wrapped at the width; data, never markup."""
        for number, part in enumerate(_wrapped(printable(text), self.width - len(indent)) or [""]):
            self._print(Text(indent + ("  " if number and indent else "") + part, style=style))

    def title(self, title: str) -> None:
        """A blank line, then what follows."""
        self.line()
        self.line(title, "bold")

    def grid(self, title: str, headings: Sequence[str], rows: Sequence[Row], marks: Sequence[str] = ()) -> None:
        """A table; nothing where there are no rows. `marks` are headings of the marks where the output is plain."""
        if not rows:
            return
        widths = [
            max(cell_len(heading), *(cell_len(row.cells[i][0]) for row in rows)) for i, heading in enumerate(headings)
        ]
        if not self.is_terminal:
            self._plain(title, headings, rows, widths, marks)
            return
        for first, last in self._blocks(title, rows, widths):
            block = [replace(row, cells=row.cells[first:last]) for row in rows]
            shown = (
                [row for row in block if any(words for words, _ in row.cells)] if last - first < len(widths) else block
            )
            self._for_eyes(title, headings[first:last], shown, widths[first:last])

    def _blocks(self, title: str, rows: Sequence[Row], widths: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Columns that fit beside the names; where there are too many, the grid is told in several."""
        longest = max(len(_INDENT) + cell_len(row.label) for row in rows)
        name = min(max(longest, cell_len(title)), _LEAST_NAME)
        first = used = 0
        for place, width in enumerate(widths):
            if place > first and used + width + len(_GAP) > self.width - name:
                yield first, place
                first, used = place, 0
            used += width + len(_GAP)
        yield first, len(widths)

    def _for_eyes(self, title: str, headings: Sequence[str], rows: Sequence[Row], widths: Sequence[int]) -> None:
        """The title stands in the line of the headings, sentences stand below their row."""
        if not rows:
            return
        room = self.width - sum(widths) - len(_GAP) * len(widths)
        longest = max(len(_INDENT) + max(cell_len(row.label) for row in rows), cell_len(title))
        name = max(min(longest, room), 12)
        self.line()
        self._print(
            _joined([(_cut(title, name), "bold")], list(zip(headings, ["dim"] * len(widths), strict=True)), widths)
        )
        for row in rows:
            self._print(_joined([(_cut(_INDENT + row.label, name), "")], row.cells, widths))
            told = ", ".join(filter(None, row.marks))
            if told or row.says:
                self.line(f"{told}{': ' if told and row.says else ''}{row.says}", "dim", _INDENT * 2)

    def _plain(
        self, title: str, headings: Sequence[str], rows: Sequence[Row], widths: Sequence[int], marks: Sequence[str]
    ) -> None:
        """A line a row, columns by width, names whole; a sentence last, as far as there is room."""
        names = [row.label for row in rows]
        name = max(map(cell_len, names))
        marked = [max(cell_len(mark), *(cell_len(row.marks[i]) for row in rows)) for i, mark in enumerate(marks)]
        self.title(title)
        opening = [("".ljust(name), ""), *((_cut(mark, size), "") for mark, size in zip(marks, marked, strict=True))]
        self._print(_joined(opening, [(heading, "") for heading in headings], widths))
        for row in rows:
            cells = [(_cut(row.label, name), ""), *zip(map(_cut, row.marks, marked), [""] * len(marked), strict=True)]
            text = _joined(cells, [(words or "0", "") for words, _ in row.cells], widths)
            left = self.width - cell_len(text.plain) - len(_GAP)
            if row.says and left >= _SHORTEST_SENTENCE:
                text.append(
                    _GAP + (row.says if cell_len(row.says) <= left else f"{set_cell_size(row.says, left - 1)}…")
                )
            self._print(text)

    def _print(self, text: Text) -> None:
        text.rstrip()
        self._out.print(text, soft_wrap=True)


def number(value: int, style: str = "") -> Cell:
    """A number; nothing stands for 0 where there are eyes."""
    return (f"{value:,}", style) if value else ("", "")


def share(value: int, of: int, style: str = "") -> Cell:
    """A number with its share of the whole."""
    return (f"{value:,} {100 * value / of:3.0f}%", style) if value and of else (f"{value:,}", "dim")


def _joined(names: Iterable[Cell], cells: Iterable[Cell], widths: Sequence[int]) -> Text:
    text = Text()
    for place, (words, style) in enumerate(names):
        text.append(_GAP * bool(place))
        text.append(printable(words), style)
    for (words, style), width in zip(cells, widths, strict=True):
        text.append(_GAP + " " * (width - cell_len(words)))
        text.append(printable(words), style)
    return text


def _cut(words: str, width: int) -> str:
    """Exactly so many columns."""
    return (
        words + " " * (width - cell_len(words)) if cell_len(words) <= width else f"{set_cell_size(words, width - 1)}…"
    )


def _wrapped(words: str, width: int) -> list[str]:
    """Lines of at most so many columns, also of scripts whose letters take two."""
    lines: list[str] = []
    line = ""
    for word in words.split(" "):
        joined = f"{line} {word}" if line else word
        if line and cell_len(joined) > width - 2:
            lines.append(line)
            joined = word
        line = joined
    return [*lines, line] if line else lines
