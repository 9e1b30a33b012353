"""Header lines with their places, as facts name them. States no facts."""

from __future__ import annotations

from crawler.document import Fetched


def placed(page: Fetched, name: str) -> list[tuple[str, str]]:
    """Each line of a header with its place: "header:link", or "header:link[0]", "header:link[1]" among several."""
    lines = page.header(name)
    return [
        (f"header:{name}[{index}]" if len(lines) > 1 else f"header:{name}", line) for index, line in enumerate(lines)
    ]
