"""States what robots.txt says to our own agent: the verdict for the page's path, and why.

Specification: RFC 9309, sections 2.2 (groups, matching) and 2.3 (fetching), September 2022, read 2026-11-22.
Where it is silent we follow reference/signals.md 18: 401 and 403 allow and are stated as `robots.status`,
429 counts as unreachable, more than five redirects as unavailable.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple

from crawler.document import Evidence, Fact, Fetched, FetchError
from crawler.signals import _robotstxt as robotstxt
from crawler.signals._paths import path_of, target_of

PATH = "/robots.txt"
LAST_GOOD = "/robots.txt(cached)"  # an earlier good copy, which may stand in while the file is unreachable
MAX_AGE_OF_LAST_GOOD = timedelta(days=30)  # RFC 9309 2.3.1.4

WHERE = ("/robots.txt",)
NEEDS = (PATH,)
FACTS = (
    "robots",
    "robots.status",
    "robots.crawl-delay",
    "robots.flag",
    "robots.unreachable-because",
    "robots@legacy",
    "robots@version-tail",
    "robots@closes-header",
    "robots@forbidden-refuses",
    "robots@rate-limited-allows",
    "robots@redirect-limit-refuses",
)
SPECIFICATION = "RFC 9309, September 2022, read 2026-11-22"

_FRAMEWORK = "scrapy"


def read(evidence: Evidence) -> Iterator[Fact]:
    """State robots.txt's verdict for the address and our agent.

    Yields:
        Nothing for a file that was not asked for. Else `robots`, with the deciding line ("robots.txt:L8") or, where
        our own group says nothing about the path, the user-agent line that names us; "not-recorded" for a file that an
        archive does not hold.
        Then the status of a 4xx answer, the reason of an unreachable file, the crawl delay in seconds and flags; and
        the verdict in other readings where they differ: "robots@legacy" is robotexclusionrulesparser's.
    """
    fetched = evidence.site.get(PATH)
    if fetched is None:
        return
    if fetched.error is FetchError.NOT_RECORDED:
        yield Fact("robots", "not-recorded")
        return
    where = f"status:robots.txt={fetched.status or 'error'}"
    reason = unreachable_because(fetched)
    if reason:
        yield Fact("robots.unreachable-because", reason, where)
    if found := in_force(evidence):
        if reason:
            yield Fact("robots.flag", "stale", found.place)
        yield from _read_file(found, evidence)
    elif reason:
        yield Fact("robots", "unreachable", where)
        if reason == "429":
            yield Fact("robots@rate-limited-allows", "allowed", where)
    elif fetched.error is FetchError.TOO_MANY_REDIRECTS:
        yield Fact("robots", "allowed", "status:robots.txt=redirect-limit")
        yield Fact("robots.flag", "too-many-redirects", "status:robots.txt=redirect-limit")
        yield Fact("robots@redirect-limit-refuses", "disallowed", "status:robots.txt=redirect-limit")
    else:
        yield Fact("robots", "allowed", where)
        yield Fact("robots.status", fetched.status, where)
        if fetched.status in (401, 403):
            yield Fact("robots@forbidden-refuses", "disallowed", where)


class InForce(NamedTuple):
    """The rules that count for a site, the name of their place in facts, and the text itself."""

    file: robotstxt.RobotsTxt
    place: str
    body: bytes


def in_force(evidence: Evidence) -> InForce | None:
    """The site's robots.txt, or its last good copy while it is unreachable; None where there are no rules to read."""
    fetched = evidence.site.get(PATH)
    if fetched is None or fetched.error is FetchError.NOT_RECORDED:
        return None
    if _has_rules(fetched):
        return InForce(robotstxt.parse(fetched.body), "robots.txt", fetched.body)
    last_good = evidence.site.get(LAST_GOOD)
    if last_good is not None and unreachable_because(fetched) and _may_stand_in(last_good, fetched):
        return InForce(robotstxt.parse(last_good.body), "robots.txt(cached)", last_good.body)
    return None


