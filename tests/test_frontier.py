"""The shared frontier, with a real Redis: each address once, a host's turn at a time, nothing lost with whom it was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from scrapy.settings import BaseSettings

from benchmarks.cluster import redis
from crawler.arguments import ArgumentError
from crawler.cluster import connection
from crawler.cluster.address import shown
from crawler.cluster.connection import FrontierError
from crawler.cluster.frontier import RedisFrontier
from crawler.cluster.lock import LockError, RedisLocks
from crawler.cluster.site_files import MOST_BODY_BYTES, pack, unpack
from crawler.document import Fetched, FetchError, url_id
from crawler.shared import Taken
from tests.__main__ import find

pytestmark = pytest.mark.skipif(
    not find("redis-server"), reason="redis-server is not installed: python3 -m tests installs it"
)
POLICIES = {"jp": "digest-jp"}
ONE, TWO, OTHER = "http://a.example/1", "http://a.example/2", "http://b.example/1"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis(tmp_path_factory.mktemp("redis")) as started:
        yield started


@pytest.fixture
def server(address: str) -> Iterator[Redis]:
    client = Redis.from_url(address)
    client.flushdb()
    yield client
    client.close()


Join = Callable[..., RedisFrontier]


@pytest.fixture
def join(server: Redis, address: str) -> Join:
    """A process of the crawl."""

    def join(crawl: str = "c1", *, limit: int | None = None, goes_on: bool = False, **changes: Any) -> RedisFrontier:
        frontier = RedisFrontier(settings(address, **changes), limit)
        frontier.join(crawl, POLICIES, f"crawls/{crawl}", goes_on=goes_on)
        return frontier

    return join


def settings(address: str, **changes: Any) -> BaseSettings:
    values = {
        "FRONTIER_REDIS": address, "FRONTIER_NAME": "news", "FRONTIER_LEASE": 60.0, "DOWNLOAD_DELAY": 0.0,
        "SITE_FILE_TIMEOUT": 15.0, "POSTPONE_DELAY": 10.0, "REDIS_URL": "", "REDIS_PARAMS": {}, **changes,
    }  # fmt: skip
    return BaseSettings(values)


def die(server: Redis, crawl: str) -> None:
    """It is not heard of for longer than its lease."""
    server.zadd("usufruct:{news}:beats", {crawl: 1})


def done(frontier: RedisFrontier, url: str) -> None:
    """Answered, recorded, on the disk."""
    frontier.free_host(url, 0)
    assert frontier.hold(url_id(url))
    frontier.decided(url_id(url))
    frontier.synced()


def test_an_address_is_taken_once(join: Join) -> None:
    """Whoever offers it, and however often; with how it was reached."""
    a, b = join("c1"), join("c2")
    for frontier in (a, b, a):
        frontier.offer(ONE, {"depth": 1}, counts=True)
    assert (b.take(), a.take(), b.take()) == (Taken(ONE, {"depth": 1}, True), None, None)
    done(b, ONE)
    a.offer(ONE, {}, counts=True)
    assert a.take() is None


def test_no_address_is_too_strange(join: Join) -> None:
    """They are JSON in ASCII; what is no address has no host and waits for nobody."""
    urls = ["not an address", "http://a.example/\u00fc", "http://b.example/\udcff", "http://[::1]:8/", "ftp://x/ y"]
    a = join()
    for url in urls:
        a.offer(url, {"refused": "because"}, counts=False)
    taken = []
    while found := a.take():
        taken.append(found)
        done(a, found.url)
    assert sorted(found.url for found in taken) == sorted(urls)


def test_a_host_is_asked_for_one_page_at_a_time(join: Join) -> None:
    """Over all processes; then it is left alone for as long as is asked. Other hosts do not wait."""
    a, b = join("c1"), join("c2")
    for url in (ONE, TWO, OTHER):
        a.offer(url, {}, counts=True)
    assert [found.url for frontier in (a, b, a) if (found := frontier.take())] == [ONE, OTHER]
    a.free_host(ONE, 60)
    assert (b.take(), b.wait_s) == (None, 0.5)
    assert a.hold(url_id(ONE))  # judged at last: the turn ended before
    assert b.take() is None


def test_the_turn_is_nobody_elses_to_end(join: Join) -> None:
    """A late answer of one page does not free the host while another is under way."""
    a, b = join("c1"), join("c2")
    a.offer(ONE, {}, counts=True)
    a.offer(TWO, {}, counts=True)
    assert a.take()
    a.free_host(ONE, 0)
    assert b.take()
    a.free_host(ONE, 0)
    a.offer("http://a.example/3", {}, counts=True)
    assert a.take() is None


def test_a_host_that_asked_for_it_is_left_alone(join: Join) -> None:
    """By every process, for the longest time that was asked for."""
    a, b = join("c1"), join("c2")
    a.leave_alone("a.example", 60)
    a.leave_alone("a.example", 1)
    b.offer(ONE, {}, counts=True)
    assert b.take() is None
    assert 50 < b.quiet_for("a.example") <= 60
    assert b.quiet_for("b.example") == 0


def test_what_is_given_back_waits_again(join: Join) -> None:
    """With what it carries; first or last of its host."""
    a = join()
    for url in (ONE, TWO):
        a.offer(url, {}, counts=True)
    for first, expected in ((True, ONE), (False, TWO)):
        assert a.take()
        a.put_back(ONE, {"tries": 1}, seconds=0, first=first)
        found = a.take()
        assert found is not None
        assert found.url == expected
        a.put_back(found.url, {"tries": 1}, seconds=0, first=True)


def test_the_limit_holds_over_all(join: Join) -> None:
    """What turns out to be no page makes room."""
    a, b = join("c1", limit=2), join("c2", limit=2)
    with a.together():
        for number in range(5):
            a.offer(f"http://a.example/{number}", {}, counts=True)
    assert b.take()
    with b.together():
        b.offer(OTHER, {}, counts=True)
        b.offer("http://c.example/", {}, counts=False)
    assert (b.counted, b.state().accepted) == (2, 3)
    b.is_no_page("http://a.example/0")
    b.offer(OTHER, {}, counts=True)
    assert b.state().accepted == 4


def test_others_take_over_from_the_dead(join: Join, server: Redis) -> None:
    """What it worked on waits again; what it was about to record waits for it alone."""
    a, b = join("c1"), join("c2")
    for url in (ONE, OTHER):
        a.offer(url, {}, counts=True)
    assert a.take()
    assert a.take()
    assert a.hold(url_id(OTHER))
    die(server, "c1")
    assert b.take() == Taken(ONE, {}, True)
    assert b.take() is None
    done(b, ONE)
    state = b.leave()
    assert [(one.crawl, one.held) for one in state.left_by_the_dead()] == [("c1", 1)]
    assert (state.complete, state.may_bring_more()) == (False, False)


@pytest.mark.parametrize("decided", [True, False])
def test_only_the_ledger_knows_what_was_recorded(join: Join, server: Redis, address: str, decided: bool) -> None:
    """A segment that goes on says it: it is decided, or waits again."""
    a = join("c1")
    a.offer(ONE, {}, counts=True)
    assert a.take()
    assert a.hold(url_id(ONE))
    die(server, "c1")
    again = RedisFrontier(settings(address), None)
    assert again.join("c1", POLICIES, "crawls/c1", goes_on=True) == {url_id(ONE)}
    again.settle(*(([url_id(ONE)], []) if decided else ([], [url_id(ONE)])))
    assert again.take() == (None if decided else Taken(ONE, {}, True))
    assert again.state().decided == decided


def test_who_hung_records_nothing_that_others_have(join: Join, server: Redis) -> None:
    """It was stopped for longer than its lease, and goes on as if nothing had been."""
    a, b = join("c1"), join("c2")
    a.offer(ONE, {}, counts=True)
    assert a.take()
    die(server, "c1")
    assert b.take()
    a.beat()
    a.free_host(ONE, 0)
    assert not a.hold(url_id(ONE))
    done(b, ONE)
    a.leave()
    assert b.leave().complete


def test_an_older_run_of_a_segment_has_no_say(join: Join) -> None:
    """The folder's lock stops it on one machine; this, where the folder was copied."""
    old = join("c1")
    old.offer(ONE, {}, counts=True)
    assert old.take()
    new = join("c1", goes_on=True)
    assert not old.hold(url_id(ONE))
    for ask in (old.take, old.beat):
        with pytest.raises(FrontierError, match="does not know this run of news any more"):
            ask()
    new.settle([], [url_id(ONE)])
    assert new.take()


