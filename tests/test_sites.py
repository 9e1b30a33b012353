"""Site files: one fetch for all who ask, a day at most, bounded; redirects as RFC 9309 has them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from crawler.document import Fetched, FetchError
from crawler.sites import DAY_S, SiteFiles

Answers = dict[str, Fetched]


class _Web:
    """Answers from a table, counts questions, and has a clock that only moves when told."""

    def __init__(self, *answers: Fetched) -> None:
        self.answers = {answer.url: answer for answer in answers}
        self.asked: list[str] = []
        self.now = 0.0

    async def fetch(self, url: str) -> Fetched:
        self.asked.append(url)
        await asyncio.sleep(0)
        return self.answers.get(url, Fetched(url, 404))

    def files(self, store: Callable[[Fetched], str] = lambda file: "evidence#0", **options: Any) -> SiteFiles:
        async def may_follow(_: str, target: str) -> bool:
            return "/private" not in target

        return SiteFiles(self.fetch, store, may_follow, clock=lambda: self.now, unreachable_s=5, **options)


def _moved(url: str, to: str) -> Fetched:
    return Fetched(url, 301, (("Location", to),))


async def test_pages_of_an_origin_share_one_fetch() -> None:
    """Also when they ask at the same time; another port is another origin."""
    web = _Web(Fetched("http://a.example/robots.txt", 200, body=b"x"))
    files = web.files()
    got = await asyncio.gather(*(files.get("http://a.example/robots.txt") for n in range(20)))
    await files.get("http://a.example:8080/robots.txt")
    assert {file.body for file in got} == {b"x"}
    assert web.asked == ["http://a.example/robots.txt", "http://a.example:8080/robots.txt"]


@pytest.mark.parametrize(
    ("answer", "kept_s"),
    [
        (Fetched("http://a.example/robots.txt", 200), DAY_S),
        (Fetched("http://a.example/robots.txt", 404), DAY_S),
        (Fetched("http://a.example/robots.txt", 503), 5),
        (Fetched("http://a.example/robots.txt", 429), 5),
        (Fetched("http://a.example/robots.txt", 0, error=FetchError.TIMEOUT), 5),
    ],
)
async def test_a_file_is_kept_for_a_day_and_a_failure_is_not(answer: Fetched, kept_s: float) -> None:
    """RFC 9309 section 2.4."""
    web = _Web(answer)
    files = web.files()
    for now, asked in ((0.0, 1), (kept_s - 1, 1), (kept_s + 1, 2)):
        web.now = now
        await files.get("http://a.example/robots.txt")
        assert len(web.asked) == asked


async def test_five_redirects_are_followed_for_the_first_authority() -> None:
    """RFC 9309 section 2.3.1.2: also across hosts; the rules are those of the host that was asked."""
    start = "http://a.example/robots.txt"
    hops = [start, *(f"http://h{n}.example/r" for n in range(4)), "https://end.example/robots.txt"]
    chain = [_moved(a, b) for a, b in itertools.pairwise(hops)]
    file = await _Web(*chain, Fetched(hops[-1], 200, body=b"rules")).files().get("http://a.example/robots.txt")
    assert (file.url, file.final_url, file.body, file.error) == (start, hops[-1], b"rules", FetchError.NONE)


async def test_a_sixth_redirect_is_said_to_be_too_many() -> None:
    """What follows from it is not decided here."""
    loop = _moved("http://a.example/robots.txt", "/robots.txt")
    web = _Web(loop)
    file = await web.files().get("http://a.example/robots.txt")
    assert file.error is FetchError.TOO_MANY_REDIRECTS
    assert len(web.asked) == 6


async def test_a_redirect_leads_to_nothing_that_is_refused() -> None:
    """Its target is not asked for, and the file is said to be so."""
    web = _Web(_moved("http://a.example/ai.txt", "/private/ai.txt"))
    file = await web.files().get("http://a.example/ai.txt")
    assert (file.url, file.final_url) == ("http://a.example/ai.txt", "http://a.example/private/ai.txt")
    assert (file.body, file.error) == (b"", FetchError.NOT_ASKED)
    assert web.asked == ["http://a.example/ai.txt"]


@pytest.mark.parametrize("location", ["", "  "])
async def test_a_redirect_that_leads_nowhere_is_no_redirect(location: str) -> None:
    """It is the answer."""
    file = await _Web(_moved("http://a.example/robots.txt", location)).files().get("http://a.example/robots.txt")
    assert (file.status, file.final_url, file.error) == (301, "", FetchError.NONE)


async def test_the_type_of_the_content_is_remembered() -> None:
    """Signals need it to read what it encodes; no other header stays."""
    headers = (("content-type", "text/html; charset=Shift_JIS"), ("Set-Cookie", "x"))
    file = await _Web(Fetched("http://a.example/terms", 200, headers, b"x")).files().get("http://a.example/terms")
    assert file.headers == headers[:1]


async def test_the_cache_is_bounded() -> None:
    """By bytes and by number; the least recently used go first."""
    web = _Web(*(Fetched(f"http://h{n}.example/robots.txt", 200, body=bytes(range(n, n + 100))) for n in range(10)))
    files = web.files(max_bytes=500, max_files=3)
    for n in [*range(10), 9, 8, 7]:
        await files.get(f"http://h{n}.example/robots.txt")
    assert len(web.asked) == 10
    await files.get("http://h0.example/robots.txt")
    assert len(web.asked) == 11
