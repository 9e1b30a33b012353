"""What people decide about records: in the crawl's ledger, and in CSV files that a release writes and people fill in.

The ledger has the decisions made in the browser (`scrapy audit serve --review`), each with name and reason; of several
on one record the last counts. A CSV that is given speaks for this release: where it marks a record otherwise, it wins,
and the receipt tells how often.

Columns: id, url, source, language, text, mark, note. Marks: `good` (looked at, fine), `approve` (fine, and released
although it was held), `reject` (left out), `bad` (left out for unsafe content; counts against its source). Of several
marks on one record the strictest stands. Only id and mark are read.
"""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from crawler.audit.lines import events
from crawler.durable import make_folder, part_of, publish, write_error
from crawler.release.census import Census
from crawler.release.problem import ReleaseError

COLUMNS = ("id", "url", "source", "language", "text", "mark", "note")
DECISIONS = ("approve", "reject")  # in the ledger
MARKS = ("good", "approve", "reject", "bad")  # the strictest last
MOST_OF_TEXT = 30_000  # characters; a cell of a spreadsheet holds 32,767
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # a spreadsheet would compute what begins so, in East Asian versions also wide
_MOST_DIGITS = 15  # of a number of items
_LONGEST_CELL = 16 * 1024 * 1024


class Sheet:
    """A CSV file for people, whole or not at all; not there when no row was written. Raises WriteError."""

    def __init__(self, path: Path) -> None:
        self.path, self.rows = path, 0
        self._file: TextIO | None = None

    def write(self, record: Mapping[str, Any], source: str, mark: str) -> None:
        """Add one record, with the mark that it has."""
        text = record["text"][:MOST_OF_TEXT]
        try:
            if self._file is None:
                make_folder(self.path.parent)
                self._file = part_of(self.path).open("w", encoding="utf-8-sig", newline="")
                self._csv = csv.writer(self._file)
                self._csv.writerow(COLUMNS)
            cells = (record["id"], record["url"], source, record["language"], text, mark, "")
            self._csv.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
        except OSError as error:
            raise write_error(self.path, error) from error
        self.rows += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:
            return
        try:
            self._file.close()
            if error is None:
                publish(self.path)
        except OSError as refused:
            raise write_error(self.path, refused) from refused
        finally:
            with contextlib.suppress(OSError):
                part_of(self.path).unlink(missing_ok=True)


def read_marks(path: Path) -> Iterator[tuple[str, str]]:
    """Id and mark of every row that has a mark. Raises ReleaseError."""
    for where, row in table(path, ("id", "mark")):
        mark = row["mark"].lower()
        if mark and mark not in MARKS:
            raise ReleaseError(f"{where}: {mark!r:.40} is no mark; allowed are {', '.join(MARKS)}, or nothing")
        if mark:
            yield row["id"], mark


def read_assessments(path: Path) -> Iterator[tuple[str, int, int]]:
    """Source, items looked at and bad ones among them, of every row. Raises ReleaseError."""
    for where, row in table(path, ("source", "items", "bad")):
        cells = (row["items"], row["bad"])
        numbers = [int(cell) for cell in cells if cell.isdecimal() and len(cell) <= _MOST_DIGITS]
        if len(numbers) != 2 or not row["source"] or numbers[1] > numbers[0]:
            raise ReleaseError(
                f"{where}: give a source (its host), how many items were looked at, and how many were bad"
            )
        yield row["source"].lower(), numbers[0], numbers[1]


def mark_all(census: Census, path: Path) -> int:
    """Write the marks of one file into the census; says how many of them are about no record here."""
    strangers = 0
    for name, mark in read_marks(path):
        weaker = ("", *MARKS[: MARKS.index(mark)])
        statement = f"UPDATE record SET mark = ? WHERE id = ? AND mark IN ({', '.join('?' * len(weaker))})"
        changed = census.run(statement, mark, name, *weaker).rowcount
        strangers += not changed and not census.number("SELECT 1 FROM record WHERE id = ?", name)
    return strangers


def mark_reviewed(census: Census, crawl: Path, policy: str, part: int = 0) -> tuple[int, int]:
    """Write the decisions in the ledger of one crawl into the census, after the marks of CSV files, which win.

    Returns:
        How many are about no record here, and how many a CSV overruled.
    """
    strangers = overruled = 0
    for name, mark in reviewed(crawl, policy).items():
        changed = census.run(
            "UPDATE record SET mark = ? WHERE id = ? AND part = ? AND mark = ''", mark, name, part
        ).rowcount
        if not changed:
            known = census.run("SELECT mark FROM record WHERE id = ? AND part = ?", name, part).fetchone()
            strangers += known is None
            overruled += known is not None and known[0] != mark
    return strangers, overruled


def reviewed(crawl: Path, policy: str) -> dict[str, str]:
    """Id of each record of a policy that was decided in the browser -> the last mark, `approve` or `reject`."""
    found: dict[str, str] = {}
    for _, line in events(crawl, lambda content: b'"event":"review"' in content):
        name, mark = line.get("id"), line.get("mark")
        if isinstance(name, str) and name.endswith(f":{policy}") and mark in DECISIONS:
            found[name] = mark
    return found


def table(path: Path, wanted: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Where, and the wanted cells, of every row; as spreadsheets save them: with commas, semicolons or tabs."""
    csv.field_size_limit(_LONGEST_CELL)
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            first = file.readline()
            delimiter = max(",;\t", key=first.count)
            header = [cell.strip().lower() for cell in next(csv.reader([first], delimiter=delimiter), [])]
            if missing := [name for name in wanted if name not in header]:
                raise ReleaseError(f"{path}:1: no column {' and no column '.join(missing)}; found {', '.join(header)}")
            rows = csv.reader(file, delimiter=delimiter)
            for row in rows:
                cells = dict(zip(header, row, strict=False))
                if any(row):
                    yield f"{path}:{rows.line_num + 1}", {name: cells.get(name, "").strip() for name in wanted}
    except OSError as error:
        raise ReleaseError(f"{path}: cannot be read: {error.strerror}") from error
    except csv.Error as error:
        raise ReleaseError(f"{path}: no CSV ({error}); save it as CSV in UTF-8") from error
