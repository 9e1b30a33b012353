"""Kill a real crawl with SIGKILL at random moments, go on with it, and see whether anything was lost or doubled.

    python -m benchmarks.crash [--kills 100] [--pages 1500] [--seed 1] [--most-kills-a-crawl 25]

The site stands on loopback: pages that are kept, held, dropped by robots.txt or a header, redirected, broken, listed in
a sitemap; links lead from page to page, so a link that is lost is a page that is lost. The same site is crawled once
without disturbance, and outcome by outcome must be the same. Prints one line a crawl, then the sum; exit code 1 when
anything is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from crawler import shards
from crawler.document import url_id

ROOT = Path(__file__).resolve().parent.parent
POLICIES = "jp,us"
SETTINGS = {"PII_NAMES": "False", "DOWNLOAD_DELAY": "0", "CONCURRENT_REQUESTS_PER_DOMAIN": "8", "WORKERS": "1",
            "ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8", "FRONTIER_MAX": "40"}  # fmt: skip
WORDS = "The lighthouse at the end of the pier was lit again on Sunday, after many years of darkness. "
FANOUT = 7
Results = dict[tuple[str, str], str]  # SHA-256 of the URL and policy -> result


class Asked(NamedTuple):
    """One line of a site's access log: what was asked for, when, and when the answer was sent (monotonic seconds)."""

    path: str
    began: float
    ended: float