def test_errors_do_not_go_round(join: Join) -> None:
    """What met an error is parked, and tried again when somebody begins."""
    a = join("c1")
    a.offer(ONE, {}, counts=True)
    assert a.take()
    a.park([url_id(ONE)])
    assert a.take() is None
    state = a.state()
    assert (state.parked, state.waiting, state.may_bring_more()) == (1, 1, False)
    assert join("c2").take() == Taken(ONE, {}, True)


def test_no_address_outlives_the_crawl(join: Join, server: Redis) -> None:
    """When all is decided the addresses go, and the rest after a day; the name is not used again."""
    a = join()
    for url in (ONE, TWO, OTHER):
        a.offer(url, {}, counts=True)
    for _ in range(3):
        found = a.take()
        assert found is not None
        done(a, found.url)
    assert a.leave().complete
    kept = server.keys("*")
    assert kept
    assert all(0 < server.ttl(key) <= 24 * 3600 for key in kept)
    assert not any(b"example" in (server.dump(key) or b"") for key in kept)
    with pytest.raises(ArgumentError, match=r"that crawl was complete at .*; give another name"):
        join("c2")


def test_a_process_that_brought_nothing_does_not_end_the_crawl(join: Join, server: Redis) -> None:
    """It failed to begin, say: its name can be used, and what others bring does not go after a day."""
    a, b = join(), join("c2")
    assert not a.leave().complete
    assert all(server.ttl(key) == -1 for key in server.keys("*"))
    b.offer(ONE, {}, counts=True)
    assert b.take()
    done(b, ONE)
    join("c3").leave()


