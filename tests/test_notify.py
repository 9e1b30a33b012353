"""Notifications: a real server on loopback, real commands; every problem comes back in words, without a secret."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest

from crawler.notify import Target, masked, notify, problem_of

EVENT = {"event": "failed", "job": "news", "text": "ended with exit code 1 ☂", "kept": 3}


class Site(ThreadingHTTPServer):
    """Answers each path with the statuses after its slash, one a time: /503,200; keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.taken: list[tuple[str, str, Any]] = []  # path, media type, event
        self.users: list[str | None] = []
        self.asked: dict[str, int] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Site

    def do_POST(self) -> None:
        words = self.path.strip("/").split("?")[0].split(",")
        word = words[min(self.server.asked.get(self.path, 0), len(words) - 1)]
        self.server.asked[self.path] = self.server.asked.get(self.path, 0) + 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.server.users.append(self.headers["Authorization"])
        if word == "hang-up":
            return
        if word == "drip":  # never silent for long, and never done
            with contextlib.suppress(OSError):
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                for _ in range(30):
                    self.wfile.write(b"X-Word: x\r\n")
                    sleep(0.1)
            return
        if word == "silence":
            self.rfile.read(1)  # until the client gives up
            return
        self.send_response(int(word))
        if word.startswith("3"):
            self.send_header("Location", f"{self.server.address}/200?elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "*")
    server = Site()
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "times", "says"),
    [
        ("200", 1, ""),
        ("204", 1, ""),
        ("500,200", 2, ""),
        ("429,202", 2, ""),
        ("hang-up,200", 2, ""),
        ("silence,200", 2, ""),
        ("503,503", 2, "answered 503, not 2xx"),
        ("404,200", 1, "answered 404, not 2xx"),
        ("401,200", 1, "answered 401, not 2xx"),
        ("302,200", 1, "answered 302, not 2xx; redirects are not followed"),
        ("308,200", 1, "answered 308, not 2xx; redirects are not followed"),
        ("hang-up,hang-up", 2, "did not answer (RemoteDisconnected)"),
        ("silence,silence", 2, "did not answer (TimeoutError)"),
        ("drip,drip", 2, "did not answer (TimeoutError)"),
    ],
)
def test_a_webhook_is_asked_twice_at_most(path: str, times: int, says: str, site: Site) -> None:
    """What may pass is tried once more; what is refused, or leads elsewhere, is not."""
    address, began = f"{site.address}/{path}?token=hunter2", monotonic()
    problems = notify([{"webhook": address}], EVENT, timeout_s=0.3, pause_s=0)
    assert problems == ([f"notify: {site.address}/... {says}"] if says else [])
    assert [taken[1:] for taken in site.taken] == [("application/json", EVENT)] * times
    assert monotonic() - began < 2.5


def test_a_user_in_the_address_is_told_to_its_owner_only(site: Site) -> None:
    """As HTTP has it (RFC 7617), and to nobody who reads the log."""
    address = site.address.replace("://", "://robot:p%40ss@")
    assert notify([{"webhook": f"{address}/404"}], EVENT) == [f"notify: {site.address}/... answered 404, not 2xx"]
    assert site.users == ["Basic cm9ib3Q6cEBzcw=="]


def test_a_webhook_that_is_not_there() -> None:
    """Is said, with the port, and nothing raised."""
    problems = notify([{"webhook": "http://user:secret@127.0.0.1:9/T0/B0"}], EVENT, pause_s=0)
    assert problems == ["notify: http://127.0.0.1:9/... did not answer (ConnectionRefusedError)"]


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())", ""),
        ("pass", ""),
        ("import sys; sys.exit(3)", "ended with exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "ended with exit code -9"),
        (
            "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
            "print('secret'); time.sleep(60)",
            "ran longer than 1 s and was killed",
        ),
    ],
)
def test_a_command_reads_the_event(program: str, says: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """On its standard input; its own words are nobody's, and its arguments may be secrets."""
    got = tmp_path / "event.json"
    problems = notify([{"command": [sys.executable, "-c", program, str(got), "--token=hunter2"]}], EVENT, timeout_s=1)
    assert problems == ([f"notify: {Path(sys.executable).name} {says}"] if says else [])
    assert not got.exists() or json.loads(got.read_text(encoding="utf-8")) == EVENT
    assert got.exists() == program.startswith("import sys; open")
    assert capfd.readouterr() == ("", "")


def test_a_long_event_to_a_command_that_does_not_read() -> None:
    """The pipe breaks, and nobody minds."""
    event = {**EVENT, "sites": ["x" * 1000] * 1000}
    assert notify([{"command": [sys.executable, "-c", "pass"]}], event) == []


def test_one_problem_does_not_stop_the_others(site: Site) -> None:
    """Each target is told, in order."""
    targets: list[Target] = [
        {"command": ["/no/such/program", "hunter2"]},
        {"webhook": "file:///etc/passwd"},
        {"webhook": f"{site.address}/200"},
    ]
    assert notify(targets, EVENT) == [
        "notify: program cannot be started (No such file or directory)",
        "notify[1]: webhook is an http(s) address",
    ]
    assert len(site.taken) == 1


def test_an_event_that_is_no_json_is_a_problem() -> None:
    """And nobody is told half of it."""
    for event in ({"rate": float("nan")}, {"path": Path("x")}):
        [problem] = notify([{"command": ["true"]}], event)
        assert problem.endswith("nobody was told")


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ({"webhook": "https://hooks.example/x"}, ""),
        ({"webhook": "HTTP://[::1]:80/x"}, ""),
        ({"command": ["program", "argument"]}, ""),
        ({"webhook": "ftp://hooks.example/x"}, "http(s)"),
        ({"webhook": "https://"}, "http(s)"),
        ({"webhook": "https://hooks.example/a b"}, "http(s)"),
        ({"webhook": "https://hooks.example:port/"}, "http(s)"),
        ({"webhook": 7}, "http(s)"),
        ({"command": "rm -r x"}, "without a shell"),
        ({"command": []}, "without a shell"),
        ({"command": ["x", 1]}, "without a shell"),
        ({"command": [""]}, "no program"),
        ({"command": ["x\0y"]}, "no program"),
        ({"mail": "a@example.org"}, "found mail; allowed are"),
        ({"webhook": "https://a.example", "command": ["x"]}, "allowed are"),
        ({}, "found nothing"),
        ("https://hooks.example", "found str"),
        (None, "found NoneType"),
    ],
)
def test_targets_are_checked(target: object, says: str) -> None:
    """Before anything runs, with the place in the list."""
    problem = problem_of(target, 2)
    assert bool(problem) == bool(says)
    assert says in problem
    assert not problem or problem.startswith("notify[2]: ")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://hooks.example/services/T0/B0/x9", "https://hooks.example/..."),
        ("https://me:pw@hooks.example:8443/?token=1#x", "https://hooks.example:8443/..."),
        ("http://[::1]:9000/x", "http://[::1]:9000/..."),
        ("javascript:alert(1)", "[no http(s) address]"),
        ("https://[::1", "[no http(s) address]"),
    ],
)
def test_addresses_are_shown_without_secrets(address: str, shown: str) -> None:
    """Host and port say whom to call; the path of a webhook is its password."""
    assert masked(address) == shown
