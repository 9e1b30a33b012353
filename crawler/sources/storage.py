"""Where inputs are kept: a path, or any address that fsspec knows (s3://bucket/*.warc.gz); read only, never written.

fsspec (the file systems that pandas, datasets and datatrove use) is asked for what is no local path. What its back ends
raise is theirs to choose, so all of it becomes one SourceError here; a stream that fails in the middle remembers that
it did, since a reader of damaged files takes every OSError for damage.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, cast

MARK = "://"
_PATTERN = frozenset("*?[")
_EXTRAS = {"s3": "s3", "s3a": "s3"}  # protocol -> our extra that brings it
_BLOCK = 8 * 1024 * 1024  # what is asked of a store at a time

Address = Path | str


class SourceError(Exception):
    """A file that should hold exchanges does not; the message says which, why and what to do."""


class UnreadableError(SourceError):
    """The store failed while the file was read: nothing is known of the rest, and another time may go better."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """By what a file is known to be the same: its length, and its ETag or time of change."""

    size: int
    version: str


def is_remote(address: Address) -> bool:
    """Whether it is an address of a store, not a path."""
    return isinstance(address, str) and MARK in address


def name_of(address: Address) -> str:
    """The file's name, without folders."""
    return address.name if isinstance(address, Path) else address.rstrip("/").rpartition("/")[2]


@lru_cache(maxsize=64)  # asked for every text without an address
def unit_name(address: Address) -> str:
    """A name that two addresses do not share: the file's own, and some of the digest of where it is."""
    whole = str(address) if is_remote(address) else Path(address).resolve().as_uri()
    return f"{name_of(address)}-{hashlib.sha256(whole.encode()).hexdigest()[:12]}"


def told(address: Address) -> str:
    """The address as a message may show it: without a password."""
    if not is_remote(address):
        return str(address)
    protocol, _, rest = str(address).partition(MARK)
    host, slash, path = rest.partition("/")
    return f"{protocol}{MARK}{host.rpartition('@')[2]}{slash}{path}"


def expand(address: str) -> list[Address]:
    """The files that an address with `*`, `?` or `[` stands for, sorted; any other one as it is.

    Raises:
        SourceError: Nothing fits, or the store cannot be asked.
    """
    if not _PATTERN & set(address) or (not is_remote(address) and Path(address).exists()):
        return [address if is_remote(address) else Path(address)]
    if is_remote(address):
        with _said_of(address):
            fs, path = _store(address)
            found: list[Address] = [str(fs.unstrip_protocol(each)) for each in sorted(fs.glob(path))]
    else:
        root = Path(address).anchor or "."
        pattern = str(Path(address).relative_to(root)) if root != "." else address
        found = [path for path in sorted(Path(root).glob(pattern)) if path.is_file()]
    if not found:
        raise SourceError(f"{told(address)}: no file fits this pattern")
    return found


def stamp(address: Address) -> Stamp:
    """Size and version of a file, without reading it. Raises SourceError."""
    if not is_remote(address):
        try:
            found = os.stat(address)
        except OSError as error:
            raise SourceError(f"{address}: cannot be read: {error.strerror}. Give a file that exists.") from error
        return Stamp(found.st_size, str(found.st_mtime_ns))
    with _said_of(address):
        fs, path = _store(str(address))
        info = fs.info(path)
        if info.get("type") == "directory":
            raise FileNotFoundError(path)
        version = info.get("ETag") or info.get("etag") or info.get("mtime") or info.get("LastModified") or ""
        return Stamp(int(info.get("size") or 0), str(version).strip('"'))


def open_file(address: Address) -> BinaryIO:
    """The file, to be read from any place in it.

    Raises:
        SourceError: It cannot be opened. Reading a file of a store raises `UnreadableError` by `check_whole`.
    """
    if not is_remote(address):
        try:
            return Path(address).open("rb")
        except OSError as error:
            raise SourceError(f"{address}: cannot be read: {error.strerror}. Give a WARC file.") from error
    with _said_of(address):
        fs, path = _store(str(address))
        return cast(BinaryIO, _Stream(fs.open(path, "rb", block_size=_BLOCK), told(address)))


def check_whole(file: BinaryIO) -> None:
    """Raise UnreadableError when the store failed meanwhile: what looks like damage may be none."""
    if isinstance(file, _Stream) and file.failure:
        raise UnreadableError(file.failure)


class _Stream(io.RawIOBase):
    """A file of a store; knows whether the store failed."""

    def __init__(self, inner: Any, address: str) -> None:
        self._inner, self._address = inner, address
        self.failure = ""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        try:
            return bytes(self._inner.read(-1 if size is None else size))
        except Exception as error:  # each store has errors of its own
            self.failure = f"{self._address}: the store failed: {_why(error)}; run again to go on"
            raise OSError(self.failure) from error

    def readinto(self, buffer: Any) -> int:
        content = self.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return int(self._inner.seek(offset, whence))

    def tell(self) -> int:
        return int(self._inner.tell())

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()


def _store(address: str) -> tuple[Any, str]:
    import fsspec

    return cast(tuple[Any, str], fsspec.url_to_fs(address))


@contextmanager
def _said_of(address: Address) -> Iterator[None]:
    """Whatever a store raises becomes one message."""
    protocol = str(address).partition(MARK)[0]
    try:
        yield
    except SourceError:
        raise
    except ImportError as error:
        extra = _EXTRAS.get(protocol)
        how = f"needs the extra `{extra}`: pip install 'usufruct[{extra}]'" if extra else f"{error}"
        raise SourceError(f"{told(address)}: {how}") from error
    except ValueError as error:
        raise SourceError(f"{told(address)}: no store is called {protocol!r}; give a path or s3://...") from error
    except FileNotFoundError as error:
        raise SourceError(f"{told(address)}: cannot be read: there is no such file") from error
    except Exception as error:
        raise UnreadableError(f"{told(address)}: cannot be read: {_why(error)}") from error


def _why(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"
