"""Lists of hosts and addresses in the formats that people publish them in -> names in the crawl's own spelling.

Read are, line by line, so that a list of millions costs no more than its names:

    books.example                     a name and all below it
    https://a.example/pirated/        an address and what is below it
    0.0.0.0 a.example b.example       hosts files; the machine's own names (localhost) are left out
    ||a.example^                      Adblock's form for a name and all below it
    # comment, ! comment, [Adblock Plus 2.0]
    *.csv, *.tsv                      with a column url, domain or host

A line of any other form is an error: a rule that nobody applies would protect nobody.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from enum import Enum
from ipaddress import ip_address
from pathlib import Path

from crawler.urls import host_of, normalize

_PLAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_OWN_NAMES = re.compile(r"localhost(?:\..*|[46])?|local|broadcasthost|ip6-[a-z]+|0\.0\.0\.0")
_ADBLOCK = re.compile(r"\|\|([^/^$*|]+)\^?")
_SCHEME = re.compile(r"https?://", re.I)
_COLUMNS = ("url", "domain", "host", "hostname")
_MOST_SHOWN = 60  # characters of a bad line
_FORMS = "a name, an address, '0.0.0.0 name', '||name^', or a comment"


class Kind(Enum):
    """What a name covers."""

    DOMAIN = "domain"
    HOST = "host"
    URL = "address"

    @property
    def example(self) -> str:
        """How one is written."""
        return "https://a.example/books/" if self is Kind.URL else "a.example"


class ListError(Exception):
    """A list cannot be used. `where` is file and line, `found` what is there, `allowed` what could be."""

    def __init__(self, where: str, found: str, allowed: str = "") -> None:
        super().__init__(where, found, allowed)
        self.where, self.found, self.allowed = where, found, allowed


Name = tuple[str, Kind]


def read_list(path: Path) -> Iterator[Name]:
    """The names of one list. Raises ListError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if path.suffix.lower() in (".csv", ".tsv"):
                yield from _table(path, csv.reader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ","))
            else:
                for number, line in enumerate(file, 1):
                    yield from _line(line.strip(), f"{path}:{number}")
    except OSError as error:
        raise ListError(str(path), f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ListError(str(path), "a byte that is not UTF-8", "UTF-8 text") from error


def address(written: str, kind: Kind) -> str | None:
    """A host, or an address without its scheme, in the spelling that the crawl uses; None when it is none.

    >>> address("Bücher.example", Kind.DOMAIN)
    'xn--bcher-kva.example'
    >>> address("HTTPS://a.example:443/x/../b?q#top", Kind.URL)
    'a.example/b?q'
    """
    written = written.strip()
    if kind is not Kind.URL:
        name = written.lower().rstrip(".")
        if len(name) < 254 and _PLAIN.fullmatch(name):
            return name
        return _unusual(name)
    url = normalize(written if "://" in written.partition("?")[0] else f"http://{written}")
    return url.partition("://")[2] if url and _SCHEME.match(url) and address(host_of(url), Kind.HOST) else None


def _unusual(name: str) -> str | None:
    """A host in another script, or an address of a machine in figures."""
    if not name or any(sign in name for sign in "/?#@\\ *|^$,;\t"):
        return None
    url = normalize(f"http://{name}/")
    host = host_of(url) if url else ""
    return host if host and (_PLAIN.fullmatch(host) or name.startswith("[")) else None


def _line(line: str, where: str) -> Iterator[Name]:
    if line.startswith("#") and not line.startswith("##"):
        return
    if not line or line.startswith(("!", "[Adblock")):
        return
    text = re.split(r"\s#", line, maxsplit=1)[0].strip()
    first, *names = text.split()
    if names and _is_ip(first):
        for name in names:
            if not _OWN_NAMES.fullmatch(name):
                yield _named(name, Kind.DOMAIN, where, line)
    elif _SCHEME.match(text):
        yield _named(text, Kind.URL, where, line)
    elif adblock := _ADBLOCK.fullmatch(text):
        yield _named(adblock[1], Kind.DOMAIN, where, line)
    else:
        kind = Kind.URL if "/" in text else Kind.DOMAIN
        yield _named(text, kind, where, line)


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _table(path: Path, rows: Iterator[list[str]]) -> Iterator[Name]:
    """The first of the columns url, domain, host; a cell that holds an address is taken as one."""
    where = f"{path}:1"
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        column = next((header.index(name) for name in _COLUMNS if name in header), None)
        if column is None:
            raise ListError(where, "no column with names", ", ".join(_COLUMNS))
        for number, row in enumerate(rows, 2):
            where = f"{path}:{number}"
            if row:
                cell = row[column].strip() if column < len(row) else ""
                yield _named(cell, Kind.URL if "/" in cell else Kind.DOMAIN, where, cell)
    except csv.Error as error:
        raise ListError(where, f"no CSV ({error})") from error


def _named(written: str, kind: Kind, where: str, line: str) -> Name:
    name = address(written, kind)
    if name is None or (kind is Kind.URL and any(sign in written for sign in "*^|$ ")):
        raise ListError(where, f"no name and no address: {line[:_MOST_SHOWN]!r}", _FORMS)
    return name, kind