class Site(ThreadingHTTPServer):
    """A site on loopback. Page n links to pages FANOUT * n + 1, ...; `asked` counts what was asked for."""

    daemon_threads = True

    def __init__(self, pages: int, host: str = "127.0.0.1") -> None:
        self.pages, self.host, self.asked = pages, host, Counter[str]()
        self.log: list[Asked] = []
        super().__init__((host, 0), _Handler)
        Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A crawl that was killed does not listen to the end."""

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.server_address[1]}"

    def answer(self, path: str) -> tuple[int, dict[str, str], str]:
        """Status, headers and body."""
        self.asked[path] += 1
        if path == "/robots.txt":
            return 200, {"Content-Type": "text/plain"}, "User-agent: *\nDisallow: /p/11\n"
        if path == "/sitemap.xml":
            listed = "".join(f"<url><loc>{self.address}/listed/{n}</loc></url>" for n in range(self.pages // 10))
            return 200, {"Content-Type": "application/xml"}, f"<urlset>{listed}</urlset>"
        folder, _, name = path[1:].partition("/")
        if folder not in ("p", "listed") or not name.isdecimal():
            return 404, {"Content-Type": "text/plain"}, "nothing"
        number = int(name)
        if number % 17 == 3 and folder == "p":
            return 301, {"Location": f"/listed/{number}"}, ""
        if number % 23 == 5:
            return 500, {}, ""
        headers = {"Content-Type": "text/html; charset=utf-8"}
        if number % 13 == 4:
            headers["X-Robots-Tag"] = "noai"
        if number % 19 == 6:
            headers["tdm-reservation"] = "1"
        return 200, headers, self._page(number, links=folder == "p")

    def _page(self, number: int, *, links: bool) -> str:
        """Text with a mailbox, then the links."""
        first = FANOUT * number + 1
        below = range(first, min(first + FANOUT, self.pages)) if links else ()
        anchors = "".join(f'<a href="/p/{n}">{n}</a> ' for n in below)
        text = f"<p>{WORDS * 4}</p><p>Page {number} was written by reader{number}@mail.example.org.</p>"
        return f"<html><head><title>Page {number}</title></head><body><main>{text}</main>{anchors}</body></html>"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        began = time.monotonic()
        status, headers, body = self.server.answer(self.path)
        content = body.encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        ended = time.monotonic()  # before it is sent: afterwards whoever asked may be faster than we are
        self.server.log.append(Asked(self.path, began, ended))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@dataclass(slots=True)
class Crawl:
    """One crawl of a site, and how it fared.

    Attributes:
        kills: How often it was killed.
        problems: What is wrong with what it left.
        said: Its last output.
    """

    site: Site
    out: Path
    kills: int = 0
    problems: list[str] = field(default_factory=list)
    said: str = ""

    def command(self, *more: str) -> list[str]:
        """The command, the same for the first run and those that go on."""
        seeds = self.out.with_suffix(".seeds")
        paths = ("/p/0", "/sitemap.xml", "/gone")
        seeds.write_text("".join(f"{self.site.address}{path}\n" for path in paths) + "not an address\n")
        arguments = {"seeds": str(seeds), "policy": POLICIES, "out": str(self.out), "follow": "12", "scope": "host"}
        given = [part for name, value in arguments.items() for part in ("-a", f"{name}={value}")]
        settings = [part for name, value in SETTINGS.items() for part in ("-s", f"{name}={value}")]
        return [sys.executable, "-m", "scrapy", "crawl", "web", *given, *settings, *more]

    def run(self, *more: str, kill_after: float | None = None, limit: int | None = None) -> int:
        """Run it, kill it after so many seconds; its exit code, -9 when it was killed."""
        options = {"cwd": ROOT, "text": True, "start_new_session": True, "env": {**os.environ, "NO_PROXY": "*"}}
        prefix = ["prlimit", f"--fsize={limit}"] if limit else []
        with tempfile.TemporaryFile("w+") as console:
            process = subprocess.Popen([*prefix, *self.command(*more)], stdout=console, stderr=console, **options)  # type: ignore[call-overload]
            try:
                code: int = process.wait(kill_after)
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)  # its workers must notice by themselves
                process.wait()
                self.kills += 1
                code = -signal.SIGKILL
            console.seek(0)
            self.said = console.read()
        return code

    def check(self, expected: Results | None = None, *, verify: bool = True) -> Results:
        """Hold what it left against the promises; results by URL and policy."""
        found = dict(self._outcomes())
        if expected is not None and found != expected:
            lost, strange = expected.keys() - found.keys(), found.keys() - expected.keys()
            other = [key for key in expected.keys() & found.keys() if expected[key] != found[key]]
            self.problems.append(f"{len(lost)} outcomes lost, {len(strange)} strange, {len(other)} other {other[:3]}")
        self._check_records(found)
        self._check_files()
        if verify:
            self._verify()
        return found

    def _verify(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "scrapy", "audit", "verify", str(self.out)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode or not done.stdout.endswith("OK\n"):
            self.problems.append("verify: " + done.stdout[-600:] + done.stderr[-300:])

    def _outcomes(self) -> Iterator[tuple[tuple[str, str], str]]:
        seen = Counter[tuple[str, str]]()
        for path in sorted((self.out / "ledger").glob("*.jsonl")):
            for content in path.read_bytes().splitlines():
                line = json.loads(content)
                if "result" in line:
                    key = (line["url_sha256"], line["policy"])
                    seen[key] += 1
                    if seen[key] > 1:
                        self.problems.append(f"two outcomes: {line['url']} under {line['policy']}")
                    yield key, line["result"]

    def _check_records(self, found: Results) -> None:
        for policy in POLICIES.split(","):
            for below, result in (("", "kept"), ("review", "held")):
                folder = self.out / policy / below
                ids = [str(r["id"]) for path in sorted(folder.glob("*.parquet")) for r in shards.read(path)]
                wanted = {f"{name}:{policy}" for (name, of), got in found.items() if of == policy and got == result}
                if len(ids) != len(set(ids)) or set(ids) != wanted:
                    what = f"{len(ids)} records, {len(set(ids))} different, {len(wanted)} {result}"
                    self.problems.append(f"{policy}/{below}: {what}")

    def _check_files(self) -> None:
        left = [
            p.name for p in self.out.rglob("*") if p.name.endswith((".part", ".journal")) or "state.sqlite" in p.name
        ]
        if left:
            self.problems.append(f"left behind: {', '.join(left)}")
        evidence = sorted(map(str, self.out.glob("evidence/*.warc.gz"))) + sorted(map(str, self.out.glob("bodies/*")))
        check = subprocess.run(
            [sys.executable, "-c", "from warcio.cli import main; main()", "check", *evidence],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if check.returncode:
            self.problems.append("warcio: " + (check.stdout + check.stderr)[-400:])


def undisturbed(site: Site, folder: Path) -> Results:
    """Results of a crawl that nobody kills. Raises RuntimeError when it is not as it should be."""
    crawl = Crawl(site, folder)
    code = crawl.run()
    found = crawl.check()
    expected = len(POLICIES.split(",")) * len(accepted(site))
    if code or crawl.problems or len(found) != expected:
        raise RuntimeError(f"exit {code}, {len(found)} of {expected} outcomes, {crawl.problems}\n{crawl.said[-2000:]}")
    return found


def accepted(site: Site) -> set[str]:
    """Names of all addresses that a crawl of the site comes upon."""
    paths = {"/p/0", "/sitemap.xml", "/gone", *(f"/listed/{n}" for n in range(site.pages // 10))}
    todo = [0]
    for number in todo:
        if number % 17 == 3:
            paths.add(f"/listed/{number}")
        elif number % 23 != 5 and not str(number).startswith("11"):
            below = range(FANOUT * number + 1, min(FANOUT * number + 1 + FANOUT, site.pages))
            todo += below
            paths |= {f"/p/{n}" for n in below}
    return {url_id(site.address + path) for path in paths} | {url_id("not an address")}


def disturbed(
    site: Site, folder: Path, expected: Results, *, kills: int, chance: random.Random, longest: float
) -> Crawl:
    """A crawl that is killed at random moments until it has been killed so often, or is done."""
    crawl = Crawl(site, folder)
    code = -signal.SIGKILL
    while crawl.kills < kills and code == -signal.SIGKILL:
        code = crawl.run("--resume", kill_after=chance.uniform(0.2, longest))
    if code == -signal.SIGKILL:
        code = crawl.run("--resume")
    if code:
        crawl.problems.append(f"exit {code}: {crawl.said[-1500:]}")
    crawl.check(expected)
    return crawl


def main() -> int:
    """Crawl after crawl until there were as many kills as asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--pages", type=int, default=1_500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most-kills-a-crawl", type=int, default=25)
    asked = parser.parse_args()
    chance, site, wrong, kills, number = random.Random(asked.seed), Site(asked.pages), 0, 0, 0
    os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp()
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        expected = undisturbed(site, Path(folder, "undisturbed"))
        longest = time.monotonic() - began
        print(f"undisturbed: {len(expected)} outcomes in {longest:.1f} s, {site.asked.total()} requests", flush=True)
        while kills < asked.kills:
            number += 1
            site.asked.clear()
            most = min(asked.most_kills_a_crawl, asked.kills - kills)
            crawl = disturbed(
                site, Path(folder, str(number)), expected, kills=most, chance=chance, longest=longest * 0.8
            )
            kills += crawl.kills
            wrong += bool(crawl.problems)
            print(
                f"crawl {number}: {crawl.kills} kills, {site.asked.total()} requests, {crawl.problems or 'all there'}",
                flush=True,
            )
    print(f"{kills} kills in {number} crawls, {wrong} crawls with something lost or doubled")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
