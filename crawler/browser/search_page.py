"""The page of a search, and of a list of addresses that is narrowed down."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from crawler.browser.pages import Page
from crawler.browser.render import render
from crawler.browser.search import SHORTEST, exact, names_like, rows_about
from crawler.browser.site import Site

NAMES = ("q", "reason", "site", "rule", "policy", "outcome", "differ")
LONGEST = 2_000


def search_page(site: Site, database: sqlite3.Connection, given: Mapping[str, str]) -> Page:
    """What fits; an address that is asked for whole is shown at once."""
    query = {name: given[name].strip()[:LONGEST] for name in NAMES if given.get(name, "").strip()}
    asked, after = query.get("q", ""), given.get("after", "")
    if asked and len(query) == 1 and (name := exact(database, asked)):
        return Page("", 302, f"/url/{name}")
    alone = len(query) == 1 and bool(asked)
    html = render(
        "search.html",
        site=site,
        here="/search" if not query else "",
        asked=asked,
        query=query,
        names=names_like(database, asked) if alone else None,
        found=rows_about(database, query, int(after) if after.isdecimal() and len(after) < 16 else 0),
        reasons=rows_about(database, {"reason": asked}) if alone and len(asked) >= SHORTEST else None,
    )
    return Page(html)
