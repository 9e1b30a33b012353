"""The overview as a file of its own: its style is in it, it has no script, and it loads nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from crawler.audit.crawl_folder import CrawlFolder
from crawler.browser import index
from crawler.browser.guard import digest
from crawler.browser.ledger_state import ledger_state
from crawler.browser.pages import overview_page
from crawler.browser.render import style
from crawler.browser.site import site_of


def report(crawl: CrawlFolder, path: Path) -> str:
    """The HTML, from the index at `path`."""
    css = style()
    with index.reading(path) as database:
        site = replace(
            site_of(crawl),
            report=True,
            style=css,
            style_hash=digest(css),
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            lines=ledger_state(crawl.path, database).lines,
        )
        return overview_page(site, database).html
