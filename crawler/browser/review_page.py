"""The review queue, and the page on which one held record is decided: the one place where text of a page is shown."""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from crawler.audit.crawl_folder import CrawlFolder
from crawler.browser import index, lookup
from crawler.browser.pages import Page, missing
from crawler.browser.render import render
from crawler.browser.reviewing import (
    LONGEST_NAME,
    LONGEST_REASON,
    MARKS,
    Answers,
    ReviewError,
    answers,
    decide,
    record_at,
)
from crawler.browser.site import Site
from crawler.document import Result
from crawler.durable import InUseError

PAGE = 50
_LONGEST_TEXT = 50_000  # characters of a record's text on its page

_HELD = """
SELECT lines.number, hex(urls.sha256), urls.url, sites.host, policies.name, coalesce(rules.name, ''),
       (SELECT mark FROM events WHERE event = 'review' AND id = lower(hex(urls.sha256)) || ':' || policies.name
        ORDER BY events.number DESC LIMIT 1) AS mark
FROM lines JOIN urls ON urls.id = lines.url JOIN sites ON sites.id = lines.site
JOIN policies ON policies.id = lines.policy LEFT JOIN rules ON rules.id = lines.rule
WHERE lines.counts AND outcome = 'held' AND mark IS {}NULL AND lines.number > ? ORDER BY lines.number LIMIT ?
"""


class Held(NamedTuple):
    """A held record; `mark` is what was decided last, "" for nothing."""

    number: int
    sha256: str
    url: str
    site: str
    policy: str
    rule: str
    mark: str


class Desk:
    """Where records are decided.

    Attributes:
        cookie: Name of the cookie that has the token, one a port: cookies do not tell ports apart.
    """

    def __init__(
        self, site: Site, crawl: CrawlFolder, path: Path, port: int, token: str = "", key: Path | None = None
    ) -> None:
        self._site, self._crawl, self._path, self._token, self._key = site, crawl, path, token, key
        self.cookie = f"usufruct_review_{port}"

    def is_open(self, token: str) -> bool:
        """Whether this is the token that the terminal printed."""
        return bool(self._token) and hmac.compare_digest(token.encode(), self._token.encode())

    def admitted(self, response: Any, token: str) -> Any:
        """The answer to a token in the address: it goes into a cookie, out of the address and the history."""
        if not self.is_open(token):
            says = "That token is not the one that the terminal printed."
            return response.html(missing(self._site, says, 403, "No entry").html, status=403)
        answer = response.redirect("/review", status=303)
        answer.set_cookie(self.cookie, self._token, path="/review", httponly=True, samesite="strict")
        return answer

    def queue(self, database: sqlite3.Connection, token: str, after: int) -> Page:
        """What waits, and what was decided last."""
        waiting = _held(database, "", after, PAGE + 1)
        decided = [] if after else _held(database, "NOT ", 0, PAGE)
        return Page(
            render(
                "review.html",
                site=self._site,
                here="/review",
                is_open=self.is_open(token),
                waiting=waiting[:PAGE],
                after=waiting[PAGE - 1].number if len(waiting) > PAGE else 0,
                decided=decided,
                texts=self._site.texts,
            )
        )

    def record(
        self,
        database: sqlite3.Connection,
        token: str,
        csrf: str,
        sha256: str,
        policy: str,
        given: Mapping[str, str] | None,
    ) -> Page:
        """One record with its text and the form; with `given`, what the form brought."""
        if not self.is_open(token):
            says = "Open the address that scrapy audit serve --review printed; its token lets you in."
            return missing(self._site, says, 403, "No entry")
        found = lookup.url(self._site.path, database, sha256)
        line = next((line for line in found.lines if line.counts and line.policy == policy), None) if found else None
        if found is None or line is None or line.outcome != Result.HELD:
            return missing(self._site, "No held record of that name is in this crawl.")
        name = f"{sha256}:{policy}"
        record = record_at(self._site.path, str(line.members.get("shard", "")), name)
        answer = answers(given) if given is not None else Answers("", "", "", ())
        problem = ""
        if given is not None and not answer.problems:
            problem = self._decide(name, answer)
            if not problem:
                return Page("", 303, f"/url/{sha256}")
        html = render(
            "record.html", site=self._site, here="", found=found, line=line, record=record, csrf=csrf, answer=answer,
            problem=problem, marks=MARKS, longest_name=LONGEST_NAME, longest_reason=LONGEST_REASON,
            longest_text=_LONGEST_TEXT, text=self._site.texts.get(policy), policy=policy,
        )  # fmt: skip
        return Page(html, 409 if problem else 400 if answer.problems else 200)

    def _decide(self, name: str, answer: Answers) -> str:
        """Write it and bring the index up to it; says what went wrong."""
        if self._key is None:
            return "No key to sign with was named."
        try:
            decide(self._site.path, name, answer, self._key, group_size=max(len(self._crawl.policies), 1))
        except ReviewError as error:
            return str(error)
        with suppress(InUseError):
            index.update(self._crawl, self._path)
        return ""


def _held(database: sqlite3.Connection, decided: str, after: int, limit: int) -> list[Held]:
    rows = database.execute(_HELD.format(decided), (after, limit))
    return [Held(number, name.lower(), url, host, policy, rule, mark or "")
            for number, name, url, host, policy, rule, mark in rows]  # fmt: skip