def unreachable_because(fetched: Fetched) -> str:
    """Why a robots.txt exchange forbids everything for now (RFC 9309 2.3.1.4); "" when it does not."""
    if _has_rules(fetched) or fetched.error is FetchError.TOO_MANY_REDIRECTS:
        return ""
    if fetched.error is not FetchError.NONE:
        return fetched.error.value
    if fetched.status == 429:
        return "429"
    if 400 <= fetched.status < 500:
        return ""
    return f"{fetched.status // 100}xx" if fetched.status else FetchError.BROKEN.value


def crawl_delay(fetched: Fetched, agent: str) -> float | None:
    """Seconds between requests that robots.txt asks of the agent; None where it asks for nothing usable."""
    if not _has_rules(fetched):
        return None
    delay, _ = _crawl_delay(robotstxt.parse(fetched.body).select(agent)[1])
    return delay


def _has_rules(fetched: Fetched) -> bool:
    """Whether the exchange gave a file; one that was cut for its size has enough of it."""
    if not 200 <= fetched.status < 300:
        return False
    return fetched.error is FetchError.NONE or (fetched.error is FetchError.TOO_LARGE and bool(fetched.body))


def _read_file(found: InForce, evidence: Evidence) -> Iterator[Fact]:
    file = found.file
    token, groups = file.select(evidence.agent)
    target = target_of(evidence.url)
    verdict = robotstxt.ask(groups, target)
    line = verdict.line
    if not line and token != robotstxt.EVERYBODY:
        line = groups[0].line_of(token)
    yield _fact("robots", "allowed" if verdict else "disallowed", found, line)

    delay, line = _crawl_delay(groups)
    if delay is not None:
        yield _fact("robots.crawl-delay", f"{delay:g}", found, line)
    if token != _FRAMEWORK:
        aimed_at_our_kind = robotstxt.ask(file.by_token.get(_FRAMEWORK, ()), target)
        if not aimed_at_our_kind:
            yield _fact("robots.flag", "scrapy-group", found, aimed_at_our_kind.line)
    for flag, line in dict(reversed(file.flags)).items():  # of each flag the first line
        yield _fact("robots.flag", flag, found, line)
    yield from _other_readings(found, evidence, target, bool(verdict))


def _other_readings(found: InForce, evidence: Evidence, target: str, allowed: bool) -> Iterator[Fact]:
    """The verdict where another reading of the file comes to another one."""
    for reading in (robotstxt.VERSION_TAIL, robotstxt.CLOSES_HEADER):
        if reading in dict(found.file.flags):
            other = robotstxt.parse_otherwise(found.body, reading)
            verdict = robotstxt.ask(other.select(evidence.agent)[1], target)
            if bool(verdict) != allowed:
                yield _fact(f"robots@{reading}", "allowed" if verdict else "disallowed", found, verdict.line)
    legacy = robotstxt.legacy(found.body, evidence.agent, path_of(evidence.url))
    if legacy != allowed:
        yield Fact("robots@legacy", "allowed" if legacy else "disallowed", found.place)


def _crawl_delay(groups: Iterable[robotstxt.Group]) -> tuple[float | None, int]:
    """The longest delay that the groups ask for, in seconds, and its line."""
    asked: list[tuple[float, int]] = []
    for group in groups:
        for name, value, line in group.records:
            if name == "crawl-delay" and (seconds := _seconds(value)) is not None:
                asked.append((seconds, -line))
    if not asked:
        return None, 0
    seconds, line = max(asked)
    return seconds, -line


def _seconds(value: bytes) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _may_stand_in(last_good: Fetched, unreachable: Fetched) -> bool:
    """Whether an earlier copy may be used: it is one, and not older than 30 days."""
    if not _has_rules(last_good) or last_good.fetched_at is None or unreachable.fetched_at is None:
        return False
    return unreachable.fetched_at - last_good.fetched_at <= MAX_AGE_OF_LAST_GOOD


def _fact(name: str, value: str, found: InForce, line: int) -> Fact:
    return Fact(name, value, f"{found.place}:L{line}" if line else found.place, found.file.quote(line))
