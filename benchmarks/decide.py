"""What deciding costs: signals, the normal form and policies for one page, HTML parsed before; and loading policies.

    python -m benchmarks.decide [--warc F.warc.gz] [--rounds 20]

Prints the median and the 95th percentile over all pages of an archive, in milliseconds:

- what the page says: all signals on the page, with the site files that are read again with it;
- the gate: all signals on the site files, twice: robots.txt read anew as for the first page of a site, or known;
- links to terms and licenses, looked for in the main process;
- deciding: the normal form, the rules of four policies, the rules of all shipped policies.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from crawler import text
from crawler.arguments import AGENT, all_facts
from crawler.document import Evidence, Fact, Fetched, FetchError
from crawler.judge import page_evidence
from crawler.policy.decide import decide
from crawler.policy.library import profiles
from crawler.policy.load import load_all
from crawler.policy.policy import Policy
from crawler.signals import _robotstxt as robotstxt
from crawler.signals import linked, needs, read_all
from crawler.signals._markup import collect
from crawler.signals.normal_form import under
from crawler.sources.read_warc import read
from crawler.sources.site_files import index_site_files, key_of
from crawler.urls import origin

POLICIES = "jp,us,eu,cn"
DAY = date(2026, 11, 22)
RUN = {"fetched-by": "us", "commercial": "yes", "competes": "no", "purpose": "model-training", "actor": "company"}
DATA = Path(__file__).parents[2] / "shared" / "data" / "web_dev.warc.gz"


def pages(warc: Path) -> list[Evidence]:
    """Every page of the archive with its site files, parsed."""
    index = index_site_files(warc, needs())
    found = []
    for page in read(warc):
        if page.url.removeprefix(origin(page.url)) in needs():
            continue
        addresses = {path: origin(page.url) + path for path in needs()}
        held = {path: (key := key_of(address)) and index.get(key) for path, address in addresses.items()}
        site = {path: held[path] or Fetched(path, 0, error=FetchError.NOT_RECORDED) for path in needs()}
        parsed = text.parse(page)
        found.append(Evidence(page.url, AGENT, site, page, parsed.tree if parsed else None, run=RUN))
    return found


def _decide(policies: Sequence[Policy], facts: Sequence[Fact]) -> None:
    for policy in policies:
        decide(policy, facts)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warc", type=Path, default=DATA)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    begin = perf_counter()
    every = load_all(",".join(profiles()), all_facts(), today=DAY)
    print(f"{len(every)} profiles loaded in {perf_counter() - begin:.2f} s")
    policies = load_all(POLICIES, all_facts(), today=DAY)
    evidences = pages(options.warc)
    read_all(evidences[0])  # what is loaded once
    times: dict[str, list[float]] = {}

    def timed(name: str, work: Callable[[], object]) -> None:
        start = perf_counter()
        work()
        times.setdefault(name, []).append((perf_counter() - start) * 1000)

    for evidence in evidences:
        gate, page = replace(evidence, page=None, html=None), page_evidence(evidence)
        unparsed = replace(evidence, html=None)
        stated = tuple(dict.fromkeys((*read_all(gate), *read_all(page))))
        facts = under(stated)
        for _ in range(options.rounds):
            robotstxt._parse_small.cache_clear()
            robotstxt._legacy.cache_clear()
            collect.cache_clear()
            timed("gate, first page of a site", partial(read_all, gate))
            timed("gate, later pages", partial(read_all, gate))
            timed("links to terms and licenses", partial(linked, unparsed))
            timed("what the page says", partial(read_all, page))
            timed("normal form", partial(under, stated))
            timed(f"rules of {len(policies)} policies", partial(_decide, policies, facts))
            timed(f"rules of {len(every)} policies", partial(_decide, every, facts))
    print(f"{len(evidences)} pages, {options.rounds} rounds, ms a page")
    for name, measured in times.items():
        print(f"{name:30} median {median(measured):.3f}   95th percentile {quantiles(measured, n=20)[-1]:.3f}")


if __name__ == "__main__":
    main()
