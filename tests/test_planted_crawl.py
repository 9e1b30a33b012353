"""A crawl over HTTP of a site full of invented personal data: no file, no log line and no console line holds any of it.

What `tests/test_planted.py` asks of stored pages of seven languages, this asks of all else that a live crawl sees and
says: addresses, headers, redirects, failures, error pages, robots.txt, sitemaps, seeds, exceptions, at the most
talkative level of the log; then of every command of the audit.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.planted_pages import Item
from crawler.auditing import subcommands
from tests.planted_site import HEADERS, KINDS, PARAMETERS, Planted, found_in, searcher, served
from tests.test_journeys import CONTACT, FAST, ROOT, cold_scrapy, lines, records, scrapy

POLICIES = "jp,eu"
LOUD = ("-L", "DEBUG", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=8", "-a", "bodies=none", "-a", f"contact={CONTACT}")
# The only places where a value may stand, and why.
KEPT_BY = {"out/jp/": ("NAME",)}  # jp.person-name: names on public pages may be kept for a stated purpose
DECLARED = "out/evidence/"  # robots.txt is stored whole: it is the proof of the rules that its host declared
WHOLE = ("out/bodies/", "out/frontier/state.sqlite")  # what bodies are; addresses to ask for, as long as they wait


@dataclass(frozen=True)
class Crawled:
    """A folder with the crawl in out/ and the user's state beside it, and what was planted and printed."""

    folder: Path
    site: Planted
    process: subprocess.CompletedProcess[str]

    @property
    def out(self) -> str:
        return str(self.folder / "out")


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """One crawl, everything on."""
    folder, seeds = tmp_path_factory.mktemp("planted"), tmp_path_factory.mktemp("seeds") / "seeds.txt"
    with served("7") as site:
        seeds.write_text("\n".join(site.seeds))
        process = cold_scrapy(
            "crawl", "web", "-a", f"seeds={seeds}", "-a", f"policy={POLICIES}", "-a", f"out={folder / 'out'}",
            "-a", "follow=1", *FAST, *LOUD, XDG_STATE_HOME=str(folder / "state"),
        )  # fmt: skip
        yield Crawled(folder, site, process)


def test_it_crawled_what_was_planted(crawled: Crawled) -> None:
    """At least 20 kinds in texts, 10 in headers and addresses; pages were kept, dropped and failed."""
    assert crawled.process.returncode == 0, crawled.process.stderr
    assert len({item.kind for item in crawled.site.items if item.place == "text"}) >= 20
    assert len(PARAMETERS) >= 10
    assert len(HEADERS) >= 10
    assert {line["result"] for line in lines(crawled.folder / "out")} >= {"kept", "dropped", "failed"}
    assert len([record for record in records(crawled.folder / "out", "eu") if "/page-" in record["url"]]) == len(KINDS)


def test_no_file_holds_a_value(crawled: Crawled) -> None:
    """Files of every kind, unpacked; but for the places named above."""
    leaked = {
        file: kept
        for file, items in found_in(crawled.folder, crawled.site).items()
        if (kept := {(item.kind, item.place) for item in items if not _may_stand(file, item)})
    }
    assert leaked == {}


def test_what_may_stand_stands_there(crawled: Crawled) -> None:
    """The exceptions are real: the search does see values."""
    found = found_in(crawled.folder, crawled.site)
    assert any(file.startswith("out/jp/") for file in found)
    assert any(item.place == "robots" for file, items in found.items() if file.startswith(DECLARED) for item in items)


def test_nothing_is_printed_or_logged(crawled: Crawled) -> None:
    """Standard output and standard error at -L DEBUG, which names every address."""
    assert "DEBUG: Crawled (200) <GET " in crawled.process.stderr
    assert _said(crawled.site, crawled.process) == set()


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_the_audit_prints_no_value(crawled: Crawled, options: tuple[str, ...]) -> None:
    """Every subcommand over the whole crawl."""
    for name, module in subcommands().items():
        if not module.ARGUMENTS or module.ARGUMENTS == "[WHAT]":
            done = scrapy("audit", name, crawled.out, *options) if name not in _STAYS else None
            assert done is None or (done.returncode in _ANSWERS and _said(crawled.site, done) == set()), name


_STAYS = ("serve", "expire", "report")  # one that serves until it is stopped; those that write
_ANSWERS = (0, 1, 2)  # as asked; something is wrong; refused, as `drift` is over a first crawl


