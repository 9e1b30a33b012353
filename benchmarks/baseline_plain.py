"""Today's alternative 1: plain Scrapy that obeys robots.txt and looks at nothing else.

http_proxy=... scrapy runspider baseline_plain.py -a seeds=seeds.txt -O pages.jsonl   (outside the project's folder)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.http import Response


class PlainSpider(scrapy.Spider):
    """Fetch each seed and note its length."""

    name = "plain"
    custom_settings = {
        "ROBOTSTXT_OBEY": True,
        "CONCURRENT_REQUESTS": 32,
        "DOWNLOAD_DELAY": 0,
        "USER_AGENT": "benchmark/1.0 (+mailto:bench@example.org)",
        "LOG_LEVEL": "INFO",
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
    }

    def __init__(self, seeds: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.seeds = Path(seeds)

    async def start(self) -> AsyncIterator[scrapy.Request]:
        for url in self.seeds.read_text("utf-8").split():
            yield scrapy.Request(url)

    def parse(self, response: Response, **_: Any) -> Iterator[dict[str, Any]]:
        yield {"url": response.url, "length": len(response.body)}
