"""The audit in headless Chromium: every page, light and dark, wide and narrow; by keyboard; reviews; hostile data."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from crawler.audit.crawl_folder import open_crawl
from crawler.audit.line import printable
from crawler.audit.verify import verify
from crawler.auditing import report as audit_report
from crawler.auditing import serve as audit_serve
from crawler.auditing.verify import READERS
from crawler.browser import index
from crawler.browser.report import report
from crawler.document import url_id
from crawler.durable import locked
from tests.__main__ import find
from tests.browser_crawl import HOSTILE, OUTSIDE, RESERVED, WAITING, WORDS, make_run

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
Page = Any

ROOT = Path(__file__).parent.parent
CHROMIUM = find("chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine (apt-get install chromium)")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]  # fmt: skip
NAME = url_id(RESERVED)
PAGES = {
    "overview": "/",
    "site": "/site/news.example",
    "rule": "/rule/eu.reservation",
    "url": f"/url/{NAME}",
    "waiting": f"/url/{url_id(WAITING)}",
    "pages": "/search",
    "search": "/search?q=news",
    "differing": "/search?differ=jp%2Ceu",
    "jobs": "/jobs",
    "queue": "/review",
    "record": f"/review/{NAME}/jp",
    "dashboard": "/-/dashboards/outcomes",
    "chart": "/-/dashboards/outcomes/outcomes_by_rule",
    "tables": "/crawl",
    "table": "/crawl/outcomes?_facet=outcome",
    "hostile": f"/url/{url_id(HOSTILE)}",
    "hostile record": f"/review/{url_id(HOSTILE)}/jp",
    "hostile rule": f"/rule/{quote(printable(WORDS), safe='')}",
}


@dataclass(frozen=True)
class Served:
    """A crawl and where it is served."""

    crawl: Path
    base: str
    token: str

    @property
    def port(self) -> int:
        return int(self.base.rpartition(":")[2])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`scrapy audit serve --review` of a crawl of its own."""
    folder = tmp_path_factory.mktemp("browser")
    crawl = make_run(folder / "collections")
    command = [sys.executable, "-m", "scrapy", "audit", "serve", str(crawl), "--review", "--port", "0"]
    command += ["-s", f"LEDGER_KEY={crawl.parent / 'ledger.key'}"]
    env = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline() + process.stdout.readline()
        found = re.search(r"(http://127\.0\.0\.1:\d+)/review\?token=(\S+)", said)
        assert found, said
        yield Served(crawl, found[1], found[2])
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Watched:
    """A page of which every request and complaint is written down."""

    def __init__(self, context: Any, base: str) -> None:
        self.page, self.base, self.complaints = context.new_page(), base, list[str]()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url[:200]}"))
        self.page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning") and "Dropping" not in message.text:
            self.complaints.append(f"{message.type}: {message.text[:300]}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((f"{self.base}/", "data:", "blob:")):
            self.complaints.append(f"asked {request.url[:200]}")

    def go(self, path: str, status: int = 200) -> Page:
        answer = self.page.goto(self.base + path)
        assert answer.status == status, f"{path}: {answer.status}"
        return self.page


@pytest.fixture
def watched(chromium: Any, served: Served, request: pytest.FixtureRequest) -> Iterator[Watched]:
    """A page of its own, let in for reviews; at the end nobody may have complained."""
    options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **getattr(request, "param", {})}
    context = chromium.new_context(**options)
    found = Watched(context, served.base)
    found.go(f"/review?token={served.token}")
    yield found
    context.close()
    assert found.complaints == []


# Contrast by WCAG 2.1, 1.4.3, of each text against the nearest background that is not transparent.
CONTRAST = """() => {
  const channel = (value) => { const c = value / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const parts = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const under = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = parts(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [20, 23, 26] : [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.getClientRects().length || element.closest("svg, script, .vega-bind, option")) continue;
    const [a, b] = [luminance(parts(getComputedStyle(element).color)), luminance(under(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const words = `${element.tagName}.${element.className} ${element.textContent.trim().slice(0, 40)}`;
    if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${words}`);
  }
  return found.slice(0, 5);
}"""
STRUCTURE = """() => {
  const found = [];
  if (document.documentElement.lang !== "en") found.push("no language");
  if (document.querySelectorAll("main").length !== 1) found.push("not one main");
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  for (const table of document.querySelectorAll("main table")) {
    if (!table.caption) found.push("a table without caption");
    if (table.querySelector("thead th:not([scope=col])")) found.push("a head without scope");
  }
  for (const input of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!input.labels.length && !input.ariaLabel && !input.closest(".vega-bind")) found.push(`no label: ${input.name}`);
  if (document.querySelector("main svg[role=img]:not([aria-label])")) found.push("a drawing without words");
  if (document.querySelector("[style], [onclick], [onerror], [onload], img, iframe, object")) {
    if (!document.querySelector(".drawing")) found.push("style, handler or embedded thing");
  }
  return found;
}"""
LINKS = """() => [...document.querySelectorAll("a[href]")].filter((link) => new URL(link.href).host !== location.host)
  .map((link) => `a link to ${link.href.slice(0, 80)}`)"""
