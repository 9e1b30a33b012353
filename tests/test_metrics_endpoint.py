"""The endpoint: a real server on loopback, read as Prometheus reads it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from socket import socket

import pytest
from prometheus_client.parser import text_string_to_metric_families

from crawler.metrics.endpoint import EndpointError, Health, Server, serve
from crawler.metrics.metric import Metric, counter, gauge

METRICS = (
    gauge("usufruct_queue_waiting_pages", "Pages that wait.", 3),
    counter("usufruct_pages_total", "Pages.", [({"result": "kept"}, 2.0), ({"result": "dropped"}, 5.0)]),
)


class State:
    """What the endpoint is asked to tell."""

    health = Health(True, facts={"pending": 3})
    metrics: tuple[Metric, ...] = METRICS

    def collect(self) -> tuple[Metric, ...]:
        if not self.metrics:
            raise RuntimeError("secret")
        return self.metrics


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
def server(state: State) -> Iterator[Server]:
    server = serve(port=0, collect=state.collect, health=lambda: state.health)
    yield server
    server.close()


def ask(server: Server, path: str, method: str = "GET") -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(server.host, server.port, timeout=5)
    connection.request(method, path)
    answer = connection.getresponse()
    return answer, answer.read()


def test_metrics_are_read_by_prometheus(server: Server) -> None:
    """Every sample comes through, with the type and media type that the format asks for."""
    answer, body = ask(server, "/metrics")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    found = {
        (sample.name, *sample.labels.values()): (family.type, sample.value)
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }
    assert found == {
        ("usufruct_queue_waiting_pages",): ("gauge", 3.0),
        ("usufruct_pages_total", "kept"): ("counter", 2.0),
        ("usufruct_pages_total", "dropped"): ("counter", 5.0),
    }


@pytest.mark.parametrize(
    ("health", "status"),
    [(Health(True, facts={"pending": 3}), 200), (Health(False, ("the disk is nearly full",), {"pending": 3}), 503)],
)
def test_health(health: Health, status: int, server: Server, state: State) -> None:
    """200 or 503, and why."""
    state.health = health
    answer, body = ask(server, "/health")
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/json")
    assert json.loads(body) == {"ok": health.ok, "problems": list(health.problems), "pending": 3}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/metrics/", 404),
        ("GET", "/../etc/passwd", 404),
        ("GET", "/health?verbose=1", 200),
        ("HEAD", "/metrics", 200),
        ("POST", "/metrics", 501),
        ("DELETE", "/health", 501),
    ],
)
def test_nothing_else_is_there(method: str, path: str, status: int, server: Server) -> None:
    """Two pages, to be read."""
    answer, body = ask(server, path, method)
    assert answer.status == status
    assert not body or method != "HEAD"
    assert "Python" not in answer.headers["Server"]


def test_what_cannot_be_read_is_said_without_its_message(server: Server, state: State) -> None:
    """The endpoint goes on."""
    state.metrics = ()
    answer, body = ask(server, "/metrics")
    assert (answer.status, body) == (500, b"cannot be read now: RuntimeError\n")
    state.metrics = METRICS
    assert ask(server, "/metrics")[0].status == 200


def test_a_client_that_says_nothing_holds_nobody_up(server: Server) -> None:
    """Others are answered meanwhile, and the server closes."""
    with socket() as silent:
        silent.connect((server.host, server.port))
        assert ask(server, "/health")[0].status == 200


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", None), ("192.0.2.1", 0), ("127.0.0.1", 70_000)])
def test_where_it_cannot_listen(host: str, port: int | None, server: Server) -> None:
    """A port that is taken, an address of somebody else, no port, no address."""
    with pytest.raises(EndpointError, match=r"cannot listen there.*give another HOST:PORT"):
        serve(host, server.port if port is None else port, collect=lambda: METRICS, health=lambda: Health(True))


def test_the_extra_is_named_where_it_is_missing() -> None:
    """In a process that cannot import it."""
    program = (
        "import sys; sys.modules['prometheus_client'] = None\n"
        "from crawler.metrics.endpoint import Health, serve\n"
        "serve(port=0, collect=lambda: (), health=lambda: Health(True))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "needs the extra `metrics`: pip install 'usufruct[metrics]'" in ran.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("usufruct_pages", "counter"),
        ("usufruct_pages_total", "gauge"),
        ("pages_total", "counter"),
        ("usufruct_Pages_total", "counter"),
        ("usufruct_pages__", "gauge"),
        ("usufruct_", "gauge"),
    ],
)
def test_names_keep_the_conventions(name: str, kind: str) -> None:
    """At the place where they are made."""
    with pytest.raises(ValueError, match="begins with usufruct_"):
        (counter if kind == "counter" else gauge)(name, "Help.", 1)
