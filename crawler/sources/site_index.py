"""Where site files stand in many archives: an index on the disk, so that a page meets its robots.txt in any file.

Every exchange of an archive has a row: a page may lead to any address (a license document, the site's terms). What has
the path of a site file, or is marked as one, stands there whole; the others are read from their file when asked for.
Of several captures of one file the marked ones go first, which no page can be, then those that are whole, then the
latest, in whatever file they are.
"""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote

from crawler.document import Fetched, FetchError
from crawler.sources.read_warc import exchange_at, exchange_of, records
from crawler.sources.site_files import MAX_BYTES, Key, followed, key_of, slim
from crawler.sources.storage import MARK, Address, SourceError
from crawler.sources.warc_record import TEXT_URN, is_exchange, is_site_file, target_of, time_of

_TABLES = """
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
CREATE TABLE file (number INTEGER PRIMARY KEY, address TEXT);
CREATE TABLE site (key BLOB, rank INTEGER, time INTEGER, file INTEGER, offset INTEGER, head TEXT, body BLOB);
"""
_MARKED, _WHOLE = 2, 1
_MOST_FILES, _MOST_BYTES = 10_000, 16 * 1024 * 1024  # of site files kept in memory
_INSERT = "INSERT INTO site VALUES (?, ?, ?, ?, ?, ?, ?)"
_Row = tuple[bytes, int, int, int, int, str | None, bytes | None]


def index_file(address: Address, paths: Collection[str], out: Path) -> None:
    """Index one archive.

    Args:
        address: The archive. Damage is left to `read` to report.
        paths: Paths of site files, such as "/robots.txt".
        out: The index to write; one that is there is replaced.

    Raises:
        SourceError: There is no such file, or it is no WARC.
        OSError, sqlite3.Error: The index cannot be written.
    """
    out.unlink(missing_ok=True)
    with closing(sqlite3.connect(out)) as index:
        index.executescript(_TABLES)
        index.execute("INSERT INTO file VALUES (0, ?)", (str(address),))
        index.executemany(_INSERT, _rows(address, paths))
        index.commit()


def join(parts: Iterable[Path], out: Path) -> None:
    """Make one index of many. Raises OSError, sqlite3.Error."""
    out.unlink(missing_ok=True)
    with closing(sqlite3.connect(out, isolation_level=None)) as index:
        index.executescript(_TABLES)
        for number, part in enumerate(parts):
            index.execute("ATTACH ? AS part", (str(part),))
            index.execute("INSERT INTO file SELECT ?, address FROM part.file", (number,))
            index.execute("INSERT INTO site SELECT key, rank, time, ?, offset, head, body FROM part.site", (number,))
            index.execute("DETACH part")
        index.execute("CREATE INDEX by_key ON site (key)")


class SiteIndex:
    """Reads an index that is complete; many processes may at once.

    Args:
        path: As `join` made it.

    Raises:
        sqlite3.Error: It cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._index = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)
        self._files: dict[int, str] = dict(self._index.execute("SELECT number, address FROM file"))
        self._kept: OrderedDict[Key, Fetched | None] = OrderedDict()
        self._bytes = 0

    def get(self, address: str) -> Fetched:
        """A site file as a crawl remembers it, redirects followed; what no archive holds is said to be not recorded."""
        key = key_of(address)
        held = self._at(key) if key else None
        if held is None:
            return Fetched(address, 0, error=FetchError.NOT_RECORDED)
        return slim(followed(held, self._at))

    def is_marked(self, address: str) -> bool:
        """Whether a site file of that address is marked as one, so that what is not marked is a page."""
        key = key_of(address)
        held = self._at(key) if key else None
        return held is not None and held.site_file

    def close(self) -> None:
        """Close the file."""
        self._index.close()

    def _at(self, key: Key) -> Fetched | None:
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        row = self._index.execute(
            "SELECT file, offset, head, body FROM site WHERE key = ? "
            "ORDER BY rank DESC, time DESC, file DESC, offset DESC LIMIT 1",
            (_digest(key),),
        ).fetchone()
        found = self._read(*row) if row else None
        self._kept[key] = found
        self._bytes += len(found.body) if found else 0
        while len(self._kept) > 1 and (self._bytes > _MOST_BYTES or len(self._kept) > _MOST_FILES):
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped.body) if dropped else 0
        return found

    def _read(self, file: int, offset: int, head: str | None, body: bytes | None) -> Fetched | None:
        place = f"{file}#{offset}"
        if head is not None:
            return _unpacked(head, body or b"", place)
        address = self._files[file]
        try:
            return exchange_at(address if MARK in address else Path(address), offset, place)
        except SourceError:  # it is there, and cannot be read
            return Fetched("", 0, error=FetchError.BROKEN, record=place)


def _rows(address: Address, paths: Collection[str]) -> Iterator[_Row]:
    damage: list[int] = []
    for offset, record, file in records(address, damage):
        url = target_of(record)
        if not is_exchange(record) or url.startswith(TEXT_URN) or not (key := key_of(url)):
            continue
        marked = is_site_file(record)
        time = time_of(record)
        stamp = int(time.timestamp() * 1000) if time else 0
        if not marked and key[3] not in paths:
            yield _digest(key), _WHOLE, stamp, 0, offset, None, None
        elif fetched := exchange_of(record, file, "", damage):
            whole = _WHOLE if fetched.error is not FetchError.NOT_RECORDED else 0
            yield _digest(key), _MARKED * marked + whole, stamp, 0, offset, _packed(fetched), fetched.body[:MAX_BYTES]


def _digest(key: Key) -> bytes:
    return blake2b("\0".join(map(str, key)).encode("utf-8", "surrogatepass"), digest_size=12).digest()


def _packed(fetched: Fetched) -> str:
    time = fetched.fetched_at.isoformat() if fetched.fetched_at else ""
    return json.dumps(
        [fetched.url, fetched.status, fetched.headers, time, fetched.error, fetched.final_url, fetched.site_file,
         fetched.unrecorded]
    )  # fmt: skip


def _unpacked(head: str, body: bytes, place: str) -> Fetched:
    url, status, headers, time, error, final_url, marked, unrecorded = json.loads(head)
    fetched_at = datetime.fromisoformat(time).astimezone(UTC) if time else None
    pairs = tuple((str(name), str(value)) for name, value in headers)
    return replace(
        Fetched(url, status, pairs, body, fetched_at, FetchError(error), final_url, place),
        site_file=marked,
        unrecorded=tuple(unrecorded),
    )
