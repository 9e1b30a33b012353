"""How far the ledger has got and who signed that, to be shown; nothing here verifies."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from crawler.audit.checkpoint import CHECKPOINT, PUBLIC_KEY
from crawler.audit.ledger import FOLDER, ledger_files
from crawler.audit.segments import crawls_in, is_merged

_MOST = 4_096  # bytes of a checkpoint or key that are shown


@dataclass(frozen=True, slots=True)
class LedgerState:
    """What stands in the ledger's folder.

    Attributes:
        lines: Number of whole lines, `head` the hash of the last one.
        files: Number of files.
        checkpoint: How many lines it speaks of, in words.
        signer: Name on its signature; "" when it has none.
        key: The verifier key stored beside it; "" when there is none.
        note: The checkpoint as stored.
    """

    lines: int
    head: str
    files: int
    checkpoint: str
    signer: str
    key: str
    note: str


def ledger_state(crawl: Path, database: sqlite3.Connection) -> LedgerState:
    """Read it; a checkpoint that is none of ours is shown as it is."""
    state = dict(database.execute("SELECT key, value FROM state"))
    lines = int(state.get("lines", 0))
    if is_merged(crawl):
        return _of_merged(crawl, lines)
    note = _text(crawl / FOLDER / CHECKPOINT)
    return LedgerState(
        lines=lines,
        head=state.get("head", ""),
        files=len(ledger_files(crawl / FOLDER)),
        checkpoint=_in_words(note, lines),
        signer=_signer(note),
        key=_text(crawl / FOLDER / PUBLIC_KEY).strip(),
        note=note,
    )


def _of_merged(folder: Path, lines: int) -> LedgerState:
    """Of several ledgers: what signs their list."""
    note, crawls = _text(folder / CHECKPOINT), crawls_in(folder)
    return LedgerState(
        lines=lines,
        head="",
        files=sum(len(ledger_files(crawl / FOLDER)) for crawl in crawls),
        checkpoint=f"merged.json, which names {len(crawls)} segments with the sizes and roots of their ledgers",
        signer=_signer(note),
        key=_text(folder / PUBLIC_KEY).strip(),
        note=note,
    )


def _signer(note: str) -> str:
    return next((line.split(" ")[1] for line in note.splitlines() if line.startswith("\u2014 ")), "")


def _in_words(note: str, lines: int) -> str:
    if not note:
        return "none"
    size = note.splitlines()[1] if note.count("\n") > 1 else ""
    if not size.isascii() or not size.isdecimal():
        return "cannot be read"
    after = lines - int(size)
    if after < 0:
        return f"speaks of {int(size):,} lines, {-after:,} more than are there"
    return f"covers {int(size):,} lines" + (f"; {after:,} came after it" if after else ", which is all")


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST).decode("utf-8", "replace")
    except OSError:
        return ""
