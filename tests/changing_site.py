"""A loopback site that changes between two crawls: pages, headers, robots.txt; it answers conditional requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self

WORDS = (
    "The lighthouse at the end of the pier was lit again on Sunday, after many years of darkness. "
    "Fishermen had asked for it since the winter of the great storm, and the council agreed in spring. "
) * 2
PAGE = "<html><head><title>{title}</title></head><body><main><p>{text}</p></main>{beside}</body></html>"
NO_HEADERS: Mapping[str, str] = {}


@dataclass
class Answer:
    """What is served at one path.

    Attributes:
        body: Its content.
        validators: Of "etag" and "modified" those that the server sends, and honors.
        headers: Sent with it, also with an answer 304.
        status: 200, unless the page is gone.
    """

    body: str
    validators: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    modified: str = "Wed, 21 Oct 2015 07:28:00 GMT"
    type: str = "text/html"

    @property
    def etag(self) -> str:
        return f'"{sha256(self.body.encode()).hexdigest()[:12]}"'

    def is_as_known(self, asked: Mapping[str, str]) -> bool:
        """Whether the conditions of a request say that its sender has it (RFC 9110, 13.1)."""
        if (known := asked.get("If-None-Match")) is not None:
            return "etag" in self.validators and known == self.etag
        return "modified" in self.validators and asked.get("If-Modified-Since") == self.modified


def page(name: str, text: str = WORDS, *, beside: str = "", **members: object) -> Answer:
    """A page with a text that a crawl keeps."""
    return Answer(PAGE.format(title=name, text=f"{text} This was {name}.", beside=beside), **members)  # type: ignore[arg-type]


class ChangingSite(ThreadingHTTPServer):
    """Serves `answers` by path, and notes the requests: path, status, and whether there was a condition."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.log: list[tuple[str, int, bool]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.server_port}{path}"

    def asked(self) -> list[tuple[str, int, bool]]:
        """The requests since the last question, those for site files left out."""
        found = [entry for entry in self.log if entry[0] in self.answers and entry[0] != "/robots.txt"]
        self.log.clear()
        return found

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ChangingSite

    def do_GET(self) -> None:
        answer = self.server.answers.get(self.path)
        asked = {name: value for name, value in self.headers.items() if name in ("If-None-Match", "If-Modified-Since")}
        same = answer is not None and answer.status == 200 and answer.is_as_known(asked)
        status = 304 if same else answer.status if answer else 404
        body = answer.body.encode() if answer and status != 304 else b""
        self.server.log.append((self.path, status, bool(asked)))
        self.send_response(status)
        for name, value in (answer.headers if answer else NO_HEADERS).items():
            self.send_header(name, value)
        if answer and "etag" in answer.validators:
            self.send_header("ETag", answer.etag)
        if answer and "modified" in answer.validators:
            self.send_header("Last-Modified", answer.modified)
        if status != 304:
            self.send_header("Content-Type", answer.type if answer else "text/plain")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the console."""
