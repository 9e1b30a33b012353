"""The commands as an operator meets them: what they take, what they refuse, and what they leave when they fail."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from ruamel.yaml import YAML
from werkzeug import Request, Response

from tests.test_journeys import FAST, lines, scrapy

ERRORS = YAML(typ="safe", pure=True).load((Path(__file__).parent / "crawl" / "errors.yaml").read_text(encoding="utf-8"))
PAGE = "<html><body><main><p>{}</p></main>{}</body></html>"
WORDS = "The lighthouse at the end of the pier was lit again on Sunday, after many years of darkness. " * 3


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in ERRORS])
def test_what_cannot_be_done_is_said_and_leaves_nothing(row: dict[str, Any], tmp_path: Path) -> None:
    """One clear message, an exit code that is not 0, no traceback, no folder."""
    (tmp_path / "bad.yaml").write_text(
        "profile: bad\ntitle: Bad\nsummary: x\nrules: [{id: bad.x, when: {noia: true}}]\n"
    )
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").touch()
    (tmp_path / "text.txt").write_text("http://127.0.0.1:9/\n")
    process = scrapy(*(str(part).replace("TMP", str(tmp_path)) for part in row["command"]))
    assert process.returncode != 0
    for words in row["says"]:
        assert words in process.stderr
    assert "Traceback" not in process.stderr
    assert not (tmp_path / "out").exists()


@pytest.fixture
def site(httpserver: HTTPServer) -> HTTPServer:
    """A site whose /<n> links to /<n+1>, and /bulk/<n> to nothing."""

    def answer(request: Request) -> Response:
        name = request.path.rsplit("/", 1)[1]
        link = f'<a href="/{int(name) + 1}">next</a>' if request.path == f"/{name}" and name.isdigit() else ""
        return Response(PAGE.format(WORDS + name, link), content_type="text/html")

    httpserver.expect_request("/robots.txt").respond_with_data(
        "User-agent: *\nDisallow: /4\n", content_type="text/plain"
    )
    httpserver.expect_request("/.well-known/tdmrep.json").respond_with_data("", status=404)
    for pattern in (r"/\d+", r"/bulk/\d+"):
        httpserver.expect_request(re.compile(pattern)).respond_with_handler(answer)
    return httpserver


def crawl(out: Path, *arguments: str, stdin: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    return scrapy(
        "crawl", "web", "-a", f"out={out}", *FAST, "-s", "PII_NAMES=False", *arguments, stdin=stdin, **options
    )


def paths(out: Path) -> dict[str, str]:
    """Path -> result under jp."""
    return {"/" + line["url"].split("/", 3)[3]: line["result"] for line in lines(out) if line["policy"] == "jp"}


def test_a_feed_on_standard_input_is_crawled_whole(site: HTTPServer, tmp_path: Path) -> None:
    """No address of a long feed is lost; one that stands twice is one; what is no address is recorded as such."""
    feed = [site.url_for(f"/bulk/{n}") for n in range(250)]
    process = crawl(
        tmp_path / "out",
        "-a",
        "seeds=-",
        "-a",
        "policy=jp",
        "-a",
        "contact=a@operator.example",
        "-s",
        "CONCURRENT_REQUESTS_PER_DOMAIN=8",
        stdin="\n".join([*feed, feed[0], "# note", "no address"]),
    )
    assert process.returncode == 0, process.stderr
    found = {line["url"]: line for line in lines(tmp_path / "out")}
    assert len(found) == len(lines(tmp_path / "out")) == 251
    assert all(found[url]["result"] == "kept" for url in feed)
    assert found["no address"]["rule"] == "base.fetch-refused"


def test_links_are_followed_as_deep_as_asked_and_not_from_refused_pages(site: HTTPServer, tmp_path: Path) -> None:
    """/4 is refused by robots.txt, so /5 is never heard of."""
    process = crawl(tmp_path / "out", "-a", f"seeds={site.url_for('/0')}", "-a", "policy=jp", "-a", "follow=9")
    assert process.returncode == 0, process.stderr
    assert paths(tmp_path / "out") == {"/0": "kept", "/1": "kept", "/2": "kept", "/3": "kept", "/4": "dropped"}


def test_limit_and_list_of_seeds(site: HTTPServer, tmp_path: Path) -> None:
    """At most so many addresses; a comma list; JSONL.zst shards; two policies and their union."""
    seeds = ",".join(site.url_for(f"/bulk/{n}") for n in range(9))
    process = crawl(
        tmp_path / "out", "-a", f"seeds={seeds}", "-a", "policy=jp,us,jp+us", "-a", "limit=5", "-a", "format=jsonl.zst"
    )
    assert process.returncode == 0, process.stderr
    assert len(paths(tmp_path / "out")) == 5
    assert {path.name for path in (tmp_path / "out").glob("j*/0*")} == {"00000.jsonl.zst"}
    assert scrapy("audit", "verify", str(tmp_path / "out")).returncode == 0


def test_private_addresses_are_refused_unless_allowed(site: HTTPServer, tmp_path: Path) -> None:
    """The site itself is on loopback: without the operator's word it is refused, recorded, and never asked."""
    seeds = ",".join(("http://10.1.2.3/", site.url_for("/bulk/1"), "http://localhost:9/", "http://[::1]:9/"))
    arguments = (
        "-a",
        f"seeds={seeds}",
        "-a",
        "policy=jp",
        "-a",
        "contact=a@operator.example",
        "-a",
        f"out={tmp_path / 'out'}",
    )
    process = scrapy("crawl", "web", *arguments)
    assert process.returncode == 0, process.stderr
    assert {line["rule"] for line in lines(tmp_path / "out")} == {"base.fetch-refused"}
    assert len(lines(tmp_path / "out")) == 4
    assert not site.log


def test_links_wait_on_the_disk_and_none_is_lost(site: HTTPServer, tmp_path: Path) -> None:
    """With room for three addresses in memory, a page of 60 links is still followed whole."""
    links = "".join(f'<a href="/bulk/{n}">x</a>' for n in range(60))
    site.expect_request("/hub").respond_with_data(PAGE.format(WORDS, links), content_type="text/html")
    process = crawl(
        tmp_path / "out",
        *("-a", f"seeds={site.url_for('/hub')}", "-a", "policy=jp", "-a", "follow=1", "-s", "FRONTIER_MAX=3"),
        *("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8"),
    )
    assert process.returncode == 0, process.stderr
    assert len(paths(tmp_path / "out")) == 61
    assert set(paths(tmp_path / "out").values()) == {"kept"}
