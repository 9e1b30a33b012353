"""Spiders of a project that is not ours: a catalogue page by page, each book on its own page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.http import Response, TextResponse
from scrapy.linkextractors import LinkExtractor
from scrapy.spiders import CrawlSpider, Rule
from twisted.python.failure import Failure


def book(response: Response) -> dict[str, Any]:
    title = response.css("h1::text").get() if isinstance(response, TextResponse) else "image"
    return {"title": title, "path": response.url.split("/", 3)[3]}


class BooksSpider(scrapy.Spider):
    """As the tutorial has it."""

    name = "books"

    def __init__(self, site: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.start_urls = [f"{site}/"]

    def parse(self, response: Response) -> Iterator[Any]:
        assert isinstance(response, TextResponse)
        yield {"title": "list", "path": response.url.split("/", 3)[3]}
        for link in response.css("a.book"):
            yield response.follow(link, callback=self.parse_book, errback=self.failed)
        for link in response.css("a.next"):
            yield response.follow(link)

    def parse_book(self, response: Response) -> Iterator[Any]:
        yield book(response)
        for link in response.css("a.author::attr(href)").getall() if isinstance(response, TextResponse) else ():
            yield response.follow(link, callback=self.parse_author, cb_kwargs={"title": book(response)["title"]})

    def parse_author(self, response: Response, title: str) -> Iterator[Any]:
        yield {**book(response), "of": title}
        yield scrapy.FormRequest(response.urljoin("/search"), formdata={"q": title}, callback=self.parse_book)

    def failed(self, failure: Failure) -> None:
        with Path("failed.txt").open("a", encoding="utf-8") as file:
            path = failure.request.url.split("/", 3)[3]  # type: ignore[attr-defined] # Scrapy puts it there
            file.write(f"{path} {type(failure.value).__name__}\n")


class CatalogueSpider(CrawlSpider):
    """By rules."""

    name = "catalogue"
    rules = (
        Rule(LinkExtractor(restrict_css="a.next")),
        Rule(LinkExtractor(restrict_css="a.book"), callback="parse_book"),
    )

    def __init__(self, site: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.start_urls = [f"{site}/"]

    def parse_book(self, response: Response) -> Iterator[Any]:
        yield book(response)


class AgainSpider(scrapy.Spider):
    """Asks for one page again and again, and for one that a middleware answers by itself."""

    name = "again"
    custom_settings = {"DOWNLOADER_MIDDLEWARES": {"books.own.AnsweringMiddleware": 100}}

    def __init__(self, site: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.start_urls = [f"{site}/made-up"]
        self.again = [f"{site}/author/1"] * 3

    def parse(self, response: Response) -> Iterator[Any]:
        yield book(response)
        if self.again:
            yield scrapy.Request(self.again.pop(), dont_filter=True)
