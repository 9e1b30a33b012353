"""The pages of a benchmark: an archive with its index, as the replay proxy reads them, and a list of seeds.

python -m benchmarks.corpus OUT [--pages 600] [--scheme http|https] [--crawl-delay]

`build` makes a corpus from the few real pages at hand: one page a host, on invented hosts. A page takes the frame of a
real one, paragraphs from all of them, and has some words exchanged for others of the same case, so that no two texts
and no two menus are the same, while sizes and the density of names stay near those of real pages. All of it is English:
the set that the project is measured on elsewhere has 27 languages (`existing` reads such a set), so figures from here
carry over to English pages only.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from protego import Protego

SHARED = Path(__file__).resolve().parents[2] / "shared"
AGENTS = ("*", "Scrapy", "Usufruct", "Mozilla")  # every crawler that is compared, and anybody else
SITE_FILES = re.compile(r"/(robots\.txt|ai\.txt|trust\.txt|llms\.txt|sitemap[^/]*|\.well-known/.*)\Z")
_SMALLEST, _LARGEST, _LARGE_EVERY = (
    5_000,
    500_000,
    100,
)  # bytes of a page; one page in 100 may be larger than the largest
_SWAPPED = 0.15  # share of the words exchanged
_PARAGRAPH = re.compile(r"<p\b[^>]*>.*?</p>", re.DOTALL)
_MARKUP = re.compile(r"(<script\b.*?</script>|<style\b.*?</style>|<!--.*?-->|<[^>]*>|&\w+;)", re.DOTALL)
_RULE = re.compile(r"(?im)^[ \t]*(?:user-agent|allow|disallow|crawl-delay)[ \t]*:.*$")
_WORD = re.compile(r"[A-Za-z]{4,}")


@dataclass(frozen=True, slots=True)
class Corpus:
    """Where the archive, its index and the seeds are, and how many seeds there are."""

    warc: Path
    index: Path
    seeds: Path
    pages: int


def build(
    out: Path, pages: int, data: Path = SHARED / "data", *, scheme: str = "https", crawl_delay: bool = False
) -> Corpus:
    """Make a corpus of `pages` pages in the folder `out`; the same arguments give the same bytes.

    Each host has a real robots.txt that lets every agent in AGENTS have the page. Files that ask for a Crawl-delay are
    left out unless `crawl_delay`: who honors it waits, and waiting is no measure of speed.
    """
    out.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(out / "corpus.warc.gz", out / "corpus.jsonl", out / "seeds.txt", pages)
    allowing = _robots_chooser(data / "robots_dev.jsonl.gz", crawl_delay)
    with corpus.warc.open("wb") as warc, corpus.index.open("w") as index, corpus.seeds.open("w") as seeds:
        for number, (path, html) in zip(range(pages), _vary(_real_pages(data)), strict=False):
            origin = f"{scheme}://h{number:06d}.example"
            url = origin + path
            seeds.write(url + "\n")
            robots = allowing(number, url)
            for address, body, kind in (
                (f"{origin}/robots.txt", robots, "text/plain"),
                (url, html, "text/html; charset=utf-8"),
            ):
                offset, record = warc.tell(), _record(address, body, kind)
                warc.write(record)
                index.write(json.dumps({"url": address, "status": 200, "offset": offset, "length": len(record)}) + "\n")
    return corpus


def existing(warc: Path, index: Path, out: Path, pages: int) -> Corpus:
    """Take the first `pages` pages of an archive that is there already, one a host; only seeds.txt is written."""
    out.mkdir(parents=True, exist_ok=True)
    by_host: dict[str, str] = {}
    for line in index.read_text("utf-8").splitlines():
        entry = json.loads(line)
        url = urlsplit(entry["url"])
        if entry.get("status", 200) == 200 and not SITE_FILES.match(url.path):
            by_host.setdefault(url.netloc, entry["url"])
    chosen = list(by_host.values())[:pages]
    (out / "seeds.txt").write_text("".join(url + "\n" for url in chosen), "utf-8")
    return Corpus(warc, index, out / "seeds.txt", len(chosen))


def _real_pages(data: Path) -> list[tuple[str, str]]:
    """Path and HTML of each real page, smallest first."""
    found = []
    with (data / "web_dev.warc.gz").open("rb") as warc:
        for line in (data / "web_dev.jsonl").read_text("utf-8").splitlines():
            entry = json.loads(line)
            warc.seek(entry["offset"])
            body = gzip.decompress(warc.read(entry["length"])).split(b"\r\n\r\n", 2)[2]
            path = urlsplit(entry["url"]).path
            if len(body) >= _SMALLEST and not SITE_FILES.match(path):
                found.append((path, body.decode("utf-8", "replace")))
    return sorted(found, key=lambda page: len(page[1]))


def _vary(real: list[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    usual = [page for page in real if len(page[1]) <= _LARGEST]
    paragraphs = [paragraph for _, html in usual for paragraph in _PARAGRAPH.findall(html)]
    words = [word for _, html in usual for piece in _MARKUP.split(html)[::2] for word in _WORD.findall(piece)]
    by_case = {upper: [word for word in words if word[0].isupper() is upper] for upper in (False, True)}
    for number in count(1):
        random = Random(number)
        path, html = random.choice(usual if number % _LARGE_EVERY else real[len(usual) :] or usual)
        pieces = _MARKUP.split(_refill(html, random, paragraphs))
        pieces[::2] = [_swap(piece, random, by_case) for piece in pieces[::2]]
        yield path, "".join(pieces).encode()


def _refill(html: str, random: Random, paragraphs: list[str]) -> str:
    share = random.uniform(0.4, 1.2)  # paragraphs for each one of the frame

    def others(_: re.Match[str]) -> str:
        return "\n".join(random.choices(paragraphs, k=int(share + random.random())))

    return _PARAGRAPH.sub(others, html)


def _swap(text: str, random: Random, by_case: dict[bool, list[str]]) -> str:
    def other(match: re.Match[str]) -> str:
        word = match.group()
        return random.choice(by_case[word[0].isupper()]) if random.random() < _SWAPPED else word

    return _WORD.sub(other, text)


def _robots_chooser(path: Path, crawl_delay: bool) -> Callable[[int, str], bytes]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    files: list[bytes] = [
        entry["body"].encode() if "body" in entry else entry["body_latin1"].encode("latin-1") for entry in entries
    ]

    @cache
    def readings(at: int) -> tuple[Protego, Protego]:
        """As Scrapy reads the file, and as RFC 9309 wants it: lines of other kinds do not end a group."""
        text = files[at].decode("utf-8-sig", "ignore")
        return Protego.parse(text), Protego.parse("\n".join(_RULE.findall(text)))

    def fits(at: int, url: str) -> bool:
        return all(
            rules.can_fetch(url, agent) and (crawl_delay or not rules.crawl_delay(agent))
            for rules in readings(at)
            for agent in AGENTS
        )

    def choose(number: int, url: str) -> bytes:
        start = Random(number).randrange(len(files))
        order = (at % len(files) for at in range(start, start + len(files)))
        return files[next(at for at in order if fits(at, url))]

    return choose


def _record(url: str, body: bytes, kind: str) -> bytes:
    """A WARC 1.1 response record, one gzip member (ISO 28500:2017)."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    warc = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-11-22T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid5(NAMESPACE_URL, url)}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(head) + len(body)}\r\n\r\n"
    ).encode()
    return gzip.compress(warc + head + body + b"\r\n\r\n", 6, mtime=0)


def main() -> None:
    """Build a corpus and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus")
    parser.add_argument("out", type=Path)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--data", type=Path, default=SHARED / "data")
    parser.add_argument("--scheme", choices=["http", "https"], default="https")
    parser.add_argument("--crawl-delay", action="store_true", help="keep robots.txt files that ask for a delay")
    given = parser.parse_args()
    corpus = build(given.out, given.pages, given.data, scheme=given.scheme, crawl_delay=given.crawl_delay)
    print(
        f"{corpus.pages} pages, {corpus.warc.stat().st_size / 1e6:.1f} MB: {corpus.warc} {corpus.index} {corpus.seeds}"
    )


if __name__ == "__main__":
    main()
