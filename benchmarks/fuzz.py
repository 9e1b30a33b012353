"""Throws damaged input at every reader of foreign bytes, for as long as asked, and says what broke or took long.

    python -m benchmarks.fuzz --minutes 30 [--seed 1]

Pages, robots.txt files and media files of ../shared/data, the bundled ones and the reference cases are cut, flipped,
spliced and salted with the words that readers look for; headers and site files are made up of them, too. Every signal
reads the result, before the page and with it, then links, the normal form under random readings, and media files.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from crawler import cases, media, text
from crawler.document import Evidence, Fetched
from crawler.signals import at_page, linked, modules, needs, read_all
from crawler.signals.normal_form import STRICTEST, under
from crawler.signals.open_points import OPEN_POINTS
from crawler.sources.read_warc import read

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
SLOW_S = 2.0
MOST_BYTES = 300_000
HEADERS = (
    *("Content-Usage", "Content-Signal", "Link", "X-Robots-Tag", "tdm-reservation", "tdm-policy", "Content-Type"),
    *("WWW-Authenticate", "Retry-After", "cf-mitigated", "crawler-price", "Location"),
)
TYPES = ("text/html", "text/plain", "image/jpeg", "application/pdf", "application/epub+zip", "application/rsl+xml", "")
PATHS = (*needs(), "/robots.txt(cached)", "/llms.txt", "/terms", "/rsl.xml", "/.well-known/trust.txt")
SALT = (
    *(
        b"User-agent: *\n",
        b"Content-Signal: ai-train=no",
        b"Content-Usage: /a*$ train-ai=n",
        b"License: https://s.example/rsl.xml\n",
    ),
    *(
        b"train-ai=n, x;y=",
        b'<meta name="robots" content="noai">',
        b"noai; noimageai",
        b"unavailable_after: ",
        b"tdm-reservation",
    ),
    *(
        b'[{"location": "*", "tdm-reservation": 1}]',
        b'<rsl xmlns="https://rslstandard.org/rsl"><content url="/*">',
        b"</",
    ),
    *(
        b"<permits type='usage'>",
        b'<script type="application/rsl+xml">',
        b'<script type="application/ld+json">',
        b'{"@type":',
    ),
    *(
        b"datatrainingallowed=",
        b"SPDX-License-Identifier: (MIT OR",
        b"creativecommons.org/licenses/by/",
        b"text and data mining",
    ),
    *(
        b"<x:xmpmeta",
        b"http://ns.useplus.org/ldf/xmp/1.0/",
        b"DMI-PROHIBITED",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xe2\x80\xa8",
    ),
    *(
        b"&#x0;",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
        b"*" * 500,
        b"[" * 500,
        b"<div>" * 300,
        "禁止爬虫".encode(),
        b"https://[",
    ),
)


def seeds() -> list[bytes]:
    """Everything real that is at hand."""
    found = [path.read_bytes() for path in (ROOT / "tests" / "media").glob("*.*")]
    found += [gzip.decompress(path.read_bytes()) for path in (ROOT / "examples").rglob("*.gz")]
    if SHARED.exists():
        found += [path.read_bytes() for path in (SHARED / "data" / "media").glob("*.*")]
        found += [page.body for page in read(SHARED / "data" / "web_dev.warc.gz")]
        lines = gzip.decompress((SHARED / "data" / "robots_dev.jsonl.gz").read_bytes()).splitlines()
        found += [json.loads(line).get("body", "").encode() for line in lines[::5]]
        sheet = cases._load(SHARED / "reference" / "signal-cases.yaml")
        for evidence in map(cases.evidence_of, sheet["cases"]):
            found += [file.body for file in (*evidence.site.values(), evidence.page) if file]
    return [body for body in found if body]


def damaged(chance: random.Random, known: list[bytes]) -> bytes:
    """One input made of others."""
    body = bytearray(chance.choice(known)[:MOST_BYTES])
    for _ in range(chance.randrange(6)):
        place = chance.randrange(len(body) + 1)
        match chance.randrange(5):
            case 0:
                body = body[:place]
            case 1 if body:
                body[place % len(body)] ^= 1 << chance.randrange(8)
            case 2:
                other = chance.choice(known)
                start = chance.randrange(len(other))
                body[place:place] = other[start : start + chance.randrange(3000)]
            case 3:
                body[place:place] = chance.choice(SALT) * chance.choice((1, 1, 1, 40))
            case _:
                body = body[place:]
    return bytes(body[:MOST_BYTES])


def evidence_of(chance: random.Random, known: list[bytes]) -> Evidence:
    """A page with headers and site files."""
    url = f"https://s.example/{chance.choice(('', 'a', 'terms', 'x.jpg', 'b.pdf', 'é?q=[', 'c.py'))}"
    headers = [(name, _line(chance, known)) for name in HEADERS for _ in range(chance.choice((0, 0, 1, 2)))]
    headers.append(("Content-Type", chance.choice(TYPES)))
    site = {
        path: Fetched(f"https://s.example{path}", chance.choice((200, 200, 200, 404, 503)), (), damaged(chance, known))
        for path in PATHS
        if chance.random() < 0.5
    }
    return Evidence(url, "UsufructBot", site, Fetched(url, 200, tuple(headers), damaged(chance, known)))


def _line(chance: random.Random, known: list[bytes]) -> str:
    parts = (
        chance.choice((chance.choice(SALT), chance.choice(known)[:30], b"1", b"n"))
        for _ in range(chance.randrange(1, 4))
    )
    return b", ".join(parts).decode("latin-1")


def run(evidence: Evidence, chance: random.Random) -> Iterator[str]:
    """Read it in every way; yields what is wrong with the facts."""
    assert evidence.page is not None
    stated = read_all(replace(evidence, page=None))
    linked(evidence)
    parsed = text.parse(evidence.page)
    seen = replace(evidence, html=parsed.tree if parsed else None, embedded=media.embedded(evidence.page))
    for module in modules():
        facts = tuple(module.read(seen))
        stated += facts
        for fact in facts:
            if fact.name not in module.FACTS or len(fact.quote) > 200:
                yield f"{module!r} states {fact.name} with a quote of {len(fact.quote)}"
    read_all(replace(seen, site=at_page(seen)))
    points = frozenset(chance.sample([*OPEN_POINTS, STRICTEST], 3))
    if set(under(stated, points)) != set(under(tuple(reversed(stated)), points)):
        yield "the order of facts matters"


def main() -> None:
    """Run and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    known, begin, number = seeds(), perf_counter(), 0
    wrong: Counter[str] = Counter()
    slowest: tuple[float, int] = (0.0, 0)
    while perf_counter() - begin < options.minutes * 60:
        number += 1
        chance = random.Random(f"{options.seed}:{number}")
        start = perf_counter()
        try:
            wrong.update(run(evidence_of(chance, known), chance))
        except Exception:  # noqa: BLE001 - what breaks is what we look for
            wrong[traceback.format_exc(limit=-3)] += 1
        took = perf_counter() - start
        slowest = max(slowest, (took, number))
        if took > SLOW_S:
            wrong["slower than 2 s"] += 1
    print(f"{number} inputs from {len(known)} seeds, {options.minutes:g} minutes, seed {options.seed}")
    print(f"slowest: {slowest[0]:.2f} s (input {slowest[1]})")
    for what, times in wrong.most_common():
        print(f"{times} times: {what}")
    print("nothing wrong" if not wrong else f"{sum(wrong.values())} problems")


if __name__ == "__main__":
    main()
