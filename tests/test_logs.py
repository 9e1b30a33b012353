"""The log, as lines and as JSON: what happened and where; never text of a page, whoever logs it."""

from __future__ import annotations

import asyncio
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from scrapy import Request, Spider
from twisted.python.failure import Failure

from crawler import logs
from tests.test_journeys import FAST, scrapy

PLANTED = "Jane Roe met the doctor on Sunday"
MAIL = "jane.roe@planted.example"
OURS = logging.getLogger("of.a.test")


class Written(logging.Handler):
    """Records as they come."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def written() -> Iterator[Written]:
    """What the root logger gets, with our factory for as long as a test runs."""
    before, handler, about = logging.getLogRecordFactory(), Written(), dict(logs._about)
    logs.hide_identifiers()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)
    logging.setLogRecordFactory(before)
    logs._about.clear()
    logs._about.update(about)


def _raise() -> None:
    raise ValueError(PLANTED)


def _failure() -> Failure:
    return Failure(ValueError(PLANTED))  # type: ignore[no-untyped-call]


def _with_exception() -> None:
    try:
        _raise()
    except ValueError:
        OURS.exception("A page\nof two lines")


async def _task_nobody_awaits() -> None:
    loop = asyncio.get_running_loop()
    task = loop.create_future()
    task.set_exception(ValueError(PLANTED))
    loop.call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": ValueError(PLANTED), "task": task}
    )
    task.exception()


def _warn(category: type[Warning]) -> None:
    logging.captureWarnings(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(True)
            warnings.warn(f"of: {PLANTED}", category, stacklevel=1)
    finally:
        logging.captureWarnings(False)


@pytest.mark.parametrize(
    ("happens", "message", "exception"),
    [
        (lambda: OURS.warning("%s pages of %s", 3, "http://a.example/"), "3 pages of http://a.example/", None),
        (lambda: OURS.warning("two\nlines"), "two\nlines", None),
        (
            lambda: OURS.warning("asked for http://a.example/?email=%s", MAIL),
            "http://a.example/?email=[EMAIL_ADDRESS]",
            None,
        ),
        (_with_exception, "A page", "ValueError"),
        (lambda: asyncio.run(_task_nobody_awaits()), "Task exception was never retrieved", "ValueError"),
        (lambda: _warn(UserWarning), ": UserWarning", None),
        (lambda: OURS.warning("%d", "no number"), "a message that cannot be formatted, from test_logs:", None),
        (lambda: OURS.warning("with a stack", stack_info=True), "with a stack", None),
        (lambda: OURS.warning("%s, 2 times: %s", 1, ValueError(PLANTED)), "1, 2 times: ValueError", None),
        (lambda: OURS.warning("again: %(why)s", {"why": ValueError(PLANTED)}), "again: ValueError", None),
        (lambda: OURS.warning("again: %s", _failure()), "again: ValueError", None),
    ],
)
def test_what_is_logged(happens: Callable[[], None], message: str, exception: str | None, written: Written) -> None:
    """In both forms: what the programmer wrote, the type of what was raised and where; no more."""
    happens()
    [record] = written.records
    text, said = logging.Formatter().format(record), json.loads(record.__dict__["json_line"])
    assert message in text
    assert message in said["message"]
    for form in (text, json.dumps(said)):
        assert PLANTED not in form
        assert MAIL not in form
        assert "Traceback" not in form
    assert said.get("exception", {}).get("type") == exception
    assert (f"({exception} at " in text) == bool(exception)


def test_a_download_that_failed_is_named(written: Written) -> None:
    """Scrapy would quote what the server sent instead of a status line."""
    request = Request("http://a.example/")
    said = logs.QuietLogFormatter().download_error(_failure(), request, Spider("x"), PLANTED)
    OURS.log(said["level"], said["msg"], said["args"])
    assert written.records[0].getMessage() == "Error downloading <GET http://a.example/>: ValueError"


def test_where_it_was_raised(written: Written) -> None:
    """Module and line, so that it can be found without its message."""
    _with_exception()
    place = json.loads(written.records[0].__dict__["json_line"])["exception"]["place"]
    assert place == f"{__name__}:{_raise.__code__.co_firstlineno + 1}"


def test_the_words_of_a_deprecation_stay(written: Written) -> None:
    """They are the programmer's."""
    _warn(DeprecationWarning)
    assert written.records[0].getMessage().endswith(f"DeprecationWarning: of: {PLANTED}")
    assert written.records[0].getMessage().startswith("test_logs:")