def test_the_audit_masks_what_it_is_asked(crawled: Crawled) -> None:
    """The asker names addresses as they are; the answer is masked."""
    asked = [seed for seed in crawled.site.seeds if "email=" in seed and len(seed) < 1000][:2]
    for url in [*asked, "http://127.0.0.1/never?email=" + crawled.site.items[0].value]:
        for name in [name for name in ("find", "why") if name in subcommands()]:
            for options in ((), ("--json",), ("--csv",) if name == "find" else ()):
                done = scrapy("audit", name, crawled.out, url, *options)
                assert "Traceback" not in done.stderr
                assert _said(crawled.site, done) == set(), (name, options)
    assert "[EMAIL_ADDRESS]" in scrapy("audit", "find", crawled.out, asked[0]).stdout


def test_a_page_that_its_worker_cannot_bear_is_not_quoted(tmp_path: Path) -> None:
    """Workers are killed over pages; seeds stand in the command line and so in run.json."""
    with served("8") as site:
        own = [seed for seed in site.seeds if "," not in seed and len(seed) < 1000]
        pages = [seed for seed in own if "/page-" in seed or "/query?" in seed]
        seeds = ",".join([*pages[:4], *pages[-4:], *(seed for seed in own if "127.0.0.1" not in seed)])
        process = cold_scrapy(
            "crawl", "web", "-a", f"seeds={seeds}", "-a", "policy=jp", "-a", f"out={tmp_path / 'out'}", *FAST, *LOUD,
            "-s", "WORKER_TIMEOUT=0.001", XDG_STATE_HOME=str(tmp_path / "state"),
        )  # fmt: skip
        assert process.returncode == 0, process.stderr
        assert any("worker-timeout" in line["note"] for line in lines(tmp_path / "out"))
        assert _said(site, process) == set()
        found = found_in(tmp_path, site)
        assert {file: items for file, items in found.items() if not all(_may_stand(file, one) for one in items)} == {}


def test_exceptions_that_quote_a_page_are_not_told(tmp_path: Path) -> None:
    """A spider and a pipeline of the user's own that raise errors with the text of a page in them, and log it."""
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = own_settings\n")
    (tmp_path / "own_settings.py").write_text(
        "from crawler.settings import *\nfrom crawler.settings import ITEM_PIPELINES, SPIDER_MODULES\n"
        "SPIDER_MODULES = [*SPIDER_MODULES, 'own']\nITEM_PIPELINES = {**ITEM_PIPELINES, 'own.Loud': 400}\n"
    )
    (tmp_path / "own.py").write_text(_OWN)
    with served("9") as site:
        seeds = tmp_path / "seeds.txt"
        seeds.write_text("\n".join(seed for seed in site.seeds if "/page-" in seed or "?" in seed))
        process = subprocess.run(
            [sys.executable, "-m", "scrapy", "crawl", "loud", "-a", f"seeds={seeds}", "-a", "policy=jp", "-a",
             f"out={tmp_path / 'out'}", *FAST, *LOUD],
            cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path / "state"), "PATH": ""},
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert "(ValueError at own:" in process.stderr
        assert "An item could not be recorded: RuntimeError" in process.stderr
        assert _said(site, process) == set()


_OWN = '''
from crawler.spiders.web import WebSpider


class LoudSpider(WebSpider):
    """Fails over every second page, with the page in its message."""

    name = "loud"

    async def parse(self, response, **given):
        if "/page-" in response.url and response.url[-1] in "13579":
            raise ValueError(f"cannot use {response.url}: {response.text}")
        async for step in super().parse(response, **given):
            yield step


class Loud:
    def process_item(self, item):
        document = item.outcomes[0].document
        raise RuntimeError(f"no room for {item.url}, {document and document.text}")
'''


def _may_stand(file: str, item: Item) -> bool:
    by_policy = any(file.startswith(place) and item.kind in kinds for place, kinds in KEPT_BY.items())
    declared = file.startswith(DECLARED) and item.place == "robots"
    return by_policy or declared or file.startswith(WHOLE)


def _said(site: Planted, process: subprocess.CompletedProcess[str]) -> set[tuple[str, str]]:
    said = json.dumps(process.stdout), process.stdout, process.stderr
    return {(item.kind, item.place) for text in said for _, item in searcher(site)(text)}
