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


class _Masking(logging.Filter):
    """Masks identifiers in whatever a library logs; addresses of pages may hold them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask_text(record.getMessage()), ()
        return True


def hide_identifiers() -> None:
    """Let no handler of the console or of a log file print an identifier."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(_Masking())
