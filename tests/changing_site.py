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
PAGE = (
    "<html><head><title>{title}</title>{head}</head><body><main><p>{text} This was page {title}.</p></main>{beside}"
    "</body></html>"
)
NO_HEADERS: Mapping[str, str] = {}
SITE_FILES = ("/robots.txt", "/.well-known/tdmrep.json")


@dataclass
class Served:
    """What is served at one address.

    Attributes:
        validators: Of "etag" and "modified" those that the server sends, and honors.
        headers: Sent with it, also with an answer 304.
        body: Instead of a page made of the other members; "" for such a page.
    """

    title: str = "one"
    text: str = WORDS
    head: str = ""
    beside: str = ""
    validators: tuple[str, ...] | list[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    modified: str = "Wed, 21 Oct 2015 07:28:00 GMT"
    type: str = "text/html"
    body: str = ""

    @property
    def content(self) -> bytes:
        """The body as it is sent."""
        made = PAGE.format(title=self.title, text=self.text, head=self.head, beside=self.beside)
        return (self.body or made).encode()

    @property
    def etag(self) -> str:
        """By what it is known again."""
        return f'"{sha256(self.content).hexdigest()[:12]}"'

    def is_as_known(self, asked: Mapping[str, str]) -> bool:
        """Whether the conditions of a request say that its sender has it (RFC 9110, 13.1)."""
        if (known := asked.get("If-None-Match")) is not None:
            return "etag" in self.validators and known == self.etag
        return "modified" in self.validators and asked.get("If-Modified-Since") == self.modified


def site_file(body: str) -> Served:
    """A file of the site."""
    return Served(body=body, type="application/json" if body.startswith("[") else "text/plain")


class ChangingSite(ThreadingHTTPServer):
    """Serves `at`, by host and path, and notes the requests: host with path, status, whether there was a condition."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int = 0) -> None:
        self.at: dict[str, Served] = {}
        self.log: list[tuple[str, int, bool]] = []
        super().__init__(("127.0.0.1", port), _Handler)

    def url(self, place: str) -> str:
        """The address of a place: "plain/1" -> "http://plain.localhost:8000/1"."""
        host, _, path = place.partition("/")
        return f"http://{host}.localhost:{self.server_port}/{path}"

    def asked(self) -> list[tuple[str, int, bool]]:
        """The requests for pages since the last question."""
        found = [entry for entry in self.log if not entry[0].endswith(SITE_FILES) and entry[0] in self.at]
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
        place = self.headers["Host"].partition(".localhost")[0] + self.path
        served = self.server.at.get(place)
        asked = {name: value for name, value in self.headers.items() if name in ("If-None-Match", "If-Modified-Since")}
        same = served is not None and served.status == 200 and served.is_as_known(asked)
        status = 304 if same else served.status if served else 404
        body = served.content if served and status == 200 else b""
        self.server.log.append((place, status, bool(asked)))
        self.send_response(status)
        for name, value in (served.headers if served else NO_HEADERS).items():
            self.send_header(name, value)
        if served and "etag" in served.validators:
            self.send_header("ETag", served.etag)
        if served and "modified" in served.validators:
            self.send_header("Last-Modified", served.modified)
        if status != 304:
            self.send_header("Content-Type", served.type if served else "text/plain")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the console."""
