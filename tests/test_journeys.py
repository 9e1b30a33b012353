"""Whole journeys over real HTTP: the bundled sites are crawled once under four laws, then looked at from all sides."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler import shards
from crawler.arguments import AGENT
from crawler.document import url_id
from crawler.sources.read_warc import read
from examples.manifest import POLICIES, Page
from examples.server import ExampleSites, Request, write_seeds
from tests import warm

ROOT = Path(__file__).parent.parent
CONTACT = "crawl@operator.example"
LOOPBACK = ("-s", "ALLOWED_PRIVATE_NETWORKS=127.0.0.0/8")
FAST = (*LOOPBACK, "-s", "DOWNLOAD_DELAY=0", "-s", "POSTPONE_DELAY=1", "-s", "RETRY_TIMES=1")
COMPARED = ("result", "stage", "rule", "effect", "status", "citations", "rules", "met", "pii", "treatments", "digest")


def scrapy(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a user does, without the proxies that this machine may have set."""
    return warm.run(*arguments, stdin=stdin, environment={**_environment(), **environment})


def cold_scrapy(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same, with all that its workers say by themselves."""
    return warm.cold(*arguments, environment={**_environment(), **environment})


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}


def lines(folder: Path) -> list[dict[str, Any]]:
    """The ledger."""
    return [json.loads(line) for path in sorted((folder / "ledger").glob("*.jsonl")) for line in path.open()]


def records(folder: Path, policy: str) -> list[dict[str, Any]]:
    """All records of one policy, kept and held."""
    return [record for path in sorted((folder / policy).rglob("[0-9]*.*")) for record in shards.read(path)]


@dataclass
class Crawl:
    """The one crawl that most tests here look at."""

    folder: Path
    port: int
    process: subprocess.CompletedProcess[str]
    requests: list[Request]
    pages: dict[str, Page]

    def line(self, url: str, policy: str) -> dict[str, Any]:
        found = [line for line in lines(self.folder) if (line["url"], line["policy"]) == (url, policy)]
        assert len(found) == 1, f"{len(found)} lines for {url} under {policy}"
        return found[0]


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawl]:
    """Crawl the bundled sites, with page bodies in the evidence so that they can be judged again."""
    folder = tmp_path_factory.mktemp("crawls")
    with ExampleSites() as sites:
        seeds = write_seeds(folder / "seeds.txt", sites.port)
        process = scrapy(
            "crawl", "web", "-a", f"seeds={seeds}", "-a", f"policy={','.join(POLICIES)}", "-a", f"out={folder / 'out'}",
            "-a", "follow=1", "-a", f"contact={CONTACT}", "-a", "bodies=all", *FAST,
        )  # fmt: skip
        pages = {
            sites.url(host, page.path): page for host, entry in sites.manifest.hosts.items() for page in entry.pages
        }
        yield Crawl(folder / "out", sites.port, process, list(sites.requests), pages)


def test_the_crawl_ends_well_and_says_so(crawl: Crawl) -> None:
    """Exit code 0, a line a policy, no traceback."""
    assert crawl.process.returncode == 0, crawl.process.stderr
    assert "Traceback" not in crawl.process.stderr
    for policy in POLICIES:
        assert re.search(
            rf"^{policy}: kept \d+, dropped \d+, held \d+, failed \d+, pending 0$", crawl.process.stdout, re.M
        )


def test_each_page_comes_out_as_its_manifest_says(crawl: Crawl) -> None:
    """Kept, dropped, held or failed, by policy; examples/site/site.yaml says why."""
    expected = {(url, policy): result for url, page in crawl.pages.items() for policy, result in page.expect.items()}
    found = {(line["url"], line["policy"]): line["result"] for line in lines(crawl.folder)}
    assert len(expected) > 60
    seen = {key: found.get(key) for key in expected}
    assert seen == expected


def test_the_four_policies_all_differ(crawl: Crawl) -> None:
    """No two of them keep the same pages."""
    kept = {
        policy: frozenset(
            line["url"] for line in lines(crawl.folder) if (line["policy"], line["result"]) == (policy, "kept")
        )
        for policy in POLICIES
    }
    assert len(set(kept.values())) == len(POLICIES)


def test_every_url_has_one_line_a_policy_and_the_counts_add_up(crawl: Crawl) -> None:
    """seen = kept + dropped + held + failed + pending."""
    summary = json.loads(scrapy("audit", "summary", str(crawl.folder), "--json").stdout)
    urls = {line["url"] for line in lines(crawl.folder)}
    keys = [(line["url"], line["policy"]) for line in lines(crawl.folder)]
    assert sorted(keys) == sorted({(url, policy) for url in urls for policy in POLICIES})
    for policy in POLICIES:
        counts = summary["policies"][policy]
        assert counts.pop("seen") == sum(counts.values()) == len(urls)


def test_what_is_refused_is_never_asked_for(crawl: Crawl) -> None:
    """Neither pages that robots.txt refuses, nor hosts whose robots.txt cannot be read, nor pages behind them."""
    asked = {(request.host, request.path) for request in crawl.requests}
    assert ("encyclopedia.localhost", "/private/drafts") not in asked
    for host in ("closed.localhost", "away.localhost"):
        assert {path for name, path in asked if name == host} <= {"/robots.txt", "/.well-known/tdmrep.json"}


def test_robots_txt_is_asked_for_once_an_origin_and_first(crawl: Crawl) -> None:
    """Except where it could not be read and was asked for again."""
    for host in {request.host for request in crawl.requests} - {"away.localhost"}:
        paths = [request.path for request in crawl.requests if request.host == host]
        assert paths.count("/robots.txt") == 1
        assert paths[0] == "/robots.txt"


def test_we_say_who_we_are(crawl: Crawl) -> None:
    """RFC 9110 sections 10.1.2 and 10.1.5: token, contact, mailbox; and no address of where we come from."""
    for request in crawl.requests:
        headers = {name.lower(): value for name, value in request.headers}
        assert headers["user-agent"] == f"{AGENT}/0.1 (+{CONTACT})"
        assert headers["from"] == CONTACT
        assert not {"referer", "cookie"} & headers.keys()


def test_redirects_are_judged_hop_by_hop(crawl: Crawl) -> None:
    """The address that redirects has a line of its own; a private target is refused and recorded, never asked."""
    for target in ("http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/"):
        line = crawl.line(target, "jp")
        assert (line["result"], line["rule"]) == ("dropped", "base.fetch-refused")
    assert any(line["rule"] == "base.redirected" for line in lines(crawl.folder))


def test_a_server_that_asks_for_time_gets_it(crawl: Crawl) -> None:
    """429 and 503 with Retry-After, Crawl-delay: nothing comes sooner than a second."""
    for path in ("/busy", "/maintenance"):
        first, second = [r for r in crawl.requests if (r.host, r.path) == ("barriers.localhost", path)]
        assert (first.status in (429, 503), second.status) == (True, 200)
        assert second.at - first.at >= 1.0
    slow = [r.at for r in crawl.requests if r.host == "slow.localhost" and r.path in ("/", "/one", "/two")]
    assert len(slow) > 1
    assert all(after - before >= 0.7 for before, after in pairwise(slow))  # a second, as a busy server sees it


def test_personal_data_is_where_the_policy_leaves_it_and_nowhere_else(crawl: Crawl) -> None:
    """What a page plants is gone from the records of a policy that treats it; it stands in no ledger, fact or log."""
    treated = {
        "jp": {"contact", "payment_card", "account", "gov_id"},
        "us": {"payment_card", "gov_id"},
        "eu": {"contact", "payment_card", "account", "gov_id", "ip_address", "person_name"},
        "cn": {"contact", "payment_card", "account", "gov_id", "ip_address", "person_name"},
    }
    logs = crawl.process.stdout + crawl.process.stderr
    ledger = "".join(json.dumps(line, ensure_ascii=False) for line in lines(crawl.folder))
    texts = {
        policy: "\n".join(r["title"] + "\n" + r["text"] for r in records(crawl.folder, policy)) for policy in POLICIES
    }
    checked = 0
    for page in crawl.pages.values():
        for kind, strings in page.planted.items():
            for string in strings:
                assert string not in logs
                assert string not in ledger
                for policy in POLICIES:
                    if kind in treated[policy]:
                        assert string not in texts[policy], f"{kind} under {policy}"
                        checked += 1
    assert checked > 50


def test_a_person_has_one_pseudonym_in_the_whole_crawl(crawl: Crawl) -> None:
    """Pseudonyms are keyed and consistent; the key is not in the folder."""
    named = {record["url"]: record["author"] for record in records(crawl.folder, "jp") if record["author"]}
    written: dict[tuple[str, str], set[str]] = {}
    for record in records(crawl.folder, "eu"):
        if record["url"] in named:
            written.setdefault((named[record["url"]], record["language"]), set()).add(record["author"])
    assert written
    for (name, _), pseudonyms in written.items():
        assert len(pseudonyms) == 1
        assert name not in pseudonyms
    assert not list(crawl.folder.rglob("*.key"))


def test_the_audit_verifies(crawl: Crawl) -> None:
    """Chain, shards and manifests agree."""
    process = scrapy("audit", "verify", str(crawl.folder))
    assert process.returncode == 0, process.stdout
    assert process.stdout.rstrip().endswith("OK")


def test_evidence_is_sound_and_every_line_points_to_it(crawl: Crawl) -> None:
    """Each reference leads to a gzip member of a WARC file."""
    for line in lines(crawl.folder):
        for reference in line["evidence"]:
            name, offset = reference.rsplit("#", 1)
            with (crawl.folder / name).open("rb") as file:
                file.seek(int(offset))
                assert gzip.GzipFile(fileobj=file).read(4) == b"WARC"


def test_stored_evidence_is_judged_as_the_crawl_judged_it(crawl: Crawl, tmp_path: Path) -> None:
    """`scrapy judge` over what the crawl stored gives the same lines, under all policies and under one alone."""
    files = sorted((crawl.folder / "evidence").iterdir())
    stored = {url_id(exchange.url) for path in files for exchange in read(path)}  # what was refused was never fetched
    for policies, name in ((POLICIES, "all"), (("eu",), "eu")):
        out = tmp_path / name
        process = scrapy("judge", str(crawl.folder), "-a", f"policy={','.join(policies)}", "-a", f"out={out}")
        assert process.returncode == 0, process.stderr
        crawled = {
            (line["url_sha256"], line["policy"]): {key: line[key] for key in COMPARED}
            for line in lines(crawl.folder)
            if line["policy"] in policies and line["url_sha256"] in stored
        }
        judged = {(line["url_sha256"], line["policy"]): {key: line[key] for key in COMPARED} for line in lines(out)}
        assert len(crawled) > 50 * len(policies)
        assert judged == crawled
