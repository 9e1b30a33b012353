"""`/metrics` for Prometheus and `/health` for whoever restarts things, over HTTP, on loopback unless told otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6
from threading import Thread
from typing import Any

from crawler.metrics.metric import NO_LABELS
from crawler.metrics.text import CONTENT_TYPE, Collect, registry_of, render

LOOPBACK = "127.0.0.1"
TIMEOUT_S = 10.0  # for a client to say what it wants


class EndpointError(Exception):
    """It cannot be listened there; the message says where, why and what to do."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether all is well, and what makes it so; without addresses, hosts or text of pages.

    Attributes:
        ok: False is answered with 503.
        problems: In words, one a line.
        facts: Figures that stand beside them.
    """

    ok: bool
    problems: tuple[str, ...] = ()
    facts: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)

    def as_mapping(self) -> dict[str, Any]:
        """As `/health` shows it."""
        return {"ok": self.ok, "problems": list(self.problems), **self.facts}


class Server:
    """An endpoint that answers until it is closed.

    Attributes:
        host, port: Where; a port that was given as 0 is the one that was free.
    """

    def __init__(self, http: _Http) -> None:
        self._http = http
        self.host, self.port = str(http.server_address[0]), int(http.server_address[1])
        self._thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering. A second call does nothing."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def serve(
    host: str = LOOPBACK,
    port: int = 9410,
    *,
    collect: Collect,
    health: Callable[[], Health],
    labels: Mapping[str, str] = NO_LABELS,
) -> Server:
    """Answer in a thread of its own until the server is closed.

    Args:
        host: Who may ask: loopback, or the address of a network that may know the figures; there is no password.
        port: 0 for one that is free.
        collect: Asked for `/metrics`, in the server's thread.
        health: Asked for `/health`, in the server's thread.
        labels: Added to every figure.

    Raises:
        MissingExtraError: prometheus_client is not installed.
        EndpointError: It cannot be listened there.
    """
    registry = registry_of(collect, labels)

    def metrics() -> tuple[int, str, bytes]:
        return 200, CONTENT_TYPE, render(registry)

    def health_now() -> tuple[int, str, bytes]:
        found = health()
        return 200 if found.ok else 503, "application/json", json.dumps(found.as_mapping()).encode() + b"\n"

    try:
        http = _Http(host, port, {"/metrics": metrics, "/health": health_now})
    except (OSError, OverflowError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise EndpointError(f"{host}:{port}: cannot listen there: {why}; give another HOST:PORT") from error
    return Server(http)


Page = Callable[[], tuple[int, str, bytes]]  # status, media type, body


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: str, port: int, pages: Mapping[str, Page]) -> None:
        self.pages = pages
        self.address_family = AF_INET6 if ":" in host else AF_INET
        super().__init__((host, port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is nobody's error."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    timeout = TIMEOUT_S
    server_version, sys_version = "usufruct", ""

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            self._answer(404, "text/plain; charset=utf-8", b"here are /metrics and /health\n")
            return
        try:
            answer = page()
        except Exception as error:  # noqa: BLE001 - the endpoint outlives what it reads
            answer = 500, "text/plain; charset=utf-8", f"cannot be read now: {type(error).__name__}\n".encode()
        self._answer(*answer)

    do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

    def _answer(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Who asks, and how often, is nobody's business."""
