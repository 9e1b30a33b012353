"""What collecting again saves: one site crawled twice with a book of known pages; only ratios mean anything.

python -m benchmarks.incremental --pages 300 --changed 30
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Thread

SENTENCES = (
    "the harbor keeps its lights through winter while boats come slowly home and people wait on the pier with bread "
    "because every storm has taught them that somebody may need help before morning so they watch the sea talk about "
    "old journeys repair nets count barrels read letters plan markets teach children songs measure tides and write "
    "small notes for those who will keep this place after they have left it under another sky"
)
WORDS = tuple(SENTENCES.split())
PAGE = "<html><head><title>Page {0}</title></head><body><main>{1}</main></body></html>"


class Site(ThreadingHTTPServer):
    """Pages that know their ETag; `version` says which text each has. Counts requests and bytes of bodies."""

    daemon_threads = True

    def __init__(self, pages: int) -> None:
        self.version = dict.fromkeys(range(pages), 0)
        self.requests = self.sent = 0
        super().__init__(("127.0.0.1", 0), _Handler)
        Thread(target=self.serve_forever, daemon=True).start()

    def body(self, number: int) -> bytes:
        """A page of about 12 KB."""
        chance = Random(number * 1_000 + self.version[number])
        text = "".join(f"<p>{' '.join(chance.choices(WORDS, k=90))}.</p>" for _ in range(20))
        return PAGE.format(number, text).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        name = self.path.lstrip("/")
        if not name.isdecimal():
            self._answer(404, b"", "")
            return
        body = self.server.body(int(name))
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        self.server.requests += 1
        same = self.headers.get("If-None-Match") == etag
        self.server.sent += 0 if same else len(body)
        self._answer(304 if same else 200, b"" if same else body, etag)

    def _answer(self, status: int, body: bytes, etag: str) -> None:
        self.send_response(status)
        if etag:
            self.send_header("ETag", etag)
        if status != 304:
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the console."""


def _run(site: Site, folder: Path, name: str) -> tuple[float, float, int, int, int]:
    """Wall seconds, CPU seconds, requests, bytes sent, bytes of the crawl's folder."""
    site.requests = site.sent = 0
    out = folder / "runs" / name
    (folder / "seeds.txt").write_text("".join(f"http://127.0.0.1:{site.server_port}/{n}\n" for n in site.version))
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [
            sys.executable, "-m", "scrapy", "crawl", "web", "-a", f"seeds={folder / 'seeds.txt'}", "-a", "policy=jp,eu",
            "-a", f"out={out}", "-a", f"known={folder / 'known.sqlite'}", "-s", "DOWNLOAD_DELAY=0",
            "-s", "ALLOWED_PRIVATE_NETWORKS=127.0.0.0/8", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8",
            "-s", "REVISIT_ALL=True",
        ],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return time.monotonic() - began, cpu, site.requests, site.sent, size


def main() -> None:
    """Crawl, change some pages, crawl again; print the second run as a share of the first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--changed", type=int, default=30)
    asked = parser.parse_args()
    os.environ.setdefault("XDG_STATE_HOME", tempfile.mkdtemp())
    site = Site(asked.pages)
    with tempfile.TemporaryDirectory() as folder:
        first = _run(site, Path(folder), "1")
        for number in range(asked.changed):
            site.version[number] = 1
        second = _run(site, Path(folder), "2")
    for name, one, two in zip(("wall", "cpu", "requests", "bytes sent", "folder"), first, second, strict=True):
        print(f"{name}: first {one:,.1f}, second {two:,.1f}, share {two / one:.2f}")


if __name__ == "__main__":
    main()
