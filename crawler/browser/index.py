"""The index of a crawl: one SQLite file in the user's cache, made from the crawl and safe to delete at any time.

It never lies in the crawl's folder, which is evidence. What was appended to the ledger is added; where anything that
was read has changed since (a ledger that was cut after a crash, a manifest made anew), it is built from the beginning.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from crawler.audit import frontier
from crawler.audit.crawl_folder import REVIEW, CrawlFolder, Published
from crawler.audit.fact_places import fact_files, places
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.ledger import ledger_files
from crawler.audit.read_facts import FactsError
from crawler.browser import schema, tallies
from crawler.browser.ingest import Ingest, Position
from crawler.browser.names import Names
from crawler.durable import locked, part_of
from crawler.shards import manifest

NAME = "crawl.sqlite"  # Datasette shows it under its stem
_BATCH = 20_000


def index_path(crawl: Path) -> Path:
    """Where the index of a crawl is: below XDG_CACHE_HOME or ~/.cache, else below the folder for temporary files."""
    name = sha256(os.fsencode(crawl.resolve())).hexdigest()[:16]
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for cache in (base, Path(tempfile.gettempdir()) / f"usufruct-{os.getuid()}"):
        folder = cache / "usufruct" / "index" / name
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder / NAME
    return Path(tempfile.mkdtemp(prefix="usufruct-index-")) / NAME


def update(crawl: CrawlFolder, path: Path) -> None:
    """Bring the index at `path` up to what the crawl's folder holds now; another process that does so is waited for.

    Raises:
        InUseError: Another process is building it.
        WriteError, OSError, sqlite3.Error: It cannot be written.
    """
    with locked(path.parent):
        listed = _listed(crawl)
        if not _is_current(crawl, path, listed):
            part_of(path).unlink(missing_ok=True)
            with closing(_connect(part_of(path))) as database:
                database.execute("PRAGMA synchronous=OFF")
                database.execute("PRAGMA journal_mode=OFF")
                database.executescript(schema.TABLES)
                with _transaction(database):
                    _add(crawl, database, listed)
            part_of(path).replace(path)
            return
        if crawl.is_merged:
            return
        with closing(_connect(path)) as database, _transaction(database):
            _add(crawl, database, listed)


def is_stale(crawl: CrawlFolder, database: sqlite3.Connection) -> bool:
    """Whether the crawl's folder has grown, or a manifest was written, since the index was brought up to it."""
    return _state(database).get("stamp") != _stamp(crawl)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """The index, read-only."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as database:
        yield database


def _add(crawl: CrawlFolder, database: sqlite3.Connection, listed: dict[str, Any]) -> None:
    """Everything that is new."""
    stamp = _stamp(crawl)  # taken first: what is written meanwhile is seen the next time
    state = _state(database)
    begin = Position(int(state.get("file", 0)), int(state.get("start", 0)))
    known = Names(database, "policies", "name")
    for policy in crawl.policies:
        known.id(policy)
    tallies.forget_waiting(database)
    known_lines, known_unreadable = int(state.get("lines", 0)), int(state.get("unreadable", 0))
    accepted, facts = 0, json.loads(state.get("facts", "[]"))
    for number, segment in reversed(list(enumerate(crawl.segments))):  # the first one's lines count: they come last
        published, first = Published(segment, manifest.read), number * schema.SEGMENT
        if not crawl.is_merged:
            _publish(database, published)
        ingest = Ingest(database, published, Position(first, 0) if crawl.is_merged else begin, first)
        ingest.run(segment)
        known_lines, known_unreadable = known_lines + ingest.lines, known_unreadable + ingest.unreadable
        accepted += _add_accepted(segment, database, int(state.get("accepted", 0)))
        facts += _add_facts(segment, database, facts, f"{number}/" if crawl.is_merged else "")
    database.execute(
        "INSERT INTO urls_text (rowid, url) SELECT id, url FROM urls WHERE id > ?", (_last(state, "urls"),)
    )
    database.execute(
        "INSERT INTO notes_text (rowid, text) SELECT id, text FROM notes WHERE id > ?", (_last(state, "notes"),)
    )
    for statement in filter(str.strip, schema.INDEXES.split(";")):
        database.execute(statement)
    tallies.count(database)
    now = {
        "version": schema.VERSION,
        "crawl": str(crawl.path.resolve()),
        "file": ingest.end.file,
        "start": ingest.end.start,
        "head": ingest.head or state.get("head", ""),
        "lines": known_lines,
        "unreadable": known_unreadable,
        "accepted": accepted,
        "facts": json.dumps(facts),
        "listed": json.dumps(listed),
        "stamp": stamp,
        "last_urls": _count(database, "urls"),
        "last_notes": _count(database, "notes"),
    }
    database.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", [(key, str(now[key])) for key in now])


def _publish(database: sqlite3.Connection, published: Published) -> None:
    """Lines of which the record was not listed before, and is now."""
    found = database.execute("SELECT number, shard, seq FROM lines WHERE outcome != result").fetchall()
    database.executemany(
        "UPDATE lines SET outcome = result WHERE number = ?",
        [(number,) for number, shard, seq in found if shard and published.lists(shard, seq)],
    )


def _add_accepted(crawl: Path, database: sqlite3.Connection, begin: int) -> int:
    """URLs of the frontier, from the `begin`th on; says how many there are."""
    sites = Names(database, "sites", "host")
    count, rows = 0, []
    for count, accepted in enumerate(frontier.read(crawl), 1):
        if count > begin:
            rows.append((bytes.fromhex(accepted.url_sha256), accepted.url, sites.id(accepted.site)))
        if len(rows) >= _BATCH:
            _write_accepted(database, rows)
    _write_accepted(database, rows)
    return count


def _write_accepted(database: sqlite3.Connection, rows: list[tuple[bytes, str, int]]) -> None:
    database.executemany(
        "INSERT INTO urls (sha256, url, site, accepted, policies) VALUES (?, ?, ?, 1, 0) "
        "ON CONFLICT (sha256) DO UPDATE SET accepted = 1",
        rows,
    )
    rows.clear()


def _add_facts(crawl: Path, database: sqlite3.Connection, done: list[str], prefix: str) -> list[str]:
    """Where the facts of each URL stand, of files that are new; a file that cannot be read is tried again."""
    added = []
    for path in fact_files(crawl):
        file = f"{prefix}{path.name}"
        if file in done:
            continue
        try:
            rows = [(bytes.fromhex(name), file, first, rows) for name, first, rows in places(path)]
        except (FactsError, ValueError):
            continue
        database.executemany("INSERT INTO facts VALUES (?, ?, ?, ?)", rows)
        added.append(file)
    return added


def _is_current(crawl: CrawlFolder, path: Path, listed: dict[str, Any]) -> bool:
    """Whether the index is one of ours, of this crawl, and all it was made from still stands."""
    if not path.is_file():
        return False
    try:
        with reading(path) as database:
            state = _state(database)
        if (state.get("version"), state.get("crawl")) != (schema.VERSION, str(crawl.path.resolve())):
            return False
        if crawl.is_merged:  # nothing is added there: it is merged anew
            return state.get("stamp") == _stamp(crawl)
        before = json.loads(state["listed"])
        return _still_listed(before, listed) and _ends_with(crawl, state)
    except (sqlite3.Error, KeyError, ValueError):
        return False


def _still_listed(before: dict[str, Any], now: dict[str, Any]) -> bool:
    return all(now.get(folder, {}).get(file) == shard for folder in before for file, shard in before[folder].items())


def _ends_with(crawl: CrawlFolder, state: dict[str, str]) -> bool:
    """Whether the last line read still stands where it stood."""
    number, start, head = int(state["file"]), int(state["start"]), state["head"]
    files = ledger_files(crawl.path / LEDGER)
    if start == 0:
        return True
    if number >= len(files) or files[number].stat().st_size < start:
        return False
    needle = f'"hash":"{head}"'.encode()
    with files[number].open("rb") as file:
        begin = max(start - 64 * 1024, 0)
        file.seek(begin)
        tail = file.read(start - begin)
    return tail.endswith(b"\n") and needle in tail.rstrip(b"\n").rpartition(b"\n")[2]


def _listed(crawl: CrawlFolder) -> dict[str, Any]:
    """Folder -> file -> what its manifest says of it; a manifest that cannot be read lists nothing."""
    found: dict[str, Any] = {}
    for folder in (place for policy in crawl.policies for place in (policy, f"{policy}/{REVIEW}")):
        try:
            shards = (manifest.read(crawl.path / folder) or {"shards": []})["shards"]
            found[folder] = {shard["file"]: [shard["records"], shard["ledger"], shard["sha256"]] for shard in shards}
        except (ValueError, KeyError, TypeError):
            found[folder] = {}
    return found


def _stamp(crawl: CrawlFolder) -> str:
    """Sizes and times of all files that the index is made from."""
    stamps = []
    for name, segment in crawl.parts():
        for path in _made_from(segment.path):
            try:
                stat = path.stat()
                stamps.append(f"{name}{path.relative_to(segment.path)} {stat.st_size} {stat.st_mtime_ns}")
            except OSError:
                continue
    return "\n".join(stamps)


def _made_from(crawl: Path) -> list[Path]:
    files = ledger_files(crawl / LEDGER)[-1:]
    files += [crawl / frontier.FOLDER / frontier.FILE, *fact_files(crawl)[-1:]]
    return files + sorted(crawl.glob(f"*/{manifest.FILE}")) + sorted(crawl.glob(f"*/{REVIEW}/{manifest.FILE}"))


def _state(database: sqlite3.Connection) -> dict[str, str]:
    return dict(database.execute("SELECT key, value FROM state"))


def _last(state: dict[str, str], table: str) -> int:
    return int(state.get(f"last_{table}", 0))


def _count(database: sqlite3.Connection, table: str) -> int:
    return int(database.execute(f"SELECT MAX(id) FROM {table}").fetchone()[0] or 0)


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, timeout=10)
    database.execute("PRAGMA cache_size=-65536")
    database.execute("PRAGMA temp_store=MEMORY")
    return database


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
