"""Which library extracts the main text: time and agreement on the same pages, in one run.

    python -m benchmarks.text [--warc F.warc.gz]

`shared` is how much of one text's words are in the other's: high both ways means that the two agree.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from time import perf_counter

import trafilatura
from trafilatura.utils import load_html

from benchmarks.decide import DATA
from crawler import text
from crawler.document import Extracted, Fetched
from crawler.sources.read_warc import read
from crawler.text import quality
from crawler.text.decode import decode


def _ours(html: str, body: bytes) -> str:
    page = text.parse(Fetched("http://page.example/", 200, (("Content-Type", "text/html"),), body))
    return page.extract().text if page else ""


def _trafilatura(metadata: bool) -> Callable[[str, bytes], str]:
    def extract(html: str, body: bytes) -> str:
        document = trafilatura.bare_extraction(
            load_html(html), with_metadata=metadata, include_comments=False, fast=not metadata
        )
        return str(getattr(document, "text", None) or "")

    return extract


WAYS = {"resiliparse (ours)": _ours, "trafilatura, fast": _trafilatura(False), "trafilatura, full": _trafilatura(True)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warc", type=Path, default=DATA)
    options = parser.parse_args()
    bodies = [page.body for page in read(options.warc) if not page.url.endswith("/robots.txt")]
    texts: dict[str, list[set[str]]] = {}
    for name, extract in WAYS.items():
        extract(decode(bodies[0]), bodies[0])  # loads what is loaded once
        begin = perf_counter()
        texts[name] = [set(extract(decode(body), body).split()) for body in bodies]
        print(f"{name:20} {(perf_counter() - begin) * 1000 / len(bodies):7.1f} ms a page")
    _print_quality(bodies)
    ours, theirs = texts["resiliparse (ours)"], texts["trafilatura, full"]
    print(f"shared: {_shared(theirs, ours):.2f} of its words are in ours, {_shared(ours, theirs):.2f} the other way")


def _print_quality(bodies: list[bytes]) -> None:
    """What the facts of quality cost beside the extraction, in turn on each page."""
    extraction = facts = 0.0
    for body in bodies * 5:
        begin = perf_counter()
        extracted = Extracted(_ours("", body))
        between = perf_counter()
        list(quality.facts_of(extracted))
        extraction, facts = extraction + between - begin, facts + perf_counter() - between
    share = f"{facts / extraction:.1%} of the extraction"
    print(f"{'facts of quality':20} {facts * 200 / len(bodies):7.1f} ms a page, {share}")


def _shared(some: list[set[str]], others: list[set[str]]) -> float:
    return mean(len(a & b) / len(a) for a, b in zip(some, others, strict=True) if a)


if __name__ == "__main__":
    main()