DATASETTE = ("tables", "table")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390, 360])
def test_every_page_is_readable(scheme: str, width: int, chromium: Any, served: Served) -> None:
    """No complaint, nothing from outside, no sideways scrolling, enough contrast, and a structure to walk along."""
    if width == 360 and scheme == "dark":
        pytest.skip("the narrowest once is enough")
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    watched = Watched(context, served.base)
    watched.go(f"/review?token={served.token}")
    problems: dict[str, Any] = {}
    for name, path in PAGES.items():
        page = watched.go(path)
        if name in ("dashboard", "chart"):
            page.wait_for_selector("body[data-drawn=yes]", timeout=20_000)
        wide = page.evaluate("document.documentElement.scrollWidth") > width
        found = [*page.evaluate(CONTRAST), *page.evaluate(LINKS), *(["scrolls sideways"] if wide else [])]
        found += [] if name in DATASETTE else page.evaluate(STRUCTURE)
        found += watched.complaints
        watched.complaints.clear()
        if found:
            problems[name] = found
    context.close()
    assert problems == {}


def test_what_pages_say_stays_words(watched: Watched) -> None:
    """Markup in addresses, facts, headers, rules and texts is shown, not run; what turns writing around is marked."""
    page = watched.go(PAGES["hostile"])
    assert page.evaluate("typeof hit") == "undefined"
    assert page.title().startswith("https://evil.example/")
    text = page.inner_text("main")
    assert f"<img src={OUTSIDE} onerror=hit()>" in text
    assert "{{7*7}}" in text
    assert "\u202e" not in page.content()
    assert "<p>body" not in page.content()
    assert "id=1" not in page.content()
    page = watched.go(PAGES["hostile record"])
    assert "<script>hit()</script>" in page.inner_text("pre.text")
    assert page.evaluate("document.querySelectorAll('main img, main script').length") == 0


def test_the_first_page_says_it_in_words(watched: Watched) -> None:
    """Numbers first; what was not verified is not called so; rules in words with what they cite."""
    page = watched.go("/")
    lead = page.inner_text(".lead")
    assert "146 decisions about 74 addresses" in lead
    assert "Japan: 70 kept of 74, European Union: 70 kept." in lead
    assert "it has not verified it" in page.inner_text("main")
    why = page.locator("table", has=page.locator("caption", has_text="dropped, held or failed")).inner_text()
    assert "A machine-readable reservation ends the use." in why
    assert "Directive (EU) 2019/790" in why
    assert "EU-CDSM-4-3" in why
    assert re.search(r"\blawful\b", page.inner_text("main")) is None or "lawfully" in page.inner_text("main")


def test_by_keyboard_alone(watched: Watched) -> None:
    """The skip link comes first, what has the focus shows it, and a search needs no mouse."""
    page = watched.go("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id || location.hash") in ("main", "#main")
    page = watched.go("/")
    seen = []
    for _ in range(9):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid" or seen[-1] == "Skip to the content", seen[-1]
        if seen[-1] == "q":
            break
    assert seen == [
        "Skip to the content",
        "Usufruct audit",
        "Overview",
        "Pages",
        "Review",
        "Dashboards",
        "Tables",
        "Jobs",
        "q",
    ]
    page.keyboard.type(RESERVED)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/url/{NAME}")
    summary = page.locator("#lines ~ details summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#lines ~ details[open]").count() == 1


def test_the_page_of_an_address(watched: Watched) -> None:
    """Facts that decided first, the citation, the header that a fact was read from, the line of robots.txt."""
    page = watched.go(PAGES["url"])
    assert page.locator("table tr.marked th").first.inner_text() == "train-ai"
    assert "Directive (EU) 2019/790" in page.inner_text("main")
    assert page.locator(".lines li.named").first.inner_text().split() == ["2", "Allow:", "/"]
    page.locator("summary", has_text="page: HTTP 200").click()
    assert page.locator("details tr.marked", has_text="Tdm-Reservation").is_visible()
    assert page.locator("tr", has_text="Set-Cookie").locator("td").inner_text() == "[SECRET]"


