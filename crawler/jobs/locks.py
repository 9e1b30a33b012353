"""Who may run a job: one process on one host at a time, and every due time once.

A lock of the system (flock) in the job's folder: it dies with its holder, and NFSv4 carries it between hosts. It does
not help against a host whose clock is behind, which comes to the same due time when the run is over; so whoever sees to
a due time first makes a file of that name, which only one can make.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from crawler.durable import locked, make_folder

CLAIMS = "claims"  # folder of a job's files of due times
STOP = "stop-asked"  # a file in the job's folder: whoever watches the run ends it; it says why
_KEPT = timedelta(days=8)  # longer than any clock is behind


class Hold(Protocol):
    """The right to run a job."""

    def is_lost(self) -> bool:
        """Whether it went to somebody else, so that the run has to end."""
        ...


class Locks(Protocol):
    """How hosts agree."""

    def hold(self, job: str) -> contextlib.AbstractContextManager[Hold]:
        """Be the only one that runs a job. Raises InUseError when another one does."""
        ...

    def claim(self, job: str, due: str) -> bool:
        """Whether this process is the first that sees to a due time."""
        ...

    def owner(self, job: str, due: str) -> bytes:
        """Who claimed a due time, as JSON of host and pid; b"" for nobody."""
        ...

    def unclaim(self, job: str, due: str) -> None:
        """Give a claim back."""
        ...


class _Held:
    def is_lost(self) -> bool:
        """A lock of the system's is never lost."""
        return False


class FolderLocks:
    """Locks and claims in the folder that the hosts share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def hold(self, job: str) -> Iterator[Hold]:
        """Be the only one that runs a job. Raises InUseError, WriteError."""
        folder = self._folder / job
        make_folder(folder)
        with locked(folder):
            yield _Held()

    def claim(self, job: str, due: str) -> bool:
        """Whether this process is the first that sees to a due time. Raises WriteError, OSError."""
        make_folder(self._folder / job / CLAIMS)
        self._forget(job)
        try:
            fd = os.open(self._file(job, due), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        except FileExistsError:
            return False
        with open(fd, "w", encoding="utf-8") as file:
            json.dump({"host": socket.gethostname(), "pid": os.getpid()}, file)
        return True

    def owner(self, job: str, due: str) -> bytes:
        """Who claimed a due time, as JSON of host and pid; b"" for nobody."""
        try:
            return self._file(job, due).read_bytes()
        except OSError:
            return b""

    def unclaim(self, job: str, due: str) -> None:
        """Give a claim back."""
        self._file(job, due).unlink(missing_ok=True)

    def _file(self, job: str, due: str) -> Path:
        return self._folder / job / CLAIMS / due

    def _forget(self, job: str) -> None:
        """Remove claims that are older than any difference of clocks."""
        oldest = f"{datetime.now(UTC) - _KEPT:%Y%m%dT%H%M%SZ}"
        for path in (self._folder / job / CLAIMS).iterdir():
            if path.name < oldest:
                path.unlink(missing_ok=True)


def is_orphaned(owner: bytes) -> bool:
    """Whether the owner of a claim was a process of this host's and is dead."""
    try:
        told = json.loads(owner)
        return bool(told["host"] == socket.gethostname()) and not lives(int(told["pid"]))
    except (ValueError, KeyError, TypeError):
        return False


def ask_to_stop(folder: Path, job: str, reason: str) -> None:
    """Leave word for whoever watches a run of the job, on whichever host."""
    make_folder(folder / job)
    (folder / job / STOP).write_text(reason, encoding="utf-8")


def stop_asked(folder: Path, job: str) -> str:
    """Why the run is to end; "" when nobody asked."""
    try:
        return (folder / job / STOP).read_text(encoding="utf-8")
    except OSError:
        return ""


def forget_stop(folder: Path, job: str) -> None:
    """What was asked is done."""
    (folder / job / STOP).unlink(missing_ok=True)


def lives(pid: int) -> bool:
    """Whether this host has such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
