"""One run under way: a subprocess, watched for its limits, asked to end once, killed if it does not."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from crawler.audit.frontier import FILE as ACCEPTED
from crawler.audit.frontier import FOLDER as FRONTIER
from crawler.jobs import leash
from crawler.jobs.book import Run
from crawler.jobs.locks import Hold, stop_asked
from crawler.jobs.model import Job, Limits
from crawler.jobs.quantities import in_words, size_in_words

GRACE_S = 120.0  # for a crawl that was asked to end; then it is killed, and loses nothing by it
LOGS = "logs"  # folder of a job's consoles
_LOOK_S = 1.0  # between two looks at limits, or twenty times what a look takes
_LOADED_S = 60.0  # what does not listen by then, where that can be seen, is told all the same
_OPENED_S = 20.0  # from when it listens until its folder is open, or it has nothing new to accept
_CAUGHT = re.compile(r"^SigCgt:\s*([0-9a-f]+)", re.MULTILINE)
_TOLD = 300  # characters of the last words


@dataclass(frozen=True, slots=True)
class End:
    """Why a run is asked to end, and whether the next run of the job goes on with it."""

    reason: str
    goes_on: bool


@dataclass(slots=True)
class Running:
    """A run under way; `held` is closed when all of it is recorded.

    Attributes:
        run: Its line in the book.
        job: As the file had it when the run began.
        folder: Of the jobs.
        process: The crawl.
        log: Its console; it begins at `log_from`, after what runs before this one said.
        hold: The right to run the job.
        grace_s: How long it may take to end.
        asked: Why it was asked to end.
        was_killed: Whether it had to be.
    """

    run: Run
    job: Job
    folder: Path
    process: subprocess.Popen[bytes]
    log: Path
    hold: Hold
    held: ExitStack
    grace_s: float = GRACE_S
    asked: End | None = None
    was_killed: bool = False
    log_from: int = 0
    accepted_from: int = field(init=False)
    _began: float = field(default_factory=monotonic)
    _told_at: float = 0.0
    _look_at: float = 0.0
    _listens_from: float = 0.0

    def __post_init__(self) -> None:
        self.accepted_from = _size(self.out / FRONTIER / ACCEPTED)

    @property
    def out(self) -> Path:
        """The crawl's folder."""
        return self.run.path(self.folder)

    def has_ended(self) -> bool:
        """Look after it: whether it is over by now. Ends it where a limit is reached."""
        if self.process.poll() is not None:
            return True
        begin = monotonic()
        if not self._listens_from and (begin - self._began > _LOADED_S or _listens(self.process.pid)):
            self._listens_from = begin
        if self.asked and not self._told_at:
            self._tell(begin)
        elif self.asked and begin - self._told_at > self.grace_s and not self.was_killed:
            self.was_killed = True
            self._kill()
        elif not self.asked and begin >= self._look_at:
            if end := self._limit():
                self.ask_to_end(end)
            self._look_at = monotonic() + max(_LOOK_S, 20 * (monotonic() - begin))
        return False

    def ask_to_end(self, end: End) -> None:
        """Once; the crawl ends gracefully and says what is pending."""
        if self.asked is None:
            self.asked = end

    def _tell(self, now: float) -> None:
        """Send SIGINT, once. A crawl that is still being loaded knows no grace: it is told when it listens."""
        if self._listens_from and (now - self._listens_from > _OPENED_S or self._has_accepted):
            self._told_at = now
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGINT)

    @property
    def _has_accepted(self) -> bool:
        return _size(self.out / FRONTIER / ACCEPTED) > self.accepted_from

    def last_words(self) -> str:
        """What the console said last, where it said why; the crawl masks what it says."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(self.log_from, file.seek(0, os.SEEK_END) - 64 * 1024))
                lines = [_message(line) for line in file.read().decode("utf-8", "replace").splitlines()]
        except OSError:
            return ""
        told = [line for line in lines if line.startswith(("scrapy crawl: ", "Usage", "Error"))]
        last = (told or [line for line in lines if line.strip()] or [""])[-1].removeprefix("scrapy crawl: ")
        return last if len(last) <= _TOLD else last[: _TOLD - 1] + "\u2026"

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _limit(self) -> End | None:
        limits = self.job.limits
        if self.hold.is_lost():
            return End("the lock went to another host", goes_on=False)
        if asked := stop_asked(self.folder, self.job.name):
            return End(asked, goes_on=False)
        if limits.seconds is not None and monotonic() - self._began >= limits.seconds:
            return End(f"hours: {in_words(limits.seconds)} are over", goes_on=True)
        return _room(limits, self.out, self.folder)


def _message(line: str) -> str:
    """What a line of a console says, also where it is one of a log in JSON."""
    try:
        return str(json.loads(line)["message"]) if line.startswith("{") else line
    except (ValueError, KeyError, TypeError):
        return line


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _listens(pid: int) -> bool:
    """Whether a process has a handler for SIGTERM, which Python alone has not (proc(5); Linux)."""
    try:
        caught = _CAUGHT.search(Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return False
    return bool(caught and int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)


def _room(limits: Limits, out: Path, folder: Path) -> End | None:
    """What the disk says."""
    if limits.disk_bytes is not None and (used := size_of(out)) >= limits.disk_bytes:
        return End(f"disk: {size_in_words(used)} are used, {limits.disk} allowed", goes_on=False)
    if limits.free_bytes is not None:
        free = shutil.disk_usage(folder).free
        if free < limits.free_bytes:
            return End(f"free: {size_in_words(free)} are left on the disk, {limits.free} asked for", goes_on=True)
    return None


def spawn(command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a crawl in a session of its own, so that Ctrl-C is ours to pass on. Only from the main thread: the crawl is
    bound to the thread that starts it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    bound = [sys.executable, "-I", leash.__file__, str(os.getpid()), *command]
    with log.open("ab") as console:
        return subprocess.Popen(
            bound, stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT, start_new_session=True
        )


def size_of(folder: Path) -> int:
    """Bytes of the files below a folder; files may come and go meanwhile."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.stat(os.path.join(path, name), follow_symlinks=False).st_size
    return total