def test_a_review_from_the_queue_to_the_ledger(watched: Watched, served: Served) -> None:
    """Name and reason are required; a decision is an event, masked, signed and verified; it can be decided again."""
    page = watched.go("/review")
    waiting = page.locator("table", has=page.locator("caption", has_text="nobody has decided"))
    before = waiting.locator("tbody tr").count()
    waiting.locator("tr", has_text=RESERVED).first.get_by_role("link", name="Read and decide").click()
    assert "Its second paragraph." in page.inner_text("pre.text")
    page.get_by_role("button", name="Add to the ledger").click()
    assert page.url.endswith("/jp")  # the browser asks for what is missing
    page.get_by_label("Approve").check()
    page.get_by_label("Your name").fill("A. Lawyer")
    page.get_by_role("textbox", name="Reason").fill("Publisher agreed, see mail to jo@publisher-mail.org of 1 November")
    page.get_by_role("button", name="Add to the ledger").click()
    page.wait_for_url(f"**/url/{NAME}")
    assert "Approved by A. Lawyer" in page.inner_text("main")
    event = _lines(served.crawl)[-1]
    assert (event["event"], event["id"], event["mark"], event["by"]) == ("review", f"{NAME}:jp", "approve", "A. Lawyer")
    assert event["reason"] == "Publisher agreed, see mail to [EMAIL_ADDRESS] of 1 November"
    page = watched.go(f"/review/{NAME}/jp")
    page.get_by_label("Reject").check()
    page.get_by_label("Your name").fill("B. Lawyer")
    page.get_by_role("textbox", name="Reason").fill("On second thought.")
    page.get_by_role("button", name="Add to the ledger").click()
    page.wait_for_url(f"**/url/{NAME}")
    assert "Rejected by B. Lawyer" in page.inner_text("main")
    page = watched.go("/review")
    assert waiting.locator("tbody tr").count() == before - 1
    found = verify(open_crawl(served.crawl), READERS)
    assert found.problems == []


def test_a_crawl_that_is_written_to_cannot_be_decided_about(watched: Watched, served: Served) -> None:
    """The form keeps what was typed and says why."""
    page = watched.go(f"/review/{NAME}/jp")
    page.get_by_label("Approve").check()
    page.get_by_label("Your name").fill("A. Lawyer")
    page.get_by_role("textbox", name="Reason").fill("Fine.")
    lines = len(_lines(served.crawl))
    with locked(served.crawl):
        page.get_by_role("button", name="Add to the ledger").click()
        page.wait_for_selector("[role=alert]")
    assert "Another process is writing to this crawl" in page.inner_text("[role=alert]")
    assert page.get_by_role("textbox", name="Reason").input_value() == "Fine."
    assert len(_lines(served.crawl)) == lines
    watched.complaints = [each for each in watched.complaints if "409" not in each]


def test_without_the_token_no_text_and_no_form(chromium: Any, served: Served) -> None:
    """The queue can be read; records cannot, whatever cookie or token is tried."""
    context = chromium.new_context()
    page = context.new_page()
    assert page.goto(f"{served.base}/review").status == 200
    assert page.get_by_role("link", name="Read and decide").count() == 0
    for path in (f"/review/{NAME}/jp", "/review?token=wrong"):
        assert page.goto(served.base + path).status == 403
        assert "second paragraph" not in page.content()
    context.close()


def _ask(
    served: Served, method: str, path: str, body: str = "", **headers: str
) -> tuple[int, http.client.HTTPMessage, str]:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body or None, {"Content-Type": "application/x-www-form-urlencoded", **sent})
    answer = connection.getresponse()
    found = answer.status, answer.headers, answer.read().decode()
    connection.close()
    return found


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 200),
        ("GET", "/", {"Host": "evil.example"}, 421),
        ("GET", "/", {"Host": "127.0.0.1"}, 421),
        ("GET", "/crawl?sql=select+1", {}, 403),
        ("GET", "/crawl/outcomes?_where=1", {}, 403),
        ("GET", "/crawl.db", {}, 403),
        ("GET", "/-/usufruct/../../pages.py", {}, 404),
        ("GET", "/url/xyz", {}, 404),
        ("GET", "/site/" + "%2e" * 9, {}, 404),
        ("GET", "/search?after=-1&q=%00%ff&differ=%27", {}, 200),
        ("POST", "/", {}, 405),
        ("POST", "/-/logout", {}, 405),
        ("DELETE", "/", {}, 405),
        ("POST", f"/review/{NAME}/jp", {}, 405),
        ("POST", f"/review/{NAME}/jp", {"Origin": "http://evil.example"}, 405),
    ],
    ids=str,
)
def test_who_may_ask_for_what(method: str, path: str, headers: dict[str, str], status: int, served: Served) -> None:
    """Only this machine, by its name; only reading; no SQL; nothing outside of what is served."""
    assert _ask(served, method, path, **headers)[0] == status