def test_a_line_says_whose_it_is(written: Written) -> None:
    """Fields that were given, which take no other's name."""
    logs.about(job="news", level="of nobody", message="of nobody")
    OURS.warning("x")
    said = json.loads(written.records[0].__dict__["json_line"])
    assert (said["job"], said["level"], said["message"], said["logger"]) == ("news", "WARNING", "x", "of.a.test")
    assert datetime.fromisoformat(said["time"]).utcoffset() is not None


@pytest.fixture
def site(httpserver: HTTPServer) -> HTTPServer:
    page = f"<html><title>{PLANTED}</title><body><main><p>{PLANTED}, and wrote to {MAIL}.</p></main></body></html>"
    httpserver.expect_request("/robots.txt").respond_with_data(f"# {PLANTED}\nDisallow: /x", content_type="text/plain")
    httpserver.expect_request("/page").respond_with_data(page, content_type="text/html", headers={"X-Word": PLANTED})
    return httpserver


def test_a_crawl_in_json(site: HTTPServer, tmp_path: Path) -> None:
    """Each line of standard error is an object, from the first one on, those of Scrapy, warnings and progress too."""
    seeds = f"{site.url_for('/page')},{site.url_for('/none')}?email={MAIL}"
    process = scrapy(
        *("crawl", "web", "-L", "DEBUG", "-a", f"seeds={seeds}", "-a", "policy=jp", "-a", f"out={tmp_path / 'out'}"),
        *(*FAST, "-s", "PII_NAMES=False", "-s", "WORKERS=1", "-s", "LOG_LINES=json", "-s", "PROGRESS_SECONDS=0.2"),
        *("-a", "bodies=all"),  # a warning of ours
        *("-s", 'LOG_FIELDS={"job": "news", "run": "1"}', "-a", "contact=a@operator.example"),
    )
    assert process.returncode == 0, process.stderr
    said = [json.loads(line) for line in process.stderr.splitlines()]
    assert all({"time", "level", "logger", "message", "job", "run"} <= line.keys() for line in said)
    assert {line["logger"].partition(".")[0] for line in said} >= {"scrapy", "crawler"}
    run = json.loads((tmp_path / "out" / "run.json").read_bytes())["id"]
    assert {line.get("crawl") for line in said} == {None, run}
    assert any("Crawled (200) <GET" in line["message"] for line in said)
    assert any(line["message"].startswith("warning: -a bodies=all") for line in said)
    assert PLANTED not in process.stderr
    assert MAIL not in process.stderr


def test_what_ends_a_crawl_in_json(tmp_path: Path) -> None:
    """Is an object, too."""
    process = scrapy("crawl", "web", "-s", "LOG_LINES=json", "-a", "policy=jp", "-a", f"out={tmp_path / 'out'}")
    assert process.returncode == 1
    said = [json.loads(line) for line in process.stderr.splitlines()]
    assert (said[-1]["level"], said[-1]["message"].partition(": ")[0]) == ("ERROR", "scrapy crawl")


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("LOG_LINES=xml", "LOG_LINES=xml: must be text or json"),
        ("LOG_FIELDS=job", "LOG_FIELDS=job: must be names and values as a JSON object"),
        ("LOG_FIELDS=3", "LOG_FIELDS=3: must be names and values"),
    ],
)
def test_a_form_that_does_not_exist(setting: str, says: str, tmp_path: Path) -> None:
    """Is said at once."""
    process = scrapy("crawl", "web", "-s", setting, "-a", f"out={tmp_path / 'out'}")
    assert process.returncode != 0
    assert says in process.stderr
    assert "Traceback" not in process.stderr
