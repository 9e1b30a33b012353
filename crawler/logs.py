"""Console lines without page text and without personal data: Scrapy's own formatter prints whole items."""

from __future__ import annotations

import logging
from typing import Any, cast

from scrapy import Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure

from crawler.pii.mask import mask_text

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


def hide_identifiers() -> None:
    """From now on no log record of this process holds an identifier, or the text of an exception, whoever logs it.

    At the source, since Scrapy replaces the handlers of its log while it starts.
    """
    make = logging.getLogRecordFactory()

    def make_masked(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        record.msg, record.args = mask_text(record.getMessage()), ()
        if record.exc_info and record.exc_info[0]:
            record.msg += f" ({record.exc_info[0].__name__})"
            record.exc_info = record.exc_text = None  # its message and its lines may quote a page
        return record

    logging.setLogRecordFactory(make_masked)
