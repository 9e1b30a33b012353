"""Serve the demonstration's hosts on 127.0.0.1, told apart by the Host header.

Every *.localhost name is loopback (RFC 6761 section 6.3).

python -m examples.server [--port 8765]
"""

from __future__ import annotations

import argparse
import errno
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from threading import Lock, Thread
from types import TracebackType
from urllib.parse import urlsplit

from examples.answers import Answer, answers
from examples.manifest import Manifest, load

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8765
SEEDS = Path(__file__).parent / "seeds.txt"
_NOT_FOUND = Answer(404, (("Content-Type", "text/plain"),), b"There is no such page in the demonstration.\n")


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived; `at` is seconds of time.time()."""

    at: float
    method: str
    host: str
    path: str
    agent: str
    headers: tuple[tuple[str, str], ...]
    status: int


class _Server(ThreadingMixIn, TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128
    sites: ExampleSites


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds an idle connection is kept
    server: _Server

    def do_GET(self) -> None:
        answer = self.server.sites.answer(self.command, self.path, tuple(self.headers.items()))
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_HEAD = do_GET  # noqa: N815 - the name that BaseHTTPRequestHandler looks for

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: `ExampleSites.requests` has every request."""


class ExampleSites:
    """The running server: `with ExampleSites() as sites: sites.url("press.localhost", "/restored")`.

    Args:
        port: 0 takes any free port, and so does a port that is in use; `sites.port` says which it is.

    `requests` grows by one for every request. Answers that differ from turn to turn (429, then 200) begin anew with
    every instance. Requests in absolute form, as sent to a proxy, are answered too.
    """

    def __init__(self, port: int = 0, manifest: Manifest | None = None) -> None:
        self.manifest = manifest or load()
        self.requests: list[Request] = []
        self._server = _listen(port)
        self._server.sites = self
        self.port: int = self._server.server_address[1]
        self._answers = {(host, path): list(turns) for host, path, turns in answers(self.manifest, self.port)}
        self._lock = Lock()
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> ExampleSites:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, host: str, path: str = "/") -> str:
        """The address of a page of this instance."""
        return f"http://{host}:{self.port}{path}"

    def urls(self) -> list[str]:
        """The addresses of all pages and site files, front pages included."""
        return [self.url(host, path) for host, path in self._answers]

    def answer(self, method: str, target: str, headers: tuple[tuple[str, str], ...]) -> Answer:
        """What is sent for one request, which is noted in `requests`; unknown hosts and paths get 404."""
        named = {name.lower(): value for name, value in headers}
        url = urlsplit(target) if target.startswith("http") else None
        host = (url.netloc if url else named.get("host", "")).rsplit(":", 1)[0].lower()
        path = target if url is None else (url.path or "/") + (f"?{url.query}" if url.query else "")
        with self._lock:
            turns = self._answers.get((self._known(host), path), [_NOT_FOUND])
            answer = turns.pop(0) if len(turns) > 1 else turns[0]
            self.requests.append(
                Request(time.time(), method, host, path, named.get("user-agent", ""), headers, answer.status)
            )
        return answer

    def _known(self, host: str) -> str:
        return next(iter(self.manifest.hosts)) if host in ("localhost", LOOPBACK) else host


def _listen(port: int) -> _Server:
    try:
        return _Server((LOOPBACK, port), _Handler)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return _Server((LOOPBACK, 0), _Handler)


def write_seeds(path: Path, port: int) -> Path:
    """Write seeds.txt for a server at `port` to `path`, and return it."""
    path.write_text(SEEDS.read_text("utf-8").replace("{port}", str(port)), "utf-8")
    return path


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m examples.server", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="a free one is taken when it is in use")
    with ExampleSites(parser.parse_args().port) as sites:
        print(f"{len(sites.manifest.hosts)} hosts; begin at {sites.url('start.localhost')} (Ctrl-C ends)", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
