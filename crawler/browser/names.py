"""Words that repeat from line to line, each stored once and numbered."""

from __future__ import annotations

import sqlite3

_AT_HAND = 200_000  # words; with more, those not used lately are asked for again


class Names:
    """The numbers of the words in one table of the index.

    Args:
        database: The index.
        table: With the columns `id` and `column`.
        unique: Whether a word stands there once only; if not, one that is no longer at hand is stored again.
    """

    def __init__(self, database: sqlite3.Connection, table: str, column: str, *, unique: bool = True) -> None:
        self._database, self._table, self._column, self._unique = database, table, column, unique
        self._known: dict[str, int] = {}
        self._next = 1 + (database.execute(f"SELECT MAX(id) FROM {table}").fetchone()[0] or 0)

    def known(self, word: str) -> int:
        """Its number, if it is at hand; else 0."""
        return self._known.get(word, 0)

    def id(self, word: str, **columns: str) -> int:
        """Its number; a new word is stored, with further columns."""
        found = self._known.get(word)
        if found is None:
            if len(self._known) >= _AT_HAND:
                self._known.clear()
            found = self._known[word] = self._stored(word) or self._store(word, columns)
        return found

    def _stored(self, word: str) -> int:
        if not self._unique:
            return 0
        found = self._database.execute(f"SELECT id FROM {self._table} WHERE {self._column} = ?", (word,)).fetchone()
        return int(found[0]) if found else 0

    def _store(self, word: str, columns: dict[str, str]) -> int:
        names = ", ".join(("id", self._column, *columns))
        places = ", ".join("?" * (2 + len(columns)))
        self._database.execute(
            f"INSERT INTO {self._table} ({names}) VALUES ({places})", (self._next, word, *columns.values())
        )
        self._next += 1
        return self._next - 1
