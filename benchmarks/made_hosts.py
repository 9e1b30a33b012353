"""Thousands of small sites on loopback, made up as they are asked for: what benchmarks.memory crawls.

    python -m benchmarks.made_hosts --pages 5000 --hosts 500 [--port 0]

Host n is hN.localhost; its front page links to all its other pages, so that so many seeds lead to so many pages. Pages
are in five languages, no two alike. Every host has a robots.txt or none, some have other site files; some hosts and
pages refuse, delay, redirect, fail or are missing. The same number gives the same answer, but for the page that asks
to wait once. One process, asyncio; on SIGTERM it prints how many pages and site files were asked for, as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
from collections import Counter
from dataclasses import dataclass
from random import Random

SHUT_EVERY, FAILING_EVERY = 50, 100  # hosts whose robots.txt refuses everything; that answers 503
_HOST = re.compile(rb"\r\nhost: *h(\d+)\.localhost", re.IGNORECASE)
_STATUS = {200: "OK", 301: "Moved Permanently", 404: "Not Found", 429: "Too Many", 500: "Broken", 503: "Unavailable"}
_SENTENCES = {
    "en": "The {0} beside the {1} was built in {n}, and every {2} of the town has a story about the {3}.;"
    "In the {0} they keep a {1} from {n} which nobody but the {2} may carry to the {3}.",
    "de": "Der Bericht nennt {0} und {1} im Jahr {n}, doch von {2} und {3} ist nirgends die Rede.;"
    "Zwischen {0} und {1} liegen seit {n} viele Wege, die man nur mit {2} oder {3} findet.",
    "fr": "On trouve {0} et {1} dans la chronique de {n}, mais personne ne parle plus de {2} ni de {3}.;"
    "Depuis {n}, les habitants gardent {0} avec {1}, et la ville leur doit {2} et {3}.",
    "es": "La crónica de {n} habla de {0} y de {1}, pero nadie recuerda ya {2} ni {3}.;"
    "Desde {n} los vecinos cuidan {0} junto a {1}, y el pueblo les debe {2} y {3}.",
    "ja": "{n}年の記録には{0}と{1}のことが書かれているが、{2}や{3}については何も残っていない。;"
    "この町では{n}年から{0}と{1}を大切にしており、{2}のそばに{3}が置かれている。",
}
_WORDS = {
    "en": "river mill harbor garden bridge library tower meadow station market orchard lantern workshop museum well",
    "de": "Brücken Gärten Mühlen Türme Wiesen Häfen Märkte Brunnen Bücher Straßen Lampen Wälder Felder Höfe Glocken",
    "fr": "la rivière;le moulin;le jardin;la tour;le marché;le puits;la gare;le musée;la forêt;le phare;la place",
    "es": "el río;el molino;el jardín;la torre;el mercado;el pozo;la estación;el museo;el bosque;el faro;la plaza",
    "ja": "川;水車;庭園;橋;図書館;塔;草原;駅;市場;果樹園;提灯;工房;博物館;井戸;灯台",
}
_LISTS = {name: words.split(";") if ";" in words else words.split() for name, words in _WORDS.items()}
_CONTACT = ("<p>E-mail: {word}@press-{n}.example, tel. +81 3-{n}-{m}</p>", "", "<p>{word}@example.com</p>")
_LICENSE = '<a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>'


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent: a status, header lines, a body."""

    status: int = 200
    headers: tuple[str, ...] = ()
    body: str = ""
    kind: str = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Sites:
    """So many addresses on so many hosts; those of shut hosts have one each, the others share the rest."""

    pages: int
    hosts: int

    def pages_of(self, host: int) -> int:
        """How many addresses of a host a crawl comes to know."""
        if not _is_open(host):
            return 1
        open_hosts = _open_below(self.hosts)
        each, rest = divmod(self.pages - (self.hosts - open_hosts), open_hosts)
        return each + (_open_below(host) < rest)

    def seeds(self, port: int) -> list[str]:
        """The front page of every host."""
        return [f"http://h{host}.localhost:{port}/" for host in range(self.hosts)]

    def answer(self, host: int, path: str, turn: int) -> Answer:
        """What a host sends for a path, asked for the `turn`th time (0: the first)."""
        if path == "/":
            return Answer(body=_html(host, 0, self.pages_of(host)))
        if path.startswith("/page-"):
            return _page(host, int(path[6:]), turn)
        return _site_file(host, path)


def _is_open(host: int) -> bool:
    return bool(host % SHUT_EVERY) and host % FAILING_EVERY != 1


