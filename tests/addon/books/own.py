"""Middlewares and a pipeline of the project's own; they know nothing of ours."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.http import HtmlResponse, Response


class HeaderMiddleware:
    """Marks what it saw on its way out and in."""

    def process_request(self, request: Request) -> None:
        request.headers["X-Books"] = "yes"

    def process_response(self, request: Request, response: Response) -> Response:
        return response.replace(headers={**response.headers, "X-Seen": "yes"})


class AnsweringMiddleware:
    """Knows one page by heart."""

    def process_request(self, request: Request) -> Response | None:
        return HtmlResponse(request.url, body=b"<h1>Made up</h1>") if request.url.endswith("/made-up") else None


class CountingMiddleware:
    """Adds to items where they come from."""

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for each in result:
            if isinstance(each, dict):
                each["seen"] = (response.headers.get("X-Seen") or b"").decode()
            yield each


class ShelfPipeline:
    """Writes items as they come."""

    def open_spider(self) -> None:
        self._shelf = Path("shelf.jsonl").open("a", encoding="utf-8")  # noqa: SIM115 - open as long as the spider is

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        self._shelf.write(json.dumps(item) + "\n")
        return item

    def close_spider(self) -> None:
        self._shelf.close()
