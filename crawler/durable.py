"""Files that a crash or a full disk never leaves half-written: replaced whole, or appended to by whole entries."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

PART = ".part"  # the suffix of what is not published yet; a reader never looks at it
JOURNAL = ".journal"  # the suffix of what a file that is begun holds so far
LOCK = ".lock"  # in a folder that somebody writes into

_BLOCK = 64 * 1024


class WriteError(OSError):
    """A file of the crawl could not be written; nothing half-written was left in its place.

    `errno` and `strerror` are the system's, `filename` is the path.
    """

    def __str__(self) -> str:
        if self.filename is None:
            return super().__str__()
        return (
            f"{self.filename}: cannot be written: {self.strerror}. Nothing half-written was published; "
            "make room (or correct the permissions) there and run again."
        )


def write_error(path: Path, error: OSError) -> WriteError:
    """The one error that says where and why; an error that already says so is handed on."""
    if isinstance(error, WriteError):
        return error
    return WriteError(error.errno or 0, error.strerror or type(error).__name__, str(path))


def make_folder(folder: Path) -> None:
    """Create a folder and its parents. Raises WriteError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error


def part_of(path: Path) -> Path:
    """Where `path` is written before it is published."""
    return path.with_name(path.name + PART)


def publish(path: Path) -> None:
    """Give the finished `<path>.part` its name, after its bytes are on the disk. Raises OSError."""
    part = part_of(path)
    _sync(part)
    part.replace(path)
    _sync(path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path`: readers see the old file or the new one, also after a crash.

    Raises:
        WriteError: The old file, if any, is still there, and no `.part`.
    """
    part = part_of(path)
    try:
        part.write_bytes(content)
        publish(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise write_error(path, error) from error


def remove_parts(folder: Path) -> None:
    """Remove what a run that died had not published. Raises WriteError."""
    try:
        for part in folder.glob("*" + PART):
            part.unlink(missing_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error


class InUseError(Exception):
    """Another process writes there; the message says where."""


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Be the only process that writes into a folder; a process that dies lets go.

    Raises:
        InUseError: Another one does.
        WriteError: The lock cannot be made.
    """
    path = folder / LOCK
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise write_error(path, error) from error
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUseError(f"{folder}: another process is writing there; wait for it to end") from None
        yield
    finally:
        os.close(fd)


class AppendFile:
    """An append-only file. One system call an entry: what `append` returned from survives `kill -9`.

    Attributes:
        bytes: Length of the file, which is where the next entry begins.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            self.bytes = self._whole_bytes()
            self._cut()
        except OSError as error:
            raise write_error(path, error) from error

    @property
    def closed(self) -> bool:
        return self._fd < 0

    def append(self, entry: bytes) -> None:
        """Write one entry.

        Raises:
            WriteError: The file ends with the entry before, as if nothing had been tried.
        """
        try:
            rest = memoryview(entry)
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as error:
            with contextlib.suppress(OSError):
                self._cut()
            raise write_error(self.path, error) from error
        self.bytes += len(entry)

    def sync(self) -> None:
        """Return when all entries are on the disk. Raises WriteError."""
        try:
            os.fsync(self._fd)
        except OSError as error:
            raise write_error(self.path, error) from error

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if not self.closed:
            os.close(self._fd)
            self._fd = -1

    def _whole_bytes(self) -> int:
        """How much of the file is whole entries."""
        return os.fstat(self._fd).st_size

    def _cut(self) -> None:
        os.ftruncate(self._fd, self.bytes)
        os.lseek(self._fd, self.bytes, os.SEEK_SET)


class LineFile(AppendFile):
    """An append-only file of lines, each ended by a newline; opening it drops a torn last one.

    As a journal (`<name>.journal`) it holds what goes into a file that can only be published whole, so that a run that
    dies loses none of it; when that file is published, it is removed.
    """

    def last_line(self) -> bytes:
        """The last line without its newline; b"" in an empty file."""
        end = max(self.bytes - 1, 0)
        tail = b""
        while end and b"\n" not in tail:
            start = max(end - _BLOCK, 0)
            tail = os.pread(self._fd, end - start, start) + tail
            end = start
        return tail.rpartition(b"\n")[2]

    def lines(self) -> Iterator[bytes]:
        """Every line, oldest first, without its newline. Raises WriteError."""
        try:
            with self.path.open("rb") as lines:
                for line in lines:
                    yield line[:-1]
        except OSError as error:
            raise write_error(self.path, error) from error

    def cut(self, length: int) -> None:
        """Drop what stands beyond `length` bytes. Raises WriteError."""
        self.bytes = length
        try:
            self._cut()
        except OSError as error:
            raise write_error(self.path, error) from error

    def remove(self) -> None:
        """Close it and remove it. Raises WriteError."""
        self.close()
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise write_error(self.path, error) from error

    def _whole_bytes(self) -> int:
        end = super()._whole_bytes()
        while end:
            start = max(end - _BLOCK, 0)
            newline = os.pread(self._fd, end - start, start).rfind(b"\n")
            if newline >= 0:
                return start + newline + 1
            end = start
        return 0


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
