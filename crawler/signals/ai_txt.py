"""States what ai.txt, a file like robots.txt about kinds of files, says about training on this address.

Specification: none; the form of Spawning's generator (30 May 2023), as in reference/signals.md 7, read 2026-11-22.
Groups and their choice are those of robots.txt; the patterns are endings of file names, so a pattern for pictures
says nothing about a page. Other files of that name (draft-car-ai-txt-wellknown) are flagged and not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from crawler.document import Evidence, Fact, Fetched
from crawler.signals import _robotstxt as robotstxt
from crawler.signals._paths import Pattern, target_of

PATH = "/ai.txt"

WHERE = ("/ai.txt",)
NEEDS = (PATH,)
FACTS = ("ai-txt", "ai-txt.flag")
SPECIFICATION = "ai.txt, Spawning, 30 May 2023, read 2026-11-22"

_ENDING = re.compile(r"/?\*?(\.[a-z0-9.]+)\$?")
_PLACE = "file:ai.txt"


def read(evidence: Evidence) -> Iterator[Fact]:
    """State "disallowed" or "allowed" by the longest rule that matches the address, with its line.

    Yields:
        Nothing where no rule matches. `ai-txt.flag`: "not-text" for a web page or a picture in place of the file,
        "unratified" for a file in another form, "unread" where the file may exist and could not be had.
    """
    fetched = evidence.site.get(PATH)
    if fetched is None:
        return
    if not fetched.has_content:
        if fetched.status >= 500 or fetched.status == 429:
            yield Fact("ai-txt.flag", "unread", f"status:ai.txt={fetched.status}")
        return
    if _is_no_text(fetched):
        yield Fact("ai-txt.flag", "not-text", _PLACE)
        return
    file = robotstxt.parse(fetched.body)
    if not file.groups:
        if fetched.body.strip():
            yield Fact("ai-txt.flag", "unratified", _PLACE)
        return
    _, groups = file.select(evidence.agent)
    if rule := _deciding(groups, _name_of(evidence.url)):
        value = "allowed" if rule.allow else "disallowed"
        yield Fact("ai-txt", value, f"{_PLACE}:L{rule.line}", file.quote(rule.line))


def _is_no_text(file: Fetched) -> bool:
    """By its declared type, where the type is still known, and by what it holds."""
    types = file.header("content-type")
    if types and not types[0].strip().lower().startswith("text/plain"):
        return True
    return b"\0" in file.body[:1024] or file.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _name_of(url: str) -> str:
    """The path as rules see it: without query, in lower case."""
    return target_of(url).partition("?")[0].lower()


def _deciding(groups: tuple[robotstxt.Group, ...], name: str) -> robotstxt.Rule | None:
    """The longest rule that matches, allow among equals, as in robots.txt."""
    matching = [rule for group in groups for rule in group.rules if _pattern(rule.pattern).matches(name)]
    return max(matching, key=lambda rule: (len(rule.pattern), rule.allow, -rule.line), default=None)


@lru_cache(maxsize=1024)
def _pattern(text: str) -> Pattern:
    """A rule's pattern: `*.jpg` and `.jpg` are endings, all else is a path as in robots.txt."""
    ending = _ENDING.fullmatch(text.lower())
    return Pattern(f"*{ending[1]}$" if ending else text.lower())
