"""What deciding costs: all signals, the normal form and four policies for one page, HTML parsed before.

    python -m benchmarks.decide [--warc F.warc.gz] [--rounds 20]

Prints the median and the 95th percentile over all pages of an archive, in milliseconds. robots.txt of the page's origin
is read anew for each page's first round, as in a crawl with one page a host; later rounds find it parsed, as in a crawl
of a site. Both are printed.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from crawler import text
from crawler.arguments import AGENT, all_facts
from crawler.document import Evidence, Fetched, FetchError
from crawler.policy.decide import decide
from crawler.policy.load import load_all
from crawler.signals import needs, read_all
from crawler.signals.normal_form import normal_form
from crawler.sources.read_warc import read
from crawler.sources.site_files import index_site_files, origin_of

POLICIES = "jp,us,eu,cn"
RUN = {"fetched-by": "us", "commercial": "yes", "competes": "no", "purpose": "model-training", "actor": "company"}
DATA = Path(__file__).parents[2] / "shared" / "data" / "web_dev.warc.gz"


def pages(warc: Path) -> list[Evidence]:
    """Every page of the archive with its site files, parsed."""
    index = index_site_files(warc, needs())
    found = []
    for page in read(warc):
        key = origin_of(page.url)
        if key is None or page.url.endswith("/robots.txt"):
            continue
        held = index.get(key, {})
        site = {path: held.get(path) or Fetched(path, 0, error=FetchError.NOT_RECORDED) for path in needs()}
        parsed = text.parse(page)
        found.append(Evidence(page.url, AGENT, site, page, parsed.tree if parsed else None, RUN))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--warc", type=Path, default=DATA)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    policies = load_all(POLICIES, all_facts(), today=date(2026, 11, 22))
    evidences = pages(options.warc)
    first: list[float] = []
    later: list[float] = []
    for evidence in evidences:
        for turn in range(options.rounds):
            begin = perf_counter()
            stated = read_all(replace(evidence, page=None, html=None))
            for policy in policies:
                decide(policy, (*stated, *normal_form(stated)))
            stated = tuple(dict.fromkeys((*stated, *read_all(replace(evidence, site={})))))
            facts = (*stated, *normal_form(stated))
            for policy in policies:
                decide(policy, facts)
            (later if turn else first).append((perf_counter() - begin) * 1000)
    print(f"{len(evidences)} pages, {len(policies)} policies, ms a page")
    for name, times in (("first page of a site", first), ("later pages", later)):
        print(f"{name:22} median {median(times):.3f}   95th percentile {quantiles(times, n=20)[-1]:.3f}")


if __name__ == "__main__":
    main()
