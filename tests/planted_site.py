"""A loopback site with invented personal data in all that a site can say: texts, titles, authors, links, addresses,
headers, redirects, error pages, robots.txt and sitemaps; and whoever looks for it afterwards.

Values are those of `benchmarks.planted_values`, each planted once, so that one that is found names its place.
"""

from __future__ import annotations

import gzip
import json
import socket
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Thread
from urllib.parse import quote

import pyarrow.parquet as pq

from benchmarks.planted import Searcher
from benchmarks.planted_pages import Item, Page
from benchmarks.planted_values import kinds, value, words
from crawler import shards

KINDS = tuple(kinds("en"))
WORDS = (
    "The lighthouse at the end of the pier was lit again on Sunday, after many years of darkness. "
    "Fishermen had asked for it since the winter of the great storm, and the council agreed in spring. "
) * 3
# Parameters of addresses that say what their value is.
PARAMETERS = {
    "EMAIL": "email", "PHONE": "phone", "IBAN": "iban", "CARD": "card", "SECRET": "token", "PASSWORD": "password",
    "US_SSN": "ssn", "PASSPORT_US": "passport", "WALLET": "wallet", "IMEI": "imei", "IP": "ip", "BIRTH": "dob",
    "NAME": "fullname", "PL_PESEL": "pesel",
}  # fmt: skip
NO_HEADERS: Mapping[str, str] = {}
HEADERS = {
    "Set-Cookie": ("SECRET", "session={}; Path=/"), "X-Author-Contact": ("EMAIL", "{}"), "X-Client-IP": ("IP", "{}"),
    "ETag": ("IBAN", '"{}"'), "X-Api-Key": ("SECRET", "{}"), "X-Customer": ("CARD", "card {}"),
    "Content-Location": ("EMAIL", "/of?email={}"), "Link": ("EMAIL", '<mailto:{}>; rel="author"'),
    "X-Password": ("PASSWORD", "{}"), "X-SSN": ("US_SSN", "{}"),
}  # fmt: skip


@dataclass
class Planted:
    """What the site answers by path, and every value with its place."""

    seed: str
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    seeds: list[str] = field(default_factory=list)

    def value(self, kind: str, place: str) -> str:
        """A new value, which stands at that place only."""
        taken = {item.value for item in self.items}
        drawn = (value(kind, "en", Random(f"{self.seed} {kind} {place} {n}")) for n in range(10_000))
        thing = next(each for each in drawn if each not in taken)
        self.items.append(Item(kind, thing, place))
        return thing

    def sentence(self, kind: str, place: str) -> str:
        """A value as a page tells it."""
        of = words("en")
        if kind == "NAME":
            return str(of["free"][kind][0]).format(x=self.value(kind, place))
        return f"{of['labels'][kind][0].capitalize()}: {self.value(kind, place)}."

    def parameter(self, kind: str, place: str = "url") -> str:
        """A value as the query of an address."""
        return f"{PARAMETERS[kind]}={quote(self.value(kind, place), safe='')}"

    def add(
        self, path: str, text: str, *, status: int = 200, head: str = "", headers: Mapping[str, str] = NO_HEADERS
    ) -> None:
        """Answer a page."""
        html = f'<html lang="en"><head>{head}</head><body><main>{text}</main></body></html>'
        self.answers[path] = (status, {"Content-Type": "text/html; charset=utf-8", **headers}, html.encode())


