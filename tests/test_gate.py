"""What must not be asked for is not: hostile addresses, sitemaps, hosts that want quiet; seen from the server."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.test_crawl import PAGE, WORDS, crawl, paths
from tests.test_journeys import lines, scrapy

ASKED: list[tuple[float, str]] = []


@pytest.fixture
def site(httpserver: HTTPServer) -> HTTPServer:
    """A site that answers every path with a page; what a test says before stands."""
    ASKED.clear()
    return httpserver


def page(links: str = "") -> Response:
    return Response(PAGE.format(WORDS, links), content_type="text/html")


def serve(site: HTTPServer, path: str, response: Response) -> None:
    """Answer a path, and remember when it was asked for."""

    def answer(request: Request) -> Response:
        ASKED.append((time.monotonic(), request.path))
        return response

    site.expect_request(path).respond_with_handler(answer)


def serve_robots(site: HTTPServer, text: str) -> None:
    serve(site, "/robots.txt", Response(text, content_type="text/plain"))


def asked() -> list[str]:
    return [path for _, path in ASKED]


def run(site: HTTPServer, out: Path, *seeds: str, options: tuple[str, ...] = ()) -> dict[str, str]:
    process = crawl(out, "-a", f"seeds={','.join(map(site.url_for, seeds))}", "-a", "policy=jp", *options)
    assert process.returncode == 0, process.stderr
    return paths(out)


def test_dots_in_a_path_do_not_lead_round_robots_txt(site: HTTPServer, tmp_path: Path) -> None:
    """RFC 3986 section 5.2.4: the address is judged as the server reads it, escaped dots included."""
    serve_robots(site, "User-agent: *\nDisallow: /private/\n")
    links = '<a href="/public/../private/a">1</a><a href="/x/%2e%2e/private/b">2</a>'
    serve(site, "/hub", page(links))
    found = run(site, tmp_path / "out", "/hub", options=("-a", "follow=1"))
    assert found == {"/hub": "kept", "/private/a": "dropped", "/private/b": "dropped"}
    assert set(asked()) == {"/robots.txt", "/hub"}


def test_a_site_file_that_robots_txt_refuses_is_not_asked_for(site: HTTPServer, tmp_path: Path) -> None:
    """tdmrep.json lies below /.well-known/ like any other file."""
    serve_robots(site, "User-agent: *\nDisallow: /\nAllow: /open\n")
    serve(site, "/open", page())
    assert run(site, tmp_path / "out", "/open") == {"/open": "kept"}
    assert asked() == ["/robots.txt", "/open"]


def test_a_host_that_asks_for_quiet_gets_it_from_all_its_pages(site: HTTPServer, tmp_path: Path) -> None:
    """Also from those that wait in the downloader already (RFC 9110 section 10.2.3)."""
    serve_robots(site, "")
    serve(site, "/busy", Response(status=503, headers={"Retry-After": "3"}))
    for n in range(4):
        serve(site, f"/{n}", page())
    found = run(site, tmp_path / "out", "/busy", *(f"/{n}" for n in range(4)), options=("-s", "DOWNLOAD_DELAY=0.2"))
    assert found == {"/busy": "failed", **{f"/{n}": "kept" for n in range(4)}}
    refusals = [moment for moment, path in ASKED if path == "/busy"]
    for refusal in refusals:
        assert not [path for moment, path in ASKED if refusal < moment < refusal + 2.9]


def test_asked_to_wait_for_longer_than_we_wait_we_leave(site: HTTPServer, tmp_path: Path) -> None:
    """The page and the host's others are failed, and nothing more is asked for."""
    serve_robots(site, "")
    serve(site, "/busy", Response(status=429, headers={"Retry-After": "9000"}))
    serve(site, "/next", page())
    options = ("-s", "DOWNLOAD_DELAY=0.5", "-s", "CONCURRENT_REQUESTS=1")
    assert run(site, tmp_path / "out", "/busy", "/next", options=options) == {"/busy": "failed", "/next": "failed"}
    assert "/next" not in asked()


def test_a_long_robots_txt_is_read_to_its_bound(site: HTTPServer, tmp_path: Path) -> None:
    """RFC 9309 section 2.5: 500 KiB are enough; what comes after is nothing."""
    serve_robots(site, "User-agent: *\nDisallow: /no\n" + "# " + "x" * 3_000_000 + "\nDisallow: /yes\n")
    serve(site, "/yes", page())
    assert run(site, tmp_path / "out", "/yes", "/no") == {"/yes": "kept", "/no": "dropped"}


def test_a_sitemap_that_a_link_leads_to_opens_no_other_host(site: HTTPServer, tmp_path: Path) -> None:
    """Only sitemaps among the seeds are lists of seeds; one that names itself, or the next, comes to an end."""
    serve_robots(site, "")
    serve(site, "/hub", page('<a href="/linked.xml">map</a>'))
    elsewhere = "<urlset><url><loc>http://other.localhost:9/</loc></url><url><loc>/a</loc></url></urlset>"
    serve(site, "/linked.xml", Response(elsewhere, content_type="application/xml"))
    for n in range(9):
        chain = f"<urlset><url><loc>/{n}.xml</loc></url><url><loc>/{n + 1}.xml</loc></url></urlset>"
        serve(site, f"/{n}.xml", Response(chain, content_type="application/xml"))
    found = run(site, tmp_path / "out", "/hub", "/0.xml", options=("-a", "follow=1"))
    assert set(found) == {"/hub", "/linked.xml", "/0.xml", "/1.xml", "/2.xml", "/3.xml"}


