"""Run one program against the replay proxy and take its time, CPU, memory and pages.

Linux only: the figures of processes come from /proc.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from benchmarks.corpus import SITE_FILES, Corpus

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_SAMPLE_S = 0.5


class BenchmarkError(RuntimeError):
    """A program of the benchmark failed; the message says which, and where its log is."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run. Times are seconds, memory is MiB of the main process; `pages` are pages served with status 200."""

    program: str
    pages: int
    wall_s: float
    cpu_s: float
    peak_mib: float

    @property
    def pages_per_s(self) -> float:
        return self.pages / self.wall_s


@dataclass(frozen=True, slots=True)
class Sample:
    """The main process at one moment of a run."""

    pages: int
    resident_mib: float
    peak_mib: float


class Proxy:
    """The replay proxy as a process of its own, on a free port: `with Proxy(tools, corpus, folder) as proxy`."""

    def __init__(self, tools: Path, corpus: Corpus, folder: Path, latency_ms: float = 0) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._log = folder / f"access-{self.port}.jsonl"
        self._log.touch()
        self._read = 0
        options = {"warc": corpus.warc, "idx": corpus.index, "port": self.port, "log": self._log}
        limits = {"latency-ms": latency_ms, "max-requests": 10**9, "max-seconds": 10**6}
        self._command = [sys.executable, str(tools / "replay_proxy.py")]
        self._command += [part for name, value in (options | limits).items() for part in (f"--{name}", str(value))]

    def __enter__(self) -> Proxy:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        if self._process.stdout is None or "serving" not in self._process.stdout.readline():
            raise BenchmarkError(f"the proxy did not start; try it yourself: {' '.join(self._command)}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()

    def environment(self) -> dict[str, str]:
        """Ours, with the proxy for every address."""
        address = f"http://127.0.0.1:{self.port}"
        rest = {name: value for name, value in os.environ.items() if name.lower() != "no_proxy"}
        return rest | dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), address)

    def new_pages(self) -> int:
        """How many pages (no site files) were served with status 200 since this was last asked."""
        with self._log.open("rb") as log:
            log.seek(self._read)
            lines = log.read().rpartition(b"\n")[0]
        self._read += len(lines) + bool(lines)
        entries = (json.loads(line) for line in lines.splitlines())
        return sum(entry["status"] == 200 and not SITE_FILES.match(urlsplit(entry["url"]).path) for entry in entries)


def run(
    program: str,
    command: Sequence[str],
    cwd: Path,
    proxy: Proxy,
    log: Path,
    watch: Callable[[Sample], None] = lambda _: None,
) -> Run:
    """Run `command` to its end, output to `log`; `watch` sees the main process about twice a second.

    CPU is that of the process and all its descendants, as far as they were waited for or seen alive.

    Raises:
        BenchmarkError: It ended with another exit code than 0, or fetched nothing.
    """
    proxy.new_pages()
    pages = 0
    cpu: dict[int, float] = {}
    sample = Sample(0, 0, 0)
    with log.open("wb") as output:
        begin = time.monotonic()
        process = subprocess.Popen(
            command, cwd=cwd, env=proxy.environment(), stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
                pages += proxy.new_pages()
                cpu |= session_cpu(process.pid)
                sample = _sample(process.pid, pages) or sample
                watch(sample)
                time.sleep(min(_SAMPLE_S, 0.02 + (time.monotonic() - begin) / 100))
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    wall = time.monotonic() - begin
    pages += proxy.new_pages()
    process.returncode = os.waitstatus_to_exitcode(ended[1])
    if process.returncode or not pages:
        raise BenchmarkError(f"{program}: exit code {process.returncode}, {pages} pages; see {log}")
    waited = ended[2].ru_utime + ended[2].ru_stime
    return Run(program, pages, wall, max(waited, sum(cpu.values())), sample.peak_mib)


def session_cpu(session: int) -> dict[int, float]:
    """CPU seconds so far of each living process of a session (fields 6, 14 and 15 of /proc/PID/stat)."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            fields = Path(f"/proc/{name}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[3]) == session:
            found[int(name)] = (int(fields[11]) + int(fields[12])) * _TICK_S
    return found


def _sample(pid: int, pages: int) -> Sample | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return None
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(("VmRSS", "VmHWM"))}
    return Sample(pages, kib["VmRSS"] / 1024, kib["VmHWM"] / 1024) if len(kib) == 2 else None
