"""The add-on in a project that is not ours (tests/addon): one line more in its settings, and nothing else."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests import warm
from tests.test_journeys import ROOT, lines, records

ONE_LINE = 'ADDONS = {"crawler.addon.PolicyAddon": 500}\n'
MAIL = "nora.quill@planted.example"
WORDS = (
    f"The keeper of the lighthouse wrote about the storms of that winter, and about the ships. Write to {MAIL}. " * 3
)
PAGE = "<html><head><title>{0}</title>{1}</head><body><main><h1>{0}</h1><p>{2}</p>{3}</main></body></html>"
NOAI = '<meta name="robots" content="noai">'


@dataclass(frozen=True)
class Ran:
    """One run of their project."""

    project: Path
    process: subprocess.CompletedProcess[str]
    requests: tuple[Request, ...]

    @property
    def out(self) -> Path:
        return self.project / "out"

    def results(self, policy: str = "jp") -> dict[str, str]:
        """Path -> result, from the ledger."""
        return {line["url"].split("/", 3)[3]: line["result"] for line in lines(self.out) if line["policy"] == policy}

    def items(self) -> dict[str, str]:
        """Path -> title, as their pipeline has them."""
        shelf = self.project / "shelf.jsonl"
        found = [json.loads(line) for line in shelf.read_text().splitlines()] if shelf.exists() else []
        assert all(item["seen"] == "yes" for item in found)
        return {item["path"]: item["title"] for item in found}

    def failed(self) -> dict[str, str]:
        """Path -> error, as their errback has them."""
        file = self.project / "failed.txt"
        return dict(line.split() for line in file.read_text().splitlines()) if file.exists() else {}


def page(title: str, *, head: str = "", words: str = WORDS, links: str = "") -> str:
    return PAGE.format(title, head, words, links)


@pytest.fixture
def site(httpserver: HTTPServer) -> HTTPServer:
    """A catalogue of two pages, and books of all kinds."""
    busy, broken = iter((429, 200, 200)), iter((500, 200))

    def books(numbers: range) -> str:
        return "".join(f'<a class="book" href="/book/{n}">{n}</a>' for n in numbers)

    def answer(request: Request) -> Response:
        name = request.path.removeprefix("/book/")
        headers, status, body = {}, 200, page(f"Book {name}").encode()
        if name == "1":
            body = page("Book 1", links='<a class="author" href="/author/1">author</a>').encode()
        elif name == "2":
            body = page("Book 2", head=NOAI, links='<a class="author" href="/author/2">author</a>').encode()
        elif name == "3":
            headers, body = {"Content-Encoding": "gzip"}, gzip.compress(body)
        elif name == "5":
            headers, status = {"Location": "/book/5b"}, 302
        elif name == "6":
            status = next(broken)
        elif name == "7":
            status, headers = next(busy), {"Retry-After": "1"}
        elif name == "8":
            status = 404
        elif name == "9":
            body = page("Book 9", head='<meta http-equiv="refresh" content="0; url=/book/9b">').encode()
        return Response(body, status=status, headers=headers, content_type="text/html")

    def serve(path: str, body: str) -> None:
        httpserver.expect_request(path).respond_with_data(body, content_type="text/html")

    httpserver.expect_request("/robots.txt").respond_with_data(
        "User-agent: *\nDisallow: /book/4\n", content_type="text/plain"
    )
    serve("/", page("Catalogue", links=books(range(1, 6)) + '<a class="next" href="/page-2">next</a>'))
    serve("/page-2", page("Catalogue", words="", links=books(range(6, 11))))
    serve("/author/1", page("Author 1"))
    httpserver.expect_request("/search", method="POST").respond_with_data(page("Found"), content_type="text/html")
    httpserver.expect_request("/book/10").respond_with_data(b"\x89PNG\r\n\x1a\n" + b"0" * 99, content_type="image/png")
    httpserver.expect_request(re.compile(r"/book/\w+")).respond_with_handler(answer)
    httpserver.expect_request(re.compile("/.*")).respond_with_data("", status=404)
    return httpserver


def run(site: HTTPServer, folder: Path, *arguments: str, settings: str = ONE_LINE, spider: str = "books") -> Ran:
    project = folder / "project"
    if not project.exists():
        shutil.copytree(ROOT / "tests" / "addon", project, ignore=shutil.ignore_patterns("__pycache__"))
        with (project / "books" / "settings.py").open("a", encoding="utf-8") as file:
            file.write(settings)
    ours = ("SCRAPY_SETTINGS_MODULE", "SCRAPY_PROJECT")  # as another test in this process may have left them
    clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower() and name not in ours}
    process = warm.run(
        *("crawl", spider, "-a", f"site={site.url_for('/').rstrip('/')}", *arguments),
        cwd=project, environment={**clean, "XDG_STATE_HOME": str(folder / "state")},
    )  # fmt: skip
    return Ran(project, process, tuple(request for request, _ in site.log))


FAST = ("-s", "PII_NAMES=False", "-s", "WORKERS=1", "-L", "WARNING")


@pytest.fixture
def ran(site: HTTPServer, tmp_path: Path) -> Ran:
    return run(site, tmp_path, "-a", "policy=jp,eu", "-a", "out=out", *FAST, "-O", "feed.jsonl")


def test_a_plain_spider(ran: Ran) -> None:
    """Every page has its line, each kept one its record; the spider sees what it may, and gets its own items."""
    assert ran.process.returncode == 0, ran.process.stderr
    assert "Traceback" not in ran.process.stderr
    assert ran.results() == {
        "": "kept",
        "page-2": "kept",
        "book/1": "kept",
        "author/1": "kept",
        "book/2": "held",
        "author/2": "dropped",
        "book/3": "kept",
        "book/4": "dropped",
        "book/5": "dropped",
        "book/5b": "kept",
        "book/6": "kept",
        "book/7": "kept",
        "book/8": "dropped",
        "book/9": "kept",
        "book/9b": "kept",
        "book/10": "dropped",  # there is no text in an image, but nobody refused it
    }
    assert len(lines(ran.out)) == 2 * len(ran.results())
    assert ran.items() == {
        "": "list",
        "page-2": "list",
        "book/1": "Book 1",
        "author/1": "Author 1",
        "search": "Found",
        "book/3": "Book 3",
        "book/5b": "Book 5b",
        "book/6": "Book 6",
        "book/7": "Book 7",
        "book/9b": "Book 9b",
        "book/10": "image",
    }
    assert ran.failed() == {"book/4": "RecordedError", "book/8": "HttpError"}
    feed = [json.loads(line) for line in (ran.project / "feed.jsonl").read_text().splitlines()]
    assert {item["path"]: item["title"] for item in feed} == ran.items()
    _politely(ran)
    _proved(ran)


def _politely(ran: Ran) -> None:
    """robots.txt once, as our agent; nothing that is refused was asked for; theirs still passes."""
    asked = Counter(request.path for request in ran.requests)
    assert asked["/robots.txt"] == 1
    assert asked["/book/4"] == 0
    assert (asked["/book/6"], asked["/book/7"], asked["/book/1"]) == (2, 2, 1)
    assert {request.headers["User-Agent"].split("/")[0] for request in ran.requests} == {"UsufructBot"}
    assert all(request.headers.get("X-Books") == "yes" for request in ran.requests)


def _proved(ran: Ran) -> None:
    """What is said at the end adds up, the shards are clean, and the audit proves the folder."""
    assert "jp: kept 10, dropped 5, held 1, failed 0, pending 0\n" in ran.process.stderr
    assert "1 items of pages that no policy kept were withheld" in ran.process.stderr
    assert "HTTPCACHE_ENABLED=True is not used" in ran.process.stderr
    clean = records(ran.out, "jp")
    assert len(clean) == 11  # one is held
    assert not any(MAIL in record["text"] for record in clean)
    verified = warm.run("audit", "verify", str(ran.out))
    assert verified.returncode == 0, verified.stdout


def test_a_page_that_all_refuse_is_not_shown(site: HTTPServer, tmp_path: Path) -> None:
    """The errback hears of it, and nothing that it leads to is asked for; of pages that are held no item goes on."""
    ran = run(site, tmp_path, "-a", "policy=eu", "-a", "out=out", *FAST, "-L", "INFO")
    assert ran.process.returncode == 0, ran.process.stderr
    assert ran.results("eu")["book/2"] == "dropped"
    withheld = re.search(r"(\d+) items of pages that no policy kept were withheld", ran.process.stderr)
    assert withheld
    assert f"'item_dropped_count': {withheld[1]},\n" in ran.process.stderr  # counted once
    assert ran.failed() == {"book/2": "RefusedPageError", "book/4": "RecordedError", "book/8": "HttpError"}
    assert not any(request.path == "/author/2" for request in ran.requests)
    assert set(ran.items()) == {"book/10"}


def test_one_line_an_address(site: HTTPServer, tmp_path: Path) -> None:
    """A page that comes again is judged again, and not written again; what was not fetched has no line and no items."""
    ran = run(site, tmp_path, "-a", "policy=jp", "-a", "out=out", *FAST, spider="again")
    assert ran.process.returncode == 0, ran.process.stderr
    assert [(line["url"].split("/", 3)[3], line["result"]) for line in lines(ran.out)] == [("author/1", "kept")]
    assert len(records(ran.out, "jp")) == 1
    assert "2 more answers of addresses that had their line" in ran.process.stderr
    shelf = (ran.project / "shelf.jsonl").read_text()
    assert shelf.count("Author 1") == 3
    assert "Made up" not in shelf


def test_a_job_goes_on(site: HTTPServer, tmp_path: Path) -> None:
    """With JOBDIR, as Scrapy users know it: the folder is taken up again, and no address has two lines."""
    arguments = ("-a", "policy=jp", "-a", "out=out", *FAST, "-s", "JOBDIR=job", "-s", "CONCURRENT_REQUESTS=1")
    first = run(site, tmp_path, *arguments, "-s", "CLOSESPIDER_ITEMCOUNT=2")
    before = len(lines(first.out))
    ran = run(site, tmp_path, *arguments)
    assert ran.process.returncode == 0, ran.process.stderr
    assert 0 < before < len(lines(ran.out))
    found = Counter(line["url"] for line in lines(ran.out))
    assert set(found.values()) == {1}
    assert {"book/1", "book/9b", "page-2"} <= ran.results().keys()


def test_a_crawl_spider(site: HTTPServer, tmp_path: Path) -> None:
    """The same by rules; policy and folder from the settings."""
    told = ONE_LINE + 'POLICY = "jp"\nOUT = "out"\n'
    ran = run(site, tmp_path, *FAST, settings=told, spider="catalogue")
    assert ran.process.returncode == 0, ran.process.stderr
    assert ran.results()["book/1"] == "kept"
    assert set(ran.items()) == {"book/1", "book/3", "book/5b", "book/6", "book/7", "book/9b", "book/10"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("-a", "out=out"), "-a policy= is missing"),
        (("-a", "policy=jpp", "-a", "out=out"), "jpp"),
        (("-a", "policy=jp", "-a", "out=books"), "-a out=books: is not empty"),
        (("-a", "policy=jp", "-a", "out=out", "-a", "contact=nobody"), "-a contact=nobody: neither"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_fetched(
    arguments: tuple[str, ...], says: str, site: HTTPServer, tmp_path: Path
) -> None:
    """In words, on standard error."""
    ran = run(site, tmp_path, *arguments, *FAST)
    assert says in ran.process.stderr
    assert "the crawl does not start" in ran.process.stderr
    assert "Traceback" not in ran.process.stderr
    assert not ran.requests
    assert not ran.out.exists()


def test_why_figures_cannot_be_told_is_said(site: HTTPServer, tmp_path: Path) -> None:
    """In words, on standard error; with another setting it goes on, since it has not begun."""
    given = ("-a", "policy=jp", "-a", "out=out", *FAST)
    ran = run(site, tmp_path, *given, "-s", "METRICS_LISTEN=9410")
    assert "usufruct: METRICS_LISTEN=9410: give HOST:PORT" in ran.process.stderr
    assert not ran.requests
    ran = run(site, tmp_path, *given, "-s", "RESUME=True")
    assert ran.results()["book/1"] == "kept"


def test_a_private_address_is_refused_and_it_is_said_how_to_let_it_in(site: HTTPServer, tmp_path: Path) -> None:
    """As for our own spider: what is not public is not fetched."""
    ran = run(site, tmp_path, "-a", "policy=jp", "-a", "out=out", *FAST, "-s", "ALLOWED_PRIVATE_NETWORKS=")
    assert (ran.results(), ran.requests, ran.items()) == ({"": "dropped"}, (), {})
    assert "1 addresses were refused as not public; ALLOWED_PRIVATE_NETWORKS" in ran.process.stderr


def test_a_name_that_leads_inside_is_not_followed(site: HTTPServer, tmp_path: Path) -> None:
    """Nothing is asked of it, not even robots.txt; the process has a resolver of the project's own."""
    settings = ONE_LINE + 'import socket\nsocket.gethostbyname = lambda name: "127.0.0.1"\n'
    inside = ("-a", f"site=http://planted.example:{site.port}", "-s", "CONTACT=a@operator.example")
    ran = run(
        site, tmp_path, "-a", "policy=jp", "-a", "out=out", *FAST, *inside, "-s", "ALLOWED_PRIVATE_NETWORKS=",
        settings=settings,
    )  # fmt: skip
    assert ran.requests == ()
    assert ran.results() == {"": "dropped"}
    assert "1 addresses were refused as not public" in ran.process.stderr


def test_without_the_line_nothing_of_ours_happens(site: HTTPServer, tmp_path: Path) -> None:
    """Their project stands on its own."""
    ran = run(site, tmp_path, *FAST, settings="")
    assert ran.process.returncode == 0, ran.process.stderr
    assert "book/2" in ran.items()
    assert not ran.out.exists()