def plant(seed: str, port: int, closed_port: int) -> Planted:
    """The site: a page a kind, then one for each other place."""
    site, base = Planted(seed), f"http://127.0.0.1:{port}"
    plain = f"<p>{WORDS}</p>"
    for number, kind in enumerate(KINDS):
        site.add(f"/page-{number}", f"{plain}<p>{escape(site.sentence(kind, 'text'))}</p>{plain}")
    for kind in ("NAME", "EMAIL", "PHONE"):
        title = f"<title>About {escape(site.sentence(kind, 'title'))}</title>"
        site.add(f"/title-{kind}", plain, head=title + f'<meta name="author" content="{site.value("NAME", "author")}">')
    for name, (kind, form) in HEADERS.items():
        site.add(f"/header-{name}", plain, headers={name: form.format(site.value(kind, "header"))})
    for kind in PARAMETERS:
        site.add(f"/query?{site.parameter(kind)}", plain)
        site.add(f"/moved-{kind}", "", status=302, headers={"Location": f"/target?{site.parameter(kind, 'location')}"})
        site.seeds.append(f"{base}/nowhere?{site.parameter(kind)}")  # answered with 404, and the address in it
        site.seeds.append(f"http://127.0.0.1:{closed_port}/refused?{site.parameter(kind, 'refused')}")
        site.seeds.append(f"https://127.0.0.1:{port}/tls?{site.parameter(kind, 'tls')}")
        site.seeds.append(f"http://no-host.invalid/dns?{site.parameter(kind, 'dns')}")
    for kind in ("EMAIL", "CARD", "IBAN"):
        site.add(f"/of/{quote(site.value(kind, 'path'))}/pictures", plain)
        site.add(f"/of/{quote(quote(site.value(kind, 'path twice escaped'), safe=''))}", plain)
    for status in (403, 404, 410, 451, 500):
        text = "".join(f"<p>{escape(site.sentence(kind, f'error {status}'))}</p>" for kind in KINDS)
        site.add(
            f"/error-{status}", text, status=status, head=f"<title>{escape(site.sentence('NAME', 'title'))}</title>"
        )
    links = "".join(
        f'<a href="/linked?{site.parameter(kind, "link")}">{escape(site.sentence(kind, "anchor"))}</a>, '
        for kind in PARAMETERS
    )
    mail = (
        f'<a href="mailto:{site.value("EMAIL", "link")}">write</a> <a href="tel:{site.value("PHONE", "link")}">call</a>'
    )
    site.add("/links", f"{plain}<p>{links}{mail}</p>{plain}")
    meta = "".join(f'<meta name="{kind.lower()}" content="{escape(site.value(kind, "meta"))}">' for kind in KINDS)
    json_ld = {
        "@type": "Article",
        "author": {"name": site.value("NAME", "json-ld"), "email": site.value("EMAIL", "json-ld")},
    }
    license_ = f'<link rel="license" href="https://licenses.example/by?{site.parameter("EMAIL", "license")}">'
    site.add("/meta", plain, head=f'{meta}{license_}<script type="application/ld+json">{json.dumps(json_ld)}</script>')
    listed = "".join(f"<url><loc>{base}/listed?{site.parameter(kind, 'sitemap')}</loc></url>" for kind in PARAMETERS)
    site.answers["/sitemap.xml"] = (
        200, {"Content-Type": "application/xml"},
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'.encode(),
    )  # fmt: skip
    robots = "".join(f"# {site.sentence(kind, 'robots')}\n" for kind in ("EMAIL", "PHONE", "NAME"))
    refused = site.parameter("EMAIL", "robots")
    site.answers["/robots.txt"] = (
        200, {"Content-Type": "text/plain"}, f"{robots}User-agent: *\nDisallow: /closed?{refused}\n".encode(),
    )  # fmt: skip
    site.seeds += [
        f"{base}/closed?{refused}",
        f"http://{site.value('EMAIL', 'user').replace('@', ':')}@127.0.0.1:{port}/meta",
    ]
    site.seeds += [f"mailto:{site.value('EMAIL', 'seed')}", f"tel:{site.value('PHONE', 'seed')}"]
    site.seeds += [f"not an address of {site.value('EMAIL', 'seed')}", f"{base}/{'x' * 9000}?{site.parameter('EMAIL')}"]
    site.seeds += [base + path for path in site.answers if path != "/robots.txt"]
    return site


@contextmanager
def served(seed: str) -> Iterator[Planted]:
    """Serve it on loopback."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and never listened to
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        site = plant(seed, server.server_port, closed.getsockname()[1])
        _Handler.site = site
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    site: Planted

    def do_GET(self) -> None:
        told = f"<html><body><p>No page at {escape(self.path)}</p></body></html>".encode()
        status, headers, body = self.site.answers.get(self.path, (404, {"Content-Type": "text/html"}, told))
        self.send_response(status)
        for name, content in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, content)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


# Looking for it


def texts(path: Path) -> Iterator[str]:
    """All that a file says, unpacked."""
    if path.suffix == ".parquet":
        for batch in pq.ParquetFile(path).iter_batches(1000):
            yield from (json.dumps(row, ensure_ascii=False, default=str) for row in batch.to_pylist())
        return
    if path.name.endswith(".jsonl.zst"):
        yield from (json.dumps(record, ensure_ascii=False, default=str) for record in shards.read(path))
        return
    if path.suffix == ".sqlite":
        yield from _rows(path)
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = raw.decode("utf-8", "replace")
    yield from (text[at : at + 100_000] for at in range(0, max(len(text), 1), 99_000))


def _rows(path: Path) -> Iterator[str]:
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        yield from (" ".join(map(str, row)) for row in database.execute(f'SELECT * FROM "{table}"'))
    database.close()


def searcher(site: Planted) -> Searcher:
    """Says which items stand in a text, in any case, percent-encoded once or twice, with digits in other groups."""
    page = Page("", "en", "", site.items)
    twice = [Item(one.kind, quote(quote(one.value, safe=""), safe=""), one.place) for one in site.items]
    all_escaped = [Item(one.kind, quote(one.value, safe=""), one.place) for one in site.items]
    return Searcher((page, one) for one in (*site.items, *twice, *all_escaped))


def found_in(folder: Path, site: Planted) -> dict[str, list[Item]]:
    """File -> the items that stand in it."""
    look = searcher(site)
    return {
        str(path.relative_to(folder)): items
        for path in sorted(folder.rglob("*"))
        if path.is_file() and (items := [item for text in texts(path) for _, item in look(text)])
    }