def test_the_limit_counts_pages_not_sitemaps(site: HTTPServer, tmp_path: Path) -> None:
    """An index of two sitemaps of five pages each, and room for four."""
    serve_robots(site, "")
    index = "<sitemapindex>" + "".join(f"<sitemap><loc>/s{n}.xml</loc></sitemap>" for n in range(2)) + "</sitemapindex>"
    serve(site, "/index.xml", Response(index, content_type="application/xml"))
    for n in range(2):
        urls = "".join(f"<url><loc>/p{n}{m}</loc></url>" for m in range(5))
        serve(site, f"/s{n}.xml", Response(f"<urlset>{urls}</urlset>", content_type="application/xml"))
        for m in range(5):
            serve(site, f"/p{n}{m}", page())
    found = run(site, tmp_path / "out", "/index.xml", options=("-a", "limit=4"))
    assert sum(result == "kept" for result in found.values()) == 4


def test_no_log_line_shows_an_identifier(site: HTTPServer, tmp_path: Path) -> None:
    """Scrapy's own warnings name addresses; an e-mail in one is masked."""
    serve_robots(site, "")
    big = Response(b"x" * 3000, content_type="text/html")
    serve(site, "/big", big)
    seed = f"seeds={site.url_for('/big')}?email=jane.roe@example.com"
    process = crawl(tmp_path / "out", "-a", seed, "-a", "policy=jp", "-s", "DOWNLOAD_MAXSIZE=1000", "-L", "DEBUG")
    assert "download max size" in process.stderr
    assert "jane.roe" not in process.stderr + process.stdout
    assert lines(tmp_path / "out")[0]["rule"] == "base.fetch-refused"
    assert not [path for path in (tmp_path / "out").rglob("*.jsonl") if b"jane.roe" in path.read_bytes()]


def test_what_is_no_address_is_judged_from_the_archive_too(site: HTTPServer, tmp_path: Path) -> None:
    """It ends nothing there, and has the line that the crawl gave it."""
    serve_robots(site, "User-agent: *\nDisallow: /no\n")
    serve(site, "/yes", page())
    seeds = ",".join((site.url_for("/yes"), "http://[::bad/", site.url_for("/no")))
    assert crawl(tmp_path / "out", "-a", f"seeds={seeds}", "-a", "policy=jp").returncode == 0
    process = scrapy(
        "judge", str(tmp_path / "out"), "-a", "policy=jp", "-a", f"out={tmp_path / 'again'}", "-s", "PII_NAMES=0"
    )
    assert process.returncode == 0, process.stderr
    told = [
        sorted((line["url"], line["result"], line["rule"]) for line in lines(folder))
        for folder in (tmp_path / "out", tmp_path / "again")
    ]
    assert told[0] == told[1]
    assert len(told[0]) == 3


RESERVED = "<h1>利用規約</h1><p>本サイトのコンテンツをAIの学習に利用することを禁止します。</p>"


def test_site_files_say_the_same_in_the_crawl_and_from_the_archive(site: HTTPServer, tmp_path: Path) -> None:
    """Also in the encoding that only a header names, and where a site file was a seed, too."""
    serve_robots(site, "User-agent: *\nDisallow: /no\n")
    serve(site, "/yes", page('<a href="/terms">利用規約</a>'))
    serve(site, "/terms", Response(RESERVED.encode("shift_jis"), content_type="text/html; charset=Shift_JIS"))
    seeds = ",".join(map(site.url_for, ("/yes", "/robots.txt", "/no")))
    options = ("-a", "policy=jp,eu", "-a", "bodies=all", "-s", "PII_NAMES=0")
    assert crawl(tmp_path / "out", "-a", f"seeds={seeds}", *options).returncode == 0
    process = scrapy("judge", str(tmp_path / "out"), *options, "-a", f"out={tmp_path / 'again'}")
    assert process.returncode == 0, process.stderr
    crawled, judged = (
        {(line["url"], line["policy"]): (line["result"], line["rules"], line["note"]) for line in lines(folder)}
        for folder in (tmp_path / "out", tmp_path / "again")
    )
    assert judged == crawled
    assert len(crawled) == 6
    assert crawled[site.url_for("/yes"), "eu"][1] == ["eu.terms"]


def test_a_site_file_is_not_had_by_a_redirect_to_what_robots_txt_refuses(site: HTTPServer, tmp_path: Path) -> None:
    """The page is judged without it."""
    serve_robots(site, "User-agent: *\nDisallow: /private/\n")
    serve(site, "/ai.txt", Response(status=302, headers={"Location": "/private/ai.txt"}))
    serve(site, "/private/ai.txt", Response("User-Agent: *\nDisallow: /", content_type="text/plain"))
    serve(site, "/yes", page())
    run(site, tmp_path / "out", "/yes")
    assert "/ai.txt" in asked()
    assert "/private/ai.txt" not in asked()


def test_a_site_file_that_asks_for_quiet_gets_it(site: HTTPServer, tmp_path: Path) -> None:
    """Neither the page nor any other file is asked for."""
    serve_robots(site, "")
    serve(site, "/ai.txt", Response(status=429, headers={"Retry-After": "3600"}))
    serve(site, "/yes", page())
    assert run(site, tmp_path / "out", "/yes") == {"/yes": "failed"}
    assert asked()[-1] == "/ai.txt"
