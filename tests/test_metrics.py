"""The figures of a crawl: what the file and the endpoint say is what the ledger says, and all that docs/ lists."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import CompletedProcess
from time import monotonic
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.parser import text_string_to_metric_families
from pytest_httpserver import HTTPServer
from ruamel.yaml import YAML
from scrapy.settings import Settings
from werkzeug import Request, Response

from crawler import settings
from crawler.arguments import ArgumentError
from crawler.metrics import extension
from crawler.metrics.health import Limits, State, health_of
from crawler.metrics.telling import telling
from tests.test_journeys import FAST, lines, scrapy

WORDS = "The lighthouse was lit again on Sunday, after many years of darkness."
PAGE = f"<html><body><main><p>{WORDS}</p></main></body></html>"
UNITS = ("_bytes", "_seconds", "_info", "_pages", "_processes", "_lines", "_hosts", "_requests", "_files", "_running")
BOUNDED = {"policy", "result", "stage", "rule", "state", "kind", "class", "answer", "process", "version", "collection"}
GROWN = (("usufruct_pii_scanned_bytes_total",), ("usufruct_site_file_questions_total", "cache"))


@dataclass
class Told:
    """What a crawl told while it ran and at its end."""

    out: Path
    process: CompletedProcess[str]
    during: str = ""
    health: dict[str, Any] = field(default_factory=dict)

    @property
    def end(self) -> str:
        return (self.out / "metrics.prom").read_text(encoding="utf-8")


def families(text: str) -> dict[str, Family]:
    return {family.name: family for family in text_string_to_metric_families(text)}


def values(text: str) -> dict[tuple[str, ...], float]:
    """(name, labels in the order of their names but the constant one) -> value."""
    return {
        (sample.name, *(value for name, value in sorted(sample.labels.items()) if name != "collection")): sample.value
        for family in families(text).values()
        for sample in family.samples
    }


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def asked(port: int, path: str) -> str:
    try:
        with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return str(answer.read(), "utf-8")
    except HTTPError as error:
        return str(error.read(), "utf-8")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """One crawl of pages with all kinds of ends; its last page is answered after the endpoint was read."""
    server, port = HTTPServer(host="127.0.0.1", threaded=True), free_port()  # pages are asked for in any order
    told = Told(tmp_path_factory.mktemp("metrics") / "out", CompletedProcess((), 0))
    busy = iter((429, 200))

    def answer(request: Request) -> Response:
        return Response(PAGE, status=next(busy), headers={"Retry-After": "1"}, content_type="text/html")

    def last(request: Request) -> Response:
        deadline = monotonic() + 20  # the others were answered, read by the workers, and asked for again
        while monotonic() < deadline and not all(values(told.during).get(key) for key in GROWN):
            told.during = asked(port, "/metrics")
        told.health = json.loads(asked(port, "/health"))
        return Response(PAGE, content_type="text/html")

    server.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /no\n", content_type="text/plain")
    server.expect_request("/yes").respond_with_data(PAGE, content_type="text/html")
    server.expect_request("/busy").respond_with_handler(answer)
    server.expect_request("/last").respond_with_handler(last)
    server.expect_request(re.compile("/.*")).respond_with_data("", status=404)
    server.start()
    pages = (server.url_for(path) for path in ("/yes", "/no", "/gone", "/busy", "/last"))
    seeds = ",".join((*pages, "ftp://a.example/"))
    told.process = scrapy(
        *("crawl", "web", "-a", f"seeds={seeds}", "-a", "policy=jp,eu", "-a", f"out={told.out}", *FAST),
        *("-a", "contact=a@operator.example", "-s", "PII_NAMES=False", "-s", "WORKERS=1"),
        *("-s", f"METRICS_LISTEN=127.0.0.1:{port}", "-s", f"METRICS_TEXTFILE={told.out / 'metrics.prom'}"),
        *("-s", 'METRICS_LABELS={"collection": "news"}', "-s", "METRICS_SECONDS=0.2"),
    )
    yield told
    server.stop()


def test_the_end_agrees_with_the_ledger(told: Told) -> None:
    """Every outcome is counted once, where its line says it ended; nothing runs any more."""
    assert told.process.returncode == 0, told.process.stderr
    found, ledger = values(told.end), lines(told.out)
    ends = Counter((line["policy"], line["result"], line["rule"], line["stage"]) for line in ledger)
    assert {key[1:]: value for key, value in found.items() if key[0] == "usufruct_outcomes_total"} == ends
    addresses = len({line["url_sha256"] for line in ledger})
    expected = {
        ("usufruct_crawl_running",): 0,
        ("usufruct_build_info", "0.1"): 1,
        ("usufruct_pages_accepted_total",): addresses,
        ("usufruct_pages_decided_total",): addresses,
        ("usufruct_ledger_lines",): len(ledger),
        ("usufruct_ledger_checkpoint_lines",): len(ledger),
        ("usufruct_pending_pages", "under-way"): 0,
        ("usufruct_pending_pages", "waiting"): 0,
        ("usufruct_pending_pages", "postponed"): 0,
        ("usufruct_fetch_errors_total", "scheme-refused"): 1,
        ("usufruct_fetch_errors_total", "timeout"): 0,
        ("usufruct_postponed_requests_total",): 1,
        ("usufruct_postponed_seconds_total",): 1,
        ("usufruct_worker_processes",): 1,
        ("usufruct_worker_busy_processes",): 0,
        ("usufruct_worker_started_total",): 1,
        ("usufruct_worker_failures_total", "died"): 0,
    }
    assert {key: found[key] for key in expected} == expected


def test_what_was_told_while_it_ran(told: Told) -> None:
    """The last page is under way; the endpoint and the file speak of one crawl."""
    during, end = values(told.during), values(told.end)
    assert during["usufruct_crawl_running",] == 1
    assert during["usufruct_pending_pages", "under-way"] >= 1
    assert during["usufruct_site_file_cache_files",] >= 1
    assert during["usufruct_site_file_questions_total", "cache"] >= 1
    assert during["usufruct_resident_memory_bytes", "main"] > 2**20
    assert during["usufruct_resident_memory_bytes", "workers"] > 2**20
    assert 0 < during["usufruct_pii_scanned_bytes_total",] <= end["usufruct_pii_scanned_bytes_total",]
    assert end["usufruct_responses_total", "2xx"] >= 3
    assert end["usufruct_received_bytes_total",] > len(PAGE) * 3
    counters = [key for key in during if key[0].endswith("_total")]
    assert all(end[key] >= during[key] for key in counters)
    assert (told.health["ok"], told.health["running"], told.health["problems"]) == (True, True, [])
    assert told.health["pending"] >= 1


def test_the_text_keeps_the_rules_of_prometheus(told: Told) -> None:
    """Prefix, unit, type and help of each metric; the labels are of known kinds and hold no address."""
    for name, family in families(told.during).items():
        assert name.startswith("usufruct_")
        assert family.type in ("counter", "gauge")
        assert family.documentation.endswith(".")
        assert family.type == "counter" or name.endswith(UNITS), name
        for sample in family.samples:
            assert sample.name == (f"{name}_total" if family.type == "counter" else name)
            assert set(sample.labels) <= BOUNDED
            assert sample.labels["collection"] == "news"
            assert not re.search(r"127\.|://|@", " ".join(sample.labels.values()))
    assert told.during.count("# HELP") == told.during.count("# TYPE") == len(families(told.during))


def test_the_documentation_lists_every_metric(told: Told) -> None:
    """docs/watching.md: name, type, labels and meaning, as the code has them, and no other."""
    text = (Path(__file__).parent.parent / "docs" / "watching.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(usufruct_\w+)` \| (\w+) \| (.*?) \| (.*?) \|$", text, re.MULTILINE)
    written = [
        (
            f"{name}_total" if family.type == "counter" else name,
            family.type,
            ", ".join(f"`{label}`" for label in family.samples[0].labels if label != "collection"),
            family.documentation,
        )
        for name, family in families(told.end).items()
    ]
    assert documented == written


def test_the_rules_that_are_proposed_can_fire(told: Told) -> None:
    """They read figures that there are, and none waits for a 0 where a crawl without such an outcome has no sample."""
    text = (Path(__file__).parent.parent / "docs" / "watching.md").read_text(encoding="utf-8")
    written = YAML(typ="safe").load(text.partition("```yaml\n")[2].partition("```")[0])
    names = {f"{name}_total" if each.type == "counter" else name for name, each in families(told.end).items()}
    for rule in written["groups"][0]["rules"]:
        assert set(re.findall(r"usufruct_\w+", rule["expr"])) <= names, rule["alert"]
        assert not re.search(r"outcomes_total\{[^)]*\)\) == 0", rule["expr"]), rule["alert"]


def test_the_crawl_proves_itself_all_the_same(told: Told) -> None:
    """The file of figures is written after the listing was signed, and is no part of it."""
    assert (told.out / "metrics.prom").exists()
    process = scrapy("audit", "verify", str(told.out))
    assert process.returncode == 0, process.stdout


WELL = State(
    running=True,
    recording=True,
    accepted=9,
    decided=4,
    pending=5,
    silent_seconds=10.0,
    quiet_hosts=0,
    ledger_lines=8,
    disk_free_bytes=10 * 2**30,
    memory_bytes=2**28,
)


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({}, []),
        ({"silent_seconds": 600.0}, []),
        ({"silent_seconds": 660.0}, ["no outcome for 11 minutes, while 5 addresses are pending and no host asked"]),
        ({"silent_seconds": 660.0, "quiet_hosts": 1}, []),
        ({"silent_seconds": 660.0, "pending": 0}, []),
        ({"silent_seconds": 660.0, "running": False}, []),
        ({"disk_free_bytes": 512 * 2**20}, []),
        ({"disk_free_bytes": 511 * 2**20}, ["511 MiB are free where the crawl is written, under 512"]),
        ({"disk_free_bytes": 0}, ["0 MiB are free where the crawl is written, under 512"]),
        ({"recording": False}, ["the crawl cannot go on recording"]),
        ({"recording": False, "disk_free_bytes": 0}, ["the crawl cannot go on recording", "0 MiB"]),
    ],
)
def test_health(changed: dict[str, Any], problems: list[str]) -> None:
    """A crawl that waits because it was asked to is well; one that is stuck, or has no room, is not."""
    health = health_of(replace(WELL, **changed), Limits(silent_s=600, free_bytes=512 * 2**20))
    assert health.ok == (not problems)
    assert len(health.problems) == len(problems)
    for found, begins in zip(health.problems, problems, strict=True):
        assert found.startswith(begins)


def test_a_crawl_that_does_not_come_round_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its event loop is asked, and does not answer."""
    monkeypatch.setattr(extension, "LATE_S", 0.05)
    loop = asyncio.new_event_loop()
    try:
        with pytest.raises(LateError):
            extension._in_loop(loop, lambda: None)
    finally:
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("METRICS_LISTEN", "9410", "METRICS_LISTEN=9410: give HOST:PORT"),
        ("METRICS_LISTEN", "127.0.0.1:http", "give HOST:PORT, for example 127.0.0.1:9410"),
        ("METRICS_LISTEN", "127.0.0.1:70000", "give HOST:PORT"),
        ("METRICS_LISTEN", "::1:9410", "give HOST:PORT"),
        ("METRICS_SECONDS", "0", "METRICS_SECONDS=0: must be a number that is more than 0"),
        ("METRICS_SECONDS", "often", "METRICS_SECONDS=often: must be a number"),
        ("METRICS_SECONDS", "nan", "METRICS_SECONDS=nan: must be a number"),
        ("HEALTH_SILENT_MINUTES", "0", "HEALTH_SILENT_MINUTES=0: must be a number that is more than 0"),
        ("HEALTH_DISK_MIB", "-1", "HEALTH_DISK_MIB=-1: must be"),
        ("METRICS_LABELS", '{"policy": "x"}', "METRICS_LABELS: 'policy' is no label"),
        ("METRICS_LABELS", '{"Of": "x"}', "METRICS_LABELS: 'Of' is no label"),
        ("METRICS_LABELS", "news", "METRICS_LABELS=news: must be names and values as a JSON object"),
        ("METRICS_LABELS", '["news"]', "must be names and values as a JSON object"),
    ],
)
def test_settings_are_checked(name: str, value: str, says: str) -> None:
    """Each with what is allowed."""
    with pytest.raises(ArgumentError, match=re.escape(says)):
        telling(Settings({**_DEFAULTS, name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("METRICS_LISTEN", "[::1]:0"),
        ("METRICS_LISTEN", "localhost:9410"),
        ("METRICS_LABELS", '{"team_2": "x"}'),
        ("METRICS_SECONDS", "0.5"),
        ("HEALTH_DISK_MIB", "0"),
        ("METRICS_TEXTFILE", ""),
    ],
)
def test_settings_that_are_well(name: str, value: str) -> None:
    """Off as they stand."""
    assert telling(Settings({**_DEFAULTS, name: value})).is_off == (name != "METRICS_LISTEN")


_DEFAULTS = {name: getattr(settings, name) for name in dir(settings) if name.startswith(("METRICS_", "HEALTH_"))}


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("METRICS_LISTEN=192.0.2.1:9410", "METRICS_LISTEN: 192.0.2.1:9410: cannot listen there"),
        ("METRICS_TEXTFILE=TMP/out/x.prom", "in the crawl's folder it can only be metrics.prom"),
        ("METRICS_LISTEN=9410", "METRICS_LISTEN=9410: give HOST:PORT"),
        ("METRICS_TEXTFIEL=x", "did you mean METRICS_TEXTFILE?"),
    ],
)
def test_what_cannot_be_told_is_said_before_anything_is_fetched(
    setting: str, says: str, tmp_path: Path, httpserver: HTTPServer
) -> None:
    """One message, an exit code that is not 0, no traceback, no request."""
    process = scrapy(
        *("crawl", "web", "-a", f"seeds={httpserver.url_for('/')}", "-a", "policy=jp", "-a", f"out={tmp_path / 'out'}"),
        *(*FAST, "-s", "PII_NAMES=False", "-s", "WORKERS=1", "-s", setting.replace("TMP", str(tmp_path))),
    )
    assert process.returncode != 0
    assert says.replace("TMP", str(tmp_path)) in process.stderr
    assert "Traceback" not in process.stderr
    assert not httpserver.log
    assert not list(tmp_path.glob("**/*.prom*"))


def test_with_another_setting_it_goes_on(tmp_path: Path, httpserver: HTTPServer) -> None:
    """A crawl that could not tell has read no seed, and says so: it is not complete."""
    httpserver.expect_request("/page").respond_with_data("<p>Words.</p>", content_type="text/html")
    httpserver.expect_request(re.compile("/.*")).respond_with_data("", status=404)
    arguments = ("-a", f"seeds={httpserver.url_for('/page')}", "-a", "policy=jp", "-a", f"out={tmp_path / 'out'}")
    given = (*arguments, *FAST, "-s", "PII_NAMES=False", "-s", "WORKERS=1")
    first = scrapy("crawl", "web", *given, "-s", f"METRICS_TEXTFILE={tmp_path / 'none' / 'x.prom'}")
    assert first.returncode == 1
    assert f"to go on: scrapy crawl web -a out={tmp_path / 'out'} --resume" in first.stdout
    second = scrapy("crawl", "web", *given, "--resume")
    assert second.returncode == 0, second.stderr
    assert [request.path for request, _ in httpserver.log if request.path == "/page"] == ["/page"]
    assert "pending 0" in second.stdout
