"""What is recorded of jobs and their runs: one SQLite file beside the runs, which `jobs list` and the audit view read.

APScheduler could keep its jobs in a database; they would be pickles of code, and say when something is due, but not
what became of it. When something is due follows from jobs.yaml; what was done stands here, in plain columns.

The journal is a rollback journal, not a write-ahead log: that one needs shared memory, which hosts do not share.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote

FILE = "jobs.sqlite"
RUNS = "runs"  # folder of a job's runs
WAIT_S = 30.0  # for another process that writes
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    name TEXT PRIMARY KEY, schedule TEXT NOT NULL, since TEXT NOT NULL, last_due TEXT NOT NULL DEFAULT '',
    next_due TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY, job TEXT NOT NULL, run TEXT NOT NULL, due TEXT, status TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '', why TEXT NOT NULL DEFAULT '', host TEXT NOT NULL DEFAULT '',
    pid INTEGER NOT NULL DEFAULT 0, entered TEXT NOT NULL, started TEXT NOT NULL DEFAULT '',
    ended TEXT NOT NULL DEFAULT '', exit INTEGER, attempts INTEGER NOT NULL DEFAULT 0,
    arguments TEXT NOT NULL DEFAULT '{}', counts TEXT NOT NULL DEFAULT '{}', changes TEXT NOT NULL DEFAULT '{}',
    bytes INTEGER NOT NULL DEFAULT 0, goes_on INTEGER NOT NULL DEFAULT 0, UNIQUE (job, due)
);
CREATE INDEX IF NOT EXISTS runs_of_job ON runs (job, id);
"""


class Status(StrEnum):
    """What a run is or came to."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    STOPPED = "stopped"
    SKIPPED = "skipped"
    KILLED = "killed"


ENDED = (Status.FINISHED, Status.FAILED, Status.STOPPED, Status.KILLED)  # of runs that were begun


@dataclass(frozen=True, slots=True)
class Run:
    """One line of the book. Times are ISO 8601 in UTC, "" for what has not happened.

    Attributes:
        id: Number of the line.
        job: Name of the job.
        run: Name of the run's folder; several lines have the same one where a run was gone on with.
        due: The due time that it was entered for, as `key_of` writes it; None when it was started by hand.
        status: What it is or came to.
        reason: Why it was stopped, skipped, killed or failed.
        why: Why it was entered.
        host: Where it runs or ran; "" before it began. `pid`: of the process that watches it.
        entered: When it was entered, `started` and `ended`: when its crawl was and did.
        exit: Exit code of the crawl, negative for a signal.
        attempts: How often it was started, more than once when it died.
        arguments: That its crawl was begun with.
        counts: Policy -> result -> number of pages; "pending" among the results.
        changes: What `changes.json` says.
        bytes: Size of its folder when it ended.
        goes_on: Whether the next run of the job goes on with this one.
    """

    id: int
    job: str
    run: str
    due: str | None
    status: Status
    reason: str
    why: str
    host: str
    pid: int
    entered: str
    started: str
    ended: str
    exit: int | None
    attempts: int
    arguments: Mapping[str, str]
    counts: Mapping[str, Mapping[str, int]]
    changes: Mapping[str, Any]
    bytes: int
    goes_on: bool

    @property
    def seconds(self) -> float:
        """How long it took, or has taken so far; 0 for what never began."""
        if not self.started:
            return 0.0
        end = datetime.fromisoformat(self.ended) if self.ended else datetime.now(UTC)
        return max((end - datetime.fromisoformat(self.started)).total_seconds(), 0.0)

    @property
    def pending(self) -> int:
        """How many addresses it left undecided."""
        return max((counts.get("pending", 0) for counts in self.counts.values()), default=0)

    def path(self, folder: Path) -> Path:
        """The crawl's folder."""
        return folder / self.job / RUNS / self.run

    def as_json(self, folder: Path) -> dict[str, Any]:
        """Plain values, ready for json.dumps."""
        own = {name: getattr(self, name) for name in self.__slots__ if name not in ("id", "pid", "arguments")}
        return {**own, "status": self.status.value, "seconds": round(self.seconds, 3), "path": str(self.path(folder))}


@dataclass(frozen=True, slots=True)
class Known:
    """What the book has of a job: its schedule, since when it has that, its last due time, and the next."""

    name: str
    schedule: str
    since: str
    last_due: str
    next_due: str


