"""The log without page text and without personal data, as lines or as JSON: Scrapy's own prints whole items."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, cast

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure

from crawler.arguments import ArgumentError, mapping_of
from crawler.pii.mask import mask_text

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

Error = dict[str, str]  # type and place of an exception

TEXT, JSON = "text", "json"
_ATTRIBUTE = "json_line"  # of a record
_QUOTING = ("asyncio", "twisted")  # loggers whose messages hold exceptions or tracebacks, after the first line
_about: dict[str, str] = {}
NOTHING = cast(LogFormatterResult, None)  # "return None to skip": Scrapy allows it, its types do not


class QuietLogFormatter(LogFormatter):
    """Says nothing about items (the ledger does) and names an error's class, never its message or the item."""

    def scraped(self, item: Any, response: Response | Failure | None, spider: Spider) -> LogFormatterResult:
        return NOTHING

    def dropped(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        return NOTHING

    def item_error(
        self, item: Any, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        return {
            "level": logging.ERROR,
            "msg": "An item could not be recorded: %(error)s",
            "args": {"error": type(exception).__name__},
        }

    def download_error(
        self, failure: Failure, request: Request, spider: Spider, errmsg: str | None = None
    ) -> LogFormatterResult:
        return {
            "level": logging.ERROR,
            "msg": "Error downloading %(request)s: %(error)s",
            "args": {"request": request, "error": _named(failure)},
        }


def begin(settings: BaseSettings) -> None:
    """Set the log up as the settings say, before Scrapy does. Raises ArgumentError."""
    lines = settings["LOG_LINES"] or TEXT
    if lines not in (TEXT, JSON):
        raise ArgumentError(f"LOG_LINES={lines}: must be {TEXT} or {JSON}")
    about(**mapping_of(settings, "LOG_FIELDS"))
    hide_identifiers()
    if lines == JSON:
        settings.set("LOG_FORMAT", f"%({_ATTRIBUTE})s", priority="cmdline")


def about(**fields: str) -> None:
    """What every JSON line says from now on: the crawl, the job, the run."""
    _about.update({name: str(value) for name, value in fields.items()})


def hide_identifiers() -> None:
    """From now on no log record of this process holds an identifier, or the text of an exception, whoever logs it.

    At the source, since Scrapy replaces the handlers of its log while it starts. A second call does nothing.
    """
    make = logging.getLogRecordFactory()
    if getattr(make, "hides", False):
        return

    def make_masked(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        message, error = _message(record), _error(record)
        record.msg, record.args = message + (f" ({error['type']} at {error['place']})" if error else ""), ()
        record.exc_info = record.exc_text = record.stack_info = None  # they quote what was at hand
        setattr(record, _ATTRIBUTE, json_line(message, record.levelname, record.name, record.created, error))
        return record

    make_masked.hides = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(make_masked)


def said(message: str, settings: BaseSettings, level: str) -> str:
    """What a command says on standard error, in the form of the log."""
    return json_line(mask_text(message), level) if settings["LOG_LINES"] == JSON else message


def json_line(
    message: str, level: str = "INFO", logger: str = "crawler", time: float | None = None, error: Error | None = None
) -> str:
    """One line of a log in JSON.

    Args:
        message: Without identifiers.
        level: Its name.
        logger: Who speaks.
        time: Seconds since 1970; None for now.
        error: What was raised, if anything was.
    """
    moment = datetime.now(UTC) if time is None else datetime.fromtimestamp(time, UTC)
    said: dict[str, Any] = {
        "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": level,
        "logger": logger,
        "message": message,
    }
    if error:
        said["exception"] = error
    return json.dumps({**said, **{name: value for name, value in _about.items() if name not in said}})


def _message(record: logging.LogRecord) -> str:
    """What a record says; of those who quote exceptions, tasks and lines of code, only the beginning."""
    if isinstance(record.args, Mapping):
        record.args = {name: _named(value) for name, value in record.args.items()}
    elif record.args:
        record.args = tuple(map(_named, record.args))
    try:
        message = record.getMessage()
    except Exception:  # noqa: BLE001 - a message that does not fit its arguments is a bug of somebody's, not ours
        message = f"a message that cannot be formatted, from {record.module}:{record.lineno}"
    if record.name == "py.warnings":
        message = _warning(message)
    elif record.exc_info or record.name.startswith(_QUOTING):
        message = message.partition("\n")[0]
    return mask_text(message)


def _named(value: Any) -> Any:
    """An argument of a message; of an exception only its type: some quote what a server sent."""
    value = value.value if isinstance(value, Failure) else value
    return type(value).__name__ if isinstance(value, BaseException) else value


def _warning(message: str) -> str:
    """ "path:line: Category: words": the words of a deprecation are the programmer's, all others may be a page's."""
    place, _, rest = message.partition(": ")
    category, _, words = rest.partition(": ")
    file, _, line = place.rpartition(":")
    words = words.partition("\n")[0] if category.endswith("DeprecationWarning") else ""
    return f"{PurePath(file).stem}:{line}: {category}{': ' if words else ''}{words}"


def _error(record: logging.LogRecord) -> Error | None:
    """Type of an exception, and where it was raised: module and line."""
    if not record.exc_info or not record.exc_info[0]:
        return None
    trace = record.exc_info[2]
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}" if trace else "?"
    return {"type": record.exc_info[0].__name__, "place": place}
