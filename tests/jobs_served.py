"""A real `scrapy jobs serve` in a process of its own, a site on loopback, and bounded waiting for what is to happen."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.crash import SETTINGS, Site
from crawler.jobs.book import FILE, Book, Run, Status

ROOT = Path(__file__).parent.parent
LONGEST_S = 120
T = TypeVar("T")


def wait_for(what: Callable[[], T], why: str) -> T:
    """What comes of asking until it is something. Fails after a bounded time."""
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError(f"never: {why}")


@dataclass
class Jobs:
    """A jobs.yaml in a folder, and who is run with it."""

    home: Path
    site: Site
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.home / "jobs.yaml"

    @property
    def folder(self) -> Path:
        return self.home / "collections"

    @property
    def book(self) -> Book:
        return Book(self.folder)

    def write(self, *jobs: Mapping[str, Any], **top: Any) -> None:
        """JSON is YAML."""
        self.file.write_text(json.dumps({**top, "jobs": [self.job(**job) for job in jobs]}), encoding="utf-8")

    def backdate(self, *names: str) -> dict[str, str]:
        """As if the book had known these jobs for long; their schedule, which was due half an hour ago."""
        line = f"{(datetime.now(UTC) - timedelta(minutes=30)).minute} * * * *"
        for name in names:
            self.book.note_job(name, f"{line} UTC")
        with sqlite3.connect(self.folder / FILE) as database:
            database.execute("UPDATE jobs SET since = '2026-01-01T00:00:00.000Z'")
        return {"cron": line}

    def job(self, delay: float = 0.0, **given: Any) -> dict[str, Any]:
        """A job that crawls the site."""
        settings = {**SETTINGS, "DOWNLOAD_DELAY": str(delay)}
        if delay:
            settings["CONCURRENT_REQUESTS_PER_DOMAIN"] = "1"
        usual = {"name": "demo", "seeds": f"{self.site.address}/p/0", "policy": "jp", "arguments": {"follow": 12}}
        return {**usual, "settings": settings, **given}

    def scrapy(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`scrapy jobs ...` to its end."""
        return subprocess.run(self._command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_S)

    def serve(self, *arguments: str) -> subprocess.Popen[str]:
        """A server, in the background."""
        return self.begin("serve", *arguments)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """`scrapy jobs ...` in the background; its console is in `said`."""
        with self.console(len(self.processes)).open("w") as console:
            process = subprocess.Popen(
                self._command(*arguments), cwd=ROOT, text=True, stdout=console, stderr=subprocess.STDOUT
            )
        self.processes.append(process)
        return process

    def console(self, number: int) -> Path:
        return self.home / f"console-{number}.txt"

    def said(self) -> str:
        """All consoles."""
        return "\n".join(self.console(number).read_text() for number in range(len(self.processes)))

    def runs(self, *statuses: Status, job: str = "") -> list[Run]:
        """What the book has, newest first."""
        return self.book.runs(job, *statuses) if (self.folder / "jobs.sqlite").exists() else []

    def lines(self, run: Run) -> int:
        """Of a run's ledger."""
        return sum(path.read_bytes().count(b"\n") for path in run.path(self.folder).glob("ledger/*.jsonl"))

    def outcomes(self, run: Run) -> Counter[str]:
        """How often each address of a run was decided."""
        found: Counter[str] = Counter()
        for path in run.path(self.folder).glob("ledger/*.jsonl"):
            for content in path.read_bytes().splitlines():
                line = json.loads(content)
                if "result" in line:
                    found[line["url"]] += 1
        return found

    def wait(self, *statuses: Status, least: int = 1, job: str = "") -> list[Run]:
        """Until so many runs have such a status."""

        def there() -> list[Run]:
            found = self.runs(*statuses, job=job)
            return found if len(found) >= least else []

        return wait_for(there, f"{least} runs {statuses}; {self.said()}")

    def wait_for_lines(self, number: int) -> Run:
        """Until a run is under way and has written so many lines."""

        def there() -> Run | None:
            return next((run for run in self.runs(Status.RUNNING) if self.lines(run) >= number), None)

        found = wait_for(there, f"{number} lines; {self.said()}")
        assert found
        return found

    def end(self, process: subprocess.Popen[str]) -> int:
        """SIGTERM, and wait."""
        process.send_signal(signal.SIGTERM)
        return process.wait(LONGEST_S)

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "scrapy", "jobs", *arguments, "--file", str(self.file)]


@contextmanager
def served(home: Path, site: Site) -> Iterator[Jobs]:
    """Jobs whose processes are gone at the end."""
    jobs = Jobs(home, site)
    try:
        yield jobs
    finally:
        for process in jobs.processes:
            process.kill()
            process.wait()