def test_a_decision_needs_cookie_and_form_token(served: Served) -> None:
    """A request with our own origin but without one of them changes nothing."""
    lines = len(_lines(served.crawl))
    body = "mark=approve&by=X&reason=Y"
    cookie = f"usufruct_review_{served.port}={served.token}"
    own = {"Origin": served.base}
    assert _ask(served, "POST", f"/review/{NAME}/jp", body, **own)[0] == 403
    assert _ask(served, "POST", f"/review/{NAME}/jp", body, Cookie=cookie, **own)[0] == 403
    assert len(_lines(served.crawl)) == lines


def test_every_answer_is_guarded(served: Served) -> None:
    """No page may be framed, cached, or load what is not ours; the token's cookie is for the server only."""
    for path in ("/", "/crawl", "/-/dashboards/outcomes", "/usufruct.css", "/none"):
        _, headers, _ = _ask(served, "GET", path)
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe-eval" not in headers["Content-Security-Policy"]
    assert "script-src" not in _ask(served, "GET", "/")[1]["Content-Security-Policy"]
    status, headers, _ = _ask(served, "GET", f"/review?token={served.token}")
    assert (status, headers["Location"]) == (303, "/review")
    assert {"HttpOnly", "SameSite=strict", "Path=/review"} <= set(headers["Set-Cookie"].split("; "))


def test_the_report_is_one_file_that_loads_nothing(chromium: Any, served: Served, tmp_path: Path) -> None:
    """It says what the first page says, without links, scripts or requests, and no page text."""
    path = tmp_path / "index" / index.NAME
    path.parent.mkdir()
    index.update(open_crawl(served.crawl), path)
    file = tmp_path / "report.html"
    file.write_text(report(open_crawl(served.crawl), path), encoding="utf-8")
    for scheme, width in (("light", 1280), ("dark", 360)):
        context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
        watched = Watched(context, file.as_uri().removesuffix("/report.html"))
        page = watched.go("/report.html")
        assert "146 decisions about 74 addresses" in page.inner_text(".lead")
        assert page.locator("script, link, img, form, main a:not([href^='#'])").count() == 0
        assert page.evaluate(CONTRAST) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert watched.complaints == []
        context.close()
    assert "A held text" not in file.read_text(encoding="utf-8")


def test_the_commands_say_what_cannot_be_done(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A report is not written over a file, nor into the crawl; a port that is taken is told."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    crawl, out = open_crawl(served.crawl), tmp_path / "report.html"

    def run(command: Any, **options: Any) -> tuple[int, str]:
        return command.run(crawl, [], Namespace(**options)), capsys.readouterr().err

    assert run(audit_report, output=str(out), force=False) == (0, "")
    code, said = run(audit_report, output=str(out), force=False)
    assert (code, "--force" in said) == (1, True)
    assert run(audit_report, output=str(out), force=True) == (0, "")
    code, said = run(audit_report, output=str(served.crawl / "report.html"), force=True)
    assert (code, "evidence" in said) == (1, True)
    code, said = run(audit_serve, port=served.port, review=False, sql=False, ledger_key="")
    assert (code, "name another" in said) == (1, True)


def test_without_the_extra_it_is_named(served: Served) -> None:
    """Datasette is optional; everything else of the audit works without it."""
    code = (
        "import sys; sys.modules['datasette'] = None;"
        "sys.argv = ['scrapy', 'audit', 'serve', sys.argv[1], '--port', '0'];"
        "from scrapy.cmdline import execute; execute()"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, str(served.crawl)], cwd=ROOT, text=True, capture_output=True, check=False
    )
    assert (found.returncode, "usufruct[audit]" in found.stderr, "Traceback" in found.stderr) == (1, True, False)


def _lines(crawl: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in sorted((crawl / "ledger").glob("*.jsonl")) for line in path.open("rb")]