def test_who_brings_addresses_after_the_end_opens_it_again(join: Join, server: Redis) -> None:
    """The others were done before this process had read its seeds; no key of a crawl that goes on has an end."""
    a, b = join(), join("c2")
    a.offer(ONE, {}, counts=True)
    assert a.take()
    done(a, ONE)
    assert a.leave().complete
    b.offer(ONE, {}, counts=True)
    b.offer(TWO, {}, counts=True)
    assert b.take() == Taken(TWO, {}, True)
    assert all(server.ttl(key) == -1 for key in server.keys("*"))
    assert join("c3").state().accepted == 2


def _other_policy(address: str) -> None:
    RedisFrontier(settings(address), None).join("c2", {"jp": "another-digest"}, "x")


def _forgotten(address: str) -> None:
    Redis.from_url(address).flushdb()
    RedisFrontier(settings(address), None).join("c1", POLICIES, "x", goes_on=True)


REFUSED: list[tuple[Callable[[str], None], str]] = [
    (_other_policy, r"FRONTIER_NAME=news: that crawl judges by jp \(digest-jp\); give the same policies and facts"),
    (_forgotten, "FRONTIER_NAME=news: unix://.* knows no such crawl.*-s FRONTIER_REDIS=none"),
    (lambda address: _made(settings(address, FRONTIER_NAME="a b")), "FRONTIER_NAME=a b: is none; give every process"),
    (lambda address: _made(settings(address, FRONTIER_NAME="")), "FRONTIER_NAME is missing; give every process"),
    (lambda address: _made(settings("http://x")), "FRONTIER_REDIS=http://x: .*write redis://HOST:6379/0"),
]


def _made(chosen: BaseSettings) -> None:
    RedisFrontier(chosen, None)


@pytest.mark.parametrize(("do", "says"), REFUSED)
def test_what_does_not_fit_is_refused(join: Join, address: str, do: Callable[[str], None], says: str) -> None:
    """With what is there and what to do."""
    join("c1")
    with pytest.raises(ArgumentError, match=says):
        do(address)