class Book:
    """The file. Each call is a transaction of its own, from any thread of any process.

    Args:
        folder: Of the jobs; made when missing.
        read_only: For those who only look: nothing is made, and nobody is kept from writing.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.folder, self._read_only = folder, read_only
        if read_only:
            return
        folder.mkdir(parents=True, exist_ok=True)
        with self._open() as database:
            database.executescript(_SCHEMA)

    def note_job(self, name: str, schedule: str) -> Known:
        """Take a job up; one whose schedule is another one counts as new, since nothing of that was missed."""
        with self._open() as database:
            database.execute(
                "INSERT INTO jobs (name, schedule, since) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE "
                "SET since = excluded.since, last_due = '', schedule = excluded.schedule "
                "WHERE schedule != excluded.schedule",
                (name, schedule, now()),
            )
            row = database.execute("SELECT * FROM jobs WHERE name = ?", (name,)).fetchone()
        return Known(**row)

    def note_due(self, name: str, last: str) -> None:
        """A due time was seen to, whatever was done."""
        self._do("UPDATE jobs SET last_due = MAX(last_due, ?) WHERE name = ?", last, name)

    def note_next(self, name: str, due: str) -> None:
        """When a job is due next, for those who read."""
        self._do("UPDATE jobs SET next_due = ? WHERE name = ?", due, name)

    def known(self) -> list[Known]:
        """All jobs of the book."""
        with self._open() as database:
            return [Known(**row) for row in database.execute("SELECT * FROM jobs ORDER BY name")]

    def enter(self, job: str, name: str, due: str | None, why: str) -> Run | None:
        """A run that is to be; None when its due time is in the book already."""
        with self._open() as database:
            taken = {row["run"] for row in database.execute("SELECT run FROM runs WHERE job = ?", (job,))}
            run, number = name, 1
            while run in taken:
                run, number = f"{name}-{number + 1}", number + 1
            try:
                done = database.execute(
                    "INSERT INTO runs (job, run, due, status, why, host, pid, entered) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (job, run, due, Status.QUEUED, why, HOST, os.getpid(), now()),
                )
            except sqlite3.IntegrityError:
                return None
            return _run(database.execute("SELECT * FROM runs WHERE id = ?", (done.lastrowid,)).fetchone())

    def change(self, run: Run, /, *, only: Status | None = None, **values: Any) -> Run | None:
        """Write columns of a run; None where it is not `only` any more, and nothing was written."""
        plain = {name: json.dumps(value) if isinstance(value, Mapping) else value for name, value in values.items()}
        columns = ", ".join(f"{name} = ?" for name in plain)
        condition = " AND status = ?" if only else ""
        with self._open() as database:
            done = database.execute(
                f"UPDATE runs SET {columns} WHERE id = ?{condition}",
                (*plain.values(), run.id, *((only,) if only else ())),
            )
            if not done.rowcount:
                return None
            return _run(database.execute("SELECT * FROM runs WHERE id = ?", (run.id,)).fetchone())

    def run(self, number: int) -> Run:
        """A run by the number of its line."""
        with self._open() as database:
            return _run(database.execute("SELECT * FROM runs WHERE id = ?", (number,)).fetchone())

    def has_due(self, job: str, due: str) -> bool:
        """Whether a due time is in the book."""
        with self._open() as database:
            return bool(database.execute("SELECT 1 FROM runs WHERE job = ? AND due = ?", (job, due)).fetchone())

    def runs(self, job: str = "", *statuses: Status, most: int = 10_000) -> list[Run]:
        """Runs, newest first: of one job or all, with one of the statuses or any."""
        where, values = ["1"], list[Any]()
        if job:
            where, values = [*where, "job = ?"], [*values, job]
        if statuses:
            where, values = [*where, f"status IN ({', '.join('?' * len(statuses))})"], [*values, *statuses]
        statement = f"SELECT * FROM runs WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?"
        with self._open() as database:
            return [_run(row) for row in database.execute(statement, (*values, most))]

    def by_status(self) -> dict[tuple[str, str], int]:
        """Job and status -> number of runs."""
        with self._open() as database:
            rows = database.execute("SELECT job, status, COUNT(*) AS number FROM runs GROUP BY job, status")
            return {(row["job"], row["status"]): row["number"] for row in rows}

    def _do(self, statement: str, *values: Any) -> None:
        with self._open() as database:
            database.execute(statement, values)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        mode = "ro" if self._read_only else "rwc"
        address = f"file:{quote(str((self.folder / FILE).resolve()))}?mode={mode}"
        with contextlib.closing(sqlite3.connect(address, timeout=WAIT_S, uri=True)) as database:
            database.row_factory = _row
            database.execute("BEGIN" if self._read_only else "BEGIN IMMEDIATE")
            with database:
                yield database


HOST = socket.gethostname()


def folder_of(crawl: Path) -> Path | None:
    """The folder of the jobs that a crawl is a run of; None where it is none."""
    parents = crawl.resolve().parents
    if len(parents) > 2 and parents[0].name == RUNS and (parents[2] / FILE).is_file():
        return parents[2]
    return None


def now() -> str:
    """This moment as the book writes it."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


def _row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, values, strict=True)}


def _run(row: dict[str, Any]) -> Run:
    loaded = {name: json.loads(row[name]) for name in ("arguments", "counts", "changes")}
    return Run(**{**row, **loaded, "status": Status(row["status"]), "goes_on": bool(row["goes_on"])})
