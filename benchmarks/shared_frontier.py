"""What the shared frontier costs: bytes of Redis an address, waiting and done, and steps a second.

    python -m benchmarks.shared_frontier [--addresses 1000000] [--hosts 20000]

A real redis-server of its own on a Unix socket, without persistence, and the crawler's own frontier; no page is
fetched. Addresses are made up, about 80 characters long. One client, one address after the other: several clients add
up until Redis's one thread is busy, which is what "Redis, of one thread" estimates from its own processor time.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import ConnectionError as NotYet
from redis import Redis
from scrapy.settings import Settings

from crawler.cluster.frontier import RedisFrontier
from crawler.document import url_id

NAME = "bench"
TAKEN = 20_000  # addresses that go all the way
SYNC_EVERY = 500
LEASE_S = 86_400.0  # nobody dies here
MIB = 2**20


@contextmanager
def _redis() -> Iterator[tuple[Redis, str]]:
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/redis.sock"
        command = ["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            client = Redis(unix_socket_path=socket)
            try:
                _wait_for(client)
                yield client, f"unix://{socket}"
            finally:
                server.terminate()


def _wait_for(client: Redis) -> None:
    for _ in range(200):
        try:
            client.ping()
        except NotYet:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("redis-server does not answer; is it installed?")


def _bytes(client: Redis) -> int:
    return int(client.info("memory")["used_memory"])


def _busy_s(client: Redis) -> float:
    found = client.info("cpu")
    return float(found["used_cpu_user"]) + float(found["used_cpu_sys"])


def _offer(frontier: RedisFrontier, addresses: int, hosts: int) -> None:
    for number in range(addresses):
        site = f"https://www.host-number-{number % hosts}.example/"
        meta: dict[str, str | int] = {
            "usufruct_seed": site,
            "usufruct_depth": 1,
            "usufruct_hops": 0,
            "usufruct_sitemap_level": 0,
        }
        frontier.offer(f"{site}section/{number // hosts}/an-article-about-{number}.html", meta, counts=True)
        if not number % 10_000:
            frontier.beat()
    frontier.state()  # sends what is gathered


def _take(frontier: RedisFrontier, count: int) -> None:
    for number in range(count):
        taken = frontier.take()
        assert taken is not None
        name = url_id(taken.url)
        frontier.hold(name)
        frontier.decided(name)
        if number % SYNC_EVERY == SYNC_EVERY - 1:
            frontier.synced()
            frontier.beat()


def main() -> None:
    """Fill a frontier, take from it, and print what that cost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.shared_frontier")
    parser.add_argument("--addresses", type=int, default=1_000_000)
    parser.add_argument("--hosts", type=int, default=20_000)
    given = parser.parse_args()
    settings = Settings()
    settings.setmodule("crawler.settings")
    with _redis() as (client, address):
        own = {"FRONTIER_REDIS": address, "FRONTIER_NAME": NAME, "FRONTIER_LEASE": LEASE_S, "DOWNLOAD_DELAY": 0}
        settings.setdict(own)
        frontier = RedisFrontier(settings, None)
        frontier.join("bench", {"jp": "0"}, str(Path.cwd()))
        empty, begin, busy = _bytes(client), time.monotonic(), _busy_s(client)
        _offer(frontier, given.addresses, given.hosts)
        seconds, busy = time.monotonic() - begin, _busy_s(client) - busy
        waiting = (_bytes(client) - empty) / given.addresses
        seen = int(client.memory_usage(f"usufruct:{{{NAME}}}:seen", samples=0) or 0) / given.addresses
        rate, of_one = given.addresses / seconds, given.addresses / busy
        print(f"offered: {rate:.0f} addresses/s; Redis, of one thread: {of_one:.0f}/s")
        print(f"an address that waits: {waiting:.0f} bytes; one that is done: {seen:.0f} bytes (its digest)")
        taken = min(TAKEN, given.addresses)
        begin, busy = time.monotonic(), _busy_s(client)
        _take(frontier, taken)
        seconds, busy = time.monotonic() - begin, _busy_s(client) - busy
        print(f"taken, held, decided: {taken / seconds:.0f} addresses/s; Redis, of one thread: {taken / busy:.0f}/s")
        print(f"Redis resident: {client.info('memory')['used_memory_rss'] / MIB:.0f} MiB")


if __name__ == "__main__":
    main()