def test_who_cannot_be_reached_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a bounded number of tries, without the password."""
    monkeypatch.setattr(connection, "WAITS_S", (0.0, 0.0))
    frontier = RedisFrontier(settings("redis://user:secret@127.0.0.1:1/0"), None)
    with pytest.raises(FrontierError) as problem:
        frontier.join("c1", POLICIES, "x")
    assert "the shared frontier at redis://...@127.0.0.1:1/0: cannot be reached" in str(problem.value)
    assert "secret" not in str(problem.value)
    assert shown("unix:///run/redis.sock") == "unix:///run/redis.sock"


@pytest.mark.parametrize(
    "address",
    [
        "redis://:secr/et@127.0.0.1:1/0",
        "redis://:se@cret@127.0.0.1:1/0",
        "redis://:se?cret@127.0.0.1:1/0",
        "redis://:se#cret@127.0.0.1:1/0",
        "redis://127.0.0.1:1/0?password=secret",
        "unix:///nowhere/redis.sock?db=0&password=secret",
        ":secret@127.0.0.1:1",
    ],
)
def test_no_message_holds_a_piece_of_the_password(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of the frontier nor of a lock of jobs, however it is written."""
    monkeypatch.setattr(connection, "WAITS_S", ())
    with pytest.raises((FrontierError, ArgumentError)) as problem:
        RedisFrontier(settings(address), None).join("c1", POLICIES, "x")
    with pytest.raises(LockError) as refused, RedisLocks(f"{address}#news").hold("job"):
        pass
    for said in (str(problem.value), str(refused.value)):
        assert not any(piece in said for piece in ("secr", "cret", "se@", ":se;", "'se'")), said


ROBOTS = "http://a.example/robots.txt"
ANSWER = Fetched(ROBOTS, 200, (("X", "\u00e9"),), b"User-agent: *", error=FetchError.NONE)


async def test_a_site_file_is_fetched_once(join: Join) -> None:
    """One process fetches it, the others wait for its answer."""
    a, b = join("c1"), join("c2")
    asked: list[str] = []
    goes_on = asyncio.Event()

    async def fetch() -> Fetched:
        asked.append("")
        await goes_on.wait()
        return ANSWER

    both = [asyncio.ensure_future(frontier.site_file(ROBOTS, fetch)) for frontier in (a, b)]
    await asyncio.sleep(0)
    goes_on.set()
    (first, kept_s), (second, left_s) = await asyncio.gather(*both)
    assert (first, second, len(asked)) == (ANSWER, ANSWER, 1)
    assert kept_s == 24 * 3600 >= left_s > 24 * 3600 - 60


async def test_who_dies_while_fetching_is_not_waited_for(join: Join, server: Redis) -> None:
    """Another one fetches; a failure counts for a short time."""
    a, b = join("c1"), join("c2")

    async def die_then_fail() -> Fetched:
        die(server, "c1")
        return (await b.site_file(ROBOTS, fail))[0]

    async def fail() -> Fetched:
        return Fetched(ROBOTS, 503)

    assert (await a.site_file(ROBOTS, die_then_fail))[0].status == 503
    _, left_s = await b.site_file(ROBOTS, fail)
    assert left_s <= 5


async def test_site_files_take_a_bounded_room(join: Join, server: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those go first that were asked for longest ago."""
    monkeypatch.setattr("crawler.cluster.site_files.MOST_BYTES", 2_000)
    a = join()

    async def fetch() -> Fetched:
        return Fetched(url, 200)

    for number in range(40):
        url = f"http://{number}.example/robots.txt"
        await a.site_file(url, fetch)
    assert 0 < len(server.keys("*:site:*")) < 20
    assert int(server.hget("usufruct:{news}:sizes", "") or 0) <= 2_000


UNREADABLE = [b"", b"{}\n", b"\x80\x04pickle", pack(ANSWER)[:-3], pack(Fetched("http://b.example/", 200)), b"[1]\nx"]


@pytest.mark.parametrize("content", UNREADABLE)
def test_what_is_no_site_file_counts_as_none(content: bytes) -> None:
    """Nothing in Redis is run, and nothing fails."""
    found = unpack(ROBOTS, content)
    assert found is None or len(found.body) <= MOST_BODY_BYTES


def test_nothing_in_redis_is_a_pickle(join: Join, server: Redis) -> None:
    """Addresses are JSON, nothing here loads anything else."""
    a = join()
    a.offer(ONE, {"depth": 1}, counts=True)
    assert a.take()
    (entry,) = server.hvals("usufruct:{news}:leased:c1")
    assert entry == f'{url_id(ONE)} 0 1 a.example {{"url":"{ONE}","meta":{{"depth":1}}}}'.encode()
    for path in Path("crawler/cluster").glob("*.py"):
        assert "pickle.load" not in path.read_text()