def _open_below(host: int) -> int:
    """How many hosts of smaller numbers are open."""
    return host - -(-host // SHUT_EVERY) - (host + FAILING_EVERY - 2) // FAILING_EVERY


def _site_file(host: int, path: str) -> Answer:
    if path == "/robots.txt":
        return _robots(host)
    if path == "/.well-known/tdmrep.json" and host % 10 == 3:
        reserved = [{"location": "/page-2*", "tdm-reservation": 1}]
        return Answer(body=json.dumps(reserved), kind="application/json")
    if path == "/ai.txt" and host % 20 == 4:
        return Answer(body="User-Agent: *\nDisallow: *.jpg\nAllow: *.html\n", kind="text/plain")
    return Answer(404, body="nothing here\n", kind="text/plain")


def _robots(host: int) -> Answer:
    if host % FAILING_EVERY == 1:
        return Answer(503, kind="text/plain")
    if host % 7 == 6 and host % SHUT_EVERY:
        return Answer(404, kind="text/plain")
    lines = ["User-agent: *", "Disallow: /" if not host % SHUT_EVERY else "Disallow: /private/"]
    lines += ["Crawl-delay: 1"] if host % 40 == 5 else []
    lines += ["", "User-agent: GPTBot", "Disallow: /"] if host % 3 == 0 else []
    return Answer(body="\n".join(lines) + "\n", kind="text/plain")


def _page(host: int, page: int, turn: int) -> Answer:
    kind = (host * 31 + page) % 120
    if kind < 3:
        return Answer(404, body="<p>No such page.</p>")
    if kind < 6:
        return Answer(301, ("Location: /",))
    if kind == 6:
        return Answer(500)
    if kind == 7 and not turn:
        return Answer(429, ("Retry-After: 1",))
    headers = ("X-Robots-Tag: noai",) if kind < 16 else ("TDM-Reservation: 1",) if kind < 26 else ()
    meta = '<meta name="robots" content="noai, noimageai">' if 26 <= kind < 32 else ""
    return Answer(200, headers, _html(host, page, 0, meta))


def _html(host: int, page: int, links: int, meta: str = "") -> str:
    chance = Random(host * 1_000_003 + page)
    language = tuple(_SENTENCES)[host % len(_SENTENCES)]
    word, number = f"w{chance.getrandbits(40):x}", chance.randrange(1000, 9999)
    parts = ["<p>" + " ".join(_sentence(language, chance) for _ in range(4)) + "</p>" for _ in range(3 + page % 5)]
    parts.append(chance.choice(_CONTACT).format(word=word, n=number, m=chance.randrange(1000, 9999)))
    listed = "".join(f'<li><a href="/page-{at}">{word} {at}</a>' for at in range(1, links))
    footer = _LICENSE if host % 6 == 0 else f"&copy; 2026 h{host}"
    head = f'<html lang="{language}"><head><title>{word} {number}</title>{meta}</head>'
    return f"<!doctype html>{head}<body><main>{''.join(parts)}</main><ul>{listed}</ul><footer>{footer}</footer></body>"


def _sentence(language: str, chance: Random) -> str:
    words = chance.sample(_LISTS[language], 4)
    return chance.choice(_SENTENCES[language].split(";")).format(*words, n=chance.randrange(1000, 2026))


class _Connection(asyncio.Protocol):
    def __init__(self, sites: Sites, seen: Counter[str], waited: set[tuple[int, str]]) -> None:
        self._sites, self._seen, self._waited, self._input = sites, seen, waited, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._input += data
        while b"\r\n\r\n" in self._input:
            head, _, self._input = self._input.partition(b"\r\n\r\n")
            host, path = _HOST.search(head + b"\r\n"), head.split(b" ", 2)[1].decode("ascii", "replace")
            self._send(self._answer(int(host[1]), path) if host else Answer(404))

    def _answer(self, host: int, path: str) -> Answer:
        turn = int((host, path) in self._waited)
        answer = self._sites.answer(host, path, turn)
        if answer.status == 429:
            self._waited.add((host, path))
        self._seen["pages" if path == "/" or path.startswith("/page-") else "site files"] += 1
        return answer

    def _send(self, answer: Answer) -> None:
        body = answer.body.encode()
        lines = (
            f"HTTP/1.1 {answer.status} {_STATUS[answer.status]}",
            f"Content-Type: {answer.kind}",
            f"Content-Length: {len(body)}",
            *answer.headers,
        )
        self._transport.write("\r\n".join((*lines, "", "")).encode() + body)


async def _serve(sites: Sites, port: int) -> None:
    seen: Counter[str] = Counter()
    waited: set[tuple[int, str]] = set()
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    server = await loop.create_server(lambda: _Connection(sites, seen, waited), "127.0.0.1", port, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stop.wait()
    print(json.dumps(seen), flush=True)


def main() -> None:
    """Print the port, then serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.made_hosts", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--pages", type=int, default=5_000)
    parser.add_argument("--hosts", type=int, default=500)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    asyncio.run(_serve(Sites(given.pages, given.hosts), given.port))


if __name__ == "__main__":
    main()
