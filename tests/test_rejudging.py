"""New versions of a policy judge what is stored: no request is made, since no server runs any more."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.changing_site import ChangingSite, Served, site_file
from tests.test_incremental import ALWAYS_DUE
from tests.test_journeys import FAST, lines, records, scrapy

ROBOTS = "User-agent: *\nAllow: /\n"
MINE = "profile: mine\ntitle: Mine\nsummary: x\nextends: jp\nrules:\n{rules}"
RESERVED = "  - {{id: mine.reserved, when: {{train-ai: reserved}}, effect: {effect}, status: ours, says: x}}\n"
NAMED = "  - {id: mine.named, when: {pii.person_name: true}, effect: redact, status: ours, says: x}\n"
PAGES = {
    "a/plain": Served(title="plain", validators=["etag"]),
    "a/reserved": Served(title="reserved", validators=["etag"], headers={"X-Robots-Tag": "noai"}),
    "a/named": Served(title="named", validators=["etag"], head='<meta name="author" content="Jane Doe">'),
}


def _policy(folder: Path, *, effect: str, named: str = "") -> Path:
    path = folder / "mine.yaml"
    path.write_text(MINE.format(rules=RESERVED.format(effect=effect) + named))
    return path


def _crawl(site: ChangingSite, folder: Path, run: str, policy: Path) -> subprocess.CompletedProcess[str]:
    seeds = ",".join(map(site.url, PAGES))
    return scrapy(
        "crawl", "web", "-a", f"seeds={seeds}", "-a", f"policy={policy}", "-a", f"out={folder / 'runs' / run}", "-a",
        f"known={folder / 'known.sqlite'}", *FAST, *ALWAYS_DUE, "-s", "PII_NAMES=False",
    )  # fmt: skip


def _results(folder: Path) -> dict[str, str]:
    return {line["url"].rpartition("/")[2]: line["result"] for line in lines(folder) if "result" in line}


def _judge(folder: Path, run: str, policy: Path) -> subprocess.CompletedProcess[str]:
    return scrapy(
        "judge", "--known", str(folder / "known.sqlite"), "-a", f"policy={policy}", "-a", f"out={folder / 'runs' / run}"
    )


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A crawl; then, without a server, a policy that drops what is reserved; then one that redacts names."""
    folder = tmp_path_factory.mktemp("job")
    with ChangingSite() as site:
        site.at |= {"a/robots.txt": site_file(ROBOTS), **PAGES}
        crawled, port = _crawl(site, folder, "1", _policy(folder, effect="keep")), site.server_port
    stricter = _judge(folder, "2", _policy(folder, effect="drop"))
    redacting = _judge(folder, "3", _policy(folder, effect="drop", named=NAMED))
    return {"folder": folder, "crawled": crawled, "stricter": stricter, "redacting": redacting, "port": port}


def test_each_known_page_has_a_line_under_the_new_version(judged: dict[str, Any]) -> None:
    """Unchanged, dropped; and failed where other treatments need the text anew."""
    runs = judged["folder"] / "runs"
    for name in ("crawled", "stricter", "redacting"):
        assert judged[name].returncode == 0, judged[name].stderr
    assert _results(runs / "1") == {"plain": "kept", "reserved": "held", "named": "kept"}
    assert _results(runs / "2") == {"plain": "unchanged", "reserved": "dropped", "named": "unchanged"}
    assert _results(runs / "3") == {"plain": "unchanged", "reserved": "dropped", "named": "failed"}
    assert "nothing was fetched" in judged["stricter"].stdout
    assert "1 of them need a text" in judged["redacting"].stdout
    assert scrapy("audit", "verify", str(runs / "3")).returncode == 0
    assert scrapy("judge", str(runs / "3"), "--verify").returncode == 0


def test_what_the_policy_takes_back_is_drift_of_the_policy(judged: dict[str, Any]) -> None:
    """Once: a page that was dropped already drifts no more."""
    (line,) = map(json.loads, (judged["folder"] / "runs" / "2" / "drift.jsonl").read_text().splitlines())
    assert (line["because"], line["was"], line["now"], line["rule"]) == ("policy", "held", "dropped", "mine.reserved")
    assert (judged["folder"] / "runs" / "3" / "drift.jsonl").read_text() == ""


def test_a_release_holds_what_was_decided_under_its_version(judged: dict[str, Any], tmp_path: Path) -> None:
    """What has not been judged again under it stays out, and the receipt says so."""
    folder = judged["folder"]
    made = scrapy("release", str(folder), "-a", f"policy={folder / 'mine.yaml'}", "-a", f"out={tmp_path / 'out'}")
    assert made.returncode == 0, made.stderr
    assert [record["title"] for record in records(tmp_path / "out", ".")] == ["plain"]
    receipt = json.loads((tmp_path / "out" / "release.json").read_text())
    assert receipt["suppressed_by"] == {"drift": 1, "version": 1}


def test_the_next_crawl_asks_for_what_a_text_is_needed_of(judged: dict[str, Any], tmp_path: Path) -> None:
    """Whole, though the server would say that nothing has changed."""
    folder = judged["folder"]
    with ChangingSite(judged["port"]) as site:
        site.at |= {"a/robots.txt": site_file(ROBOTS), **PAGES}
        process = _crawl(site, folder, "4", _policy(folder, effect="drop", named=NAMED))
        asked = {where.removeprefix("a/"): status for where, status, _ in site.asked()}
    assert process.returncode == 0, process.stderr
    assert asked == {"plain": 304, "reserved": 200, "named": 200}
    assert _results(folder / "runs" / "4") == {"plain": "unchanged", "reserved": "dropped", "named": "kept"}


def test_a_crawl_under_a_new_version_judges_at_its_start(judged: dict[str, Any]) -> None:
    """Pages that rest, without asking for them; what needs a text is asked for at once."""
    folder = judged["folder"]
    with ChangingSite(judged["port"]) as site:
        site.at |= {"a/robots.txt": site_file(ROBOTS), **PAGES}
        resting = ("-s", "REVISIT_FIRST=86400")
        seeds = site.url("a/plain") + "," + site.url("a/named")
        for run, named in (("5", ""), ("6", NAMED)):
            policy = _policy(folder, effect="drop", named=named)
            process = scrapy(
                "crawl", "web", "-a", f"seeds={seeds}", "-a", f"policy={policy}", "-a", f"out={folder / 'apart' / run}",
                "-a", f"known={folder / 'apart' / 'known.sqlite'}", *FAST, *resting, "-s", "PII_NAMES=False",
            )  # fmt: skip
            assert process.returncode == 0, process.stderr
            if run == "5":
                site.asked()
        assert {where: status for where, status, _ in site.asked()}.keys() == {"a/named"}
    assert _results(folder / "apart" / "6") == {"plain": "unchanged", "named": "kept"}


def test_what_cannot_be_judged_is_said(tmp_path: Path) -> None:
    """No book, or no book of ours: one message, exit code 1, no folder."""
    (tmp_path / "text").write_text("no book")
    for book, words in (("none", "there is no such book"), ("text", "cannot be used as a book of known pages")):
        given = ("-a", "policy=jp", "-a", f"out={tmp_path / 'out'}")
        process = scrapy("judge", "--known", str(tmp_path / book), *given)
        assert process.returncode == 1
        assert words in process.stderr
        assert "Traceback" not in process.stderr
        assert not (tmp_path / "out").exists()
