"""What a month of a billion pages would take with this design: sums from measured figures; each can be replaced.

    python -m benchmarks.arithmetic [--pages 1e9] [--crawl DIR] [--main-ms 12 --worker-ms 25 ...]

`--crawl DIR` takes bytes a page from a finished crawl of your own. Every figure that goes in is printed first, with
where it was measured, or that it is guessed; docs/operations.md tells by which commands. What comes out is an estimate,
all of it: what one machine did, multiplied. Times are those of the machine that measured; take them anew on yours.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crawler.audit.crawl_folder import FolderError, open_crawl

DAY_S, GB, TB = 86_400, 1e9, 1e12
KINDS = {"ledger": ("ledger",), "facts": ("facts",), "evidence": ("evidence",), "bodies": ("bodies",)}
_MEMORY = "benchmarks.memory: made pages of 2 KB, ten a host, no TLS"
_CRAWL = "benchmarks.crawl --memory 400: pages like real ones, three policies"
_JUDGE = "scrapy judge, the same pages, English, names of persons on"
_REDIS = "benchmarks.shared_frontier"


@dataclass(frozen=True, slots=True)
class Given:
    """One figure that goes in: its option, what it is, its value, and where that is from."""

    name: str
    what: str
    value: float
    source: str


GIVEN = (
    Given("pages", "pages a month", 1e9, "the question"),
    Given("days", "days of that month", 30, "the question"),
    Given("policies", "policies at once", 3, "the question"),
    Given("main-ms", "processor ms a page, main process", 12, f"{_MEMORY}: 10.5; one page a host, TLS: 34"),
    Given("worker-ms", "processor ms a page, workers", 31, _JUDGE),
    Given("main-mib", "memory of a main process, MiB", 350, _MEMORY),
    Given("worker-mib", "memory of a worker, MiB", 500, "guessed: 212 without names; benchmarks.pii_memory"),
    Given("busy", "share of a core that may be used", 0.7, "guessed"),
    Given("cores", "cores of a machine", 16, "guessed"),
    Given("site-files", "site files asked for, a page", 0.5, _MEMORY),
    Given("page-kb", "KB on the line a page, site files included", 25, "guessed: such pages are 20 KB in gzip"),
    Given("delay-s", "seconds between two pages of a host", 1.0, "DOWNLOAD_DELAY"),
    Given("pages-per-host", "pages a host and month", 100, "guessed"),
    Given("found", "addresses known for each one fetched", 3, "guessed"),
    Given("waiting-bytes", "bytes of Redis, an address that waits", 425, _REDIS),
    Given("seen-bytes", "bytes of Redis, an address that is known", 80, _REDIS),
    Given("offers-per-s", "addresses offered to one Redis a second", 41_772, f"{_REDIS}, of one thread"),
    Given("takes-per-s", "addresses taken and decided a second", 6_214, f"{_REDIS}, of one thread"),
    Given("verify-per-s", "ledger lines verified a second, one process", 41_900, "benchmarks.ledger"),
    Given("ledger-bytes", "bytes of ledger a page and policy", 1_010, _CRAWL),
    Given("facts-bytes", "bytes of facts a page", 94, _CRAWL),
    Given("evidence-bytes", "bytes of evidence a page, without bodies", 650, f"{_MEMORY}; one page a host: 3,174"),
    Given("bodies-bytes", "bytes of bodies a page, where they are kept", 18_900, _CRAWL),
    Given("shards-bytes", "bytes of shards a page and policy", 1_878, _CRAWL),
)
Figures = Mapping[str, float]


def results(given: Figures) -> Iterator[tuple[str, str]]:
    """What follows, row by row."""
    rate = given["pages"] / (given["days"] * DAY_S)
    mains, workers = (rate * given[name] / 1000 / given["busy"] for name in ("main-ms", "worker-ms"))
    machines = math.ceil((mains + workers) / given["cores"])
    each_mains, each_workers = math.ceil(mains / machines), math.ceil(workers / machines)
    memory = (each_mains * given["main-mib"] + each_workers * given["worker-mib"]) / 1024
    yield "pages a second", f"{rate:,.0f} ({rate * (1 + given['site-files']):,.0f} requests)"
    yield (
        "on the line",
        f"{rate * given['page-kb'] * 8 / 1000:,.0f} Mbit/s; {given['pages'] * given['page-kb'] / 1e9:,.0f} TB",
    )
    yield "hosts in flight at once, at least", f"{rate * given['delay-s']:,.0f}"
    yield "most pages of one host in the month", f"{given['days'] * DAY_S / given['delay-s']:,.0f}"
    yield "host names to resolve a second", f"{rate / given['pages-per-host']:,.1f}, each once"
    yield "cores: fetching (main processes); judging", f"{mains:,.1f}; {workers:,.1f}"
    yield "machines", f"{machines}, each {each_mains} main process(es), {each_workers} worker(s), {memory:,.1f} GiB"
    yield "core hours", f"{(mains + workers) * given['busy'] * given['days'] * 24:,.0f}"
    known = given["pages"] * given["found"]
    memory = (known - given["pages"]) * given["waiting-bytes"] + known * given["seen-bytes"]
    yield "Redis, all addresses at the end", f"{memory / GB:,.0f} GB"
    thread = rate * given["found"] / given["offers-per-s"] + rate / given["takes-per-s"]
    yield "Redis, share of its one thread", f"{thread:.0%}"
    lines = given["pages"] * given["policies"]
    yield "ledger lines", f"{lines:,.0f}"
    yield (
        "verifying them, one process; a core of each machine",
        (f"{lines / given['verify-per-s'] / 3600:,.0f} h; {lines / given['verify-per-s'] / 3600 / machines:,.1f} h"),
    )
    yield from _disk(given)


def _disk(given: Figures) -> Iterator[tuple[str, str]]:
    a_page = {
        "ledger": given["ledger-bytes"] * given["policies"],
        "facts": given["facts-bytes"],
        "evidence": given["evidence-bytes"],
        "bodies, where they are kept": given["bodies-bytes"],
        "shards": given["shards-bytes"] * given["policies"],
    }
    for name, size in a_page.items():
        yield f"disk a month: {name}", f"{size * given['pages'] / TB:,.1f} TB"
    yield "disk a month: all", f"{sum(a_page.values()) * given['pages'] / TB:,.1f} TB"


def measured(crawl: Path) -> dict[str, float]:
    """Bytes a page of a finished crawl, by kind. Raises FolderError."""
    folder = open_crawl(crawl)
    policies = len(folder.policies)
    lines = sum(path.read_bytes().count(b"\n") for path in sorted((crawl / "ledger").glob("*.jsonl")))
    pages = max(lines // max(policies, 1), 1)
    found = {
        f"{kind}-bytes": sum(map(_size, (crawl / name for name in names))) / pages for kind, names in KINDS.items()
    }
    found["ledger-bytes"] /= policies
    found["shards-bytes"] = sum(_size(crawl / policy) for policy in folder.policies) / pages / policies
    return found


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> int:
    """Print what goes in, then what follows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.arithmetic", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--crawl", type=Path, metavar="DIR", help="a finished crawl: bytes a page are taken from it")
    for each in GIVEN:
        parser.add_argument(f"--{each.name}", type=float, metavar="N", help=f"{each.what} ({each.value:g})")
    given = vars(parser.parse_args())
    try:
        of_crawl = measured(given["crawl"]) if given["crawl"] else {}
    except FolderError as error:
        print(f"--crawl {error}", file=sys.stderr)
        return 2
    figures: dict[str, float] = {}
    print("What goes in")
    for each in GIVEN:
        own = given[each.name.replace("-", "_")]
        found = of_crawl.get(each.name, each.value) if own is None else own
        source = "yours" if own is not None else str(given["crawl"]) if each.name in of_crawl else each.source
        figures[each.name] = found
        print(f"  {each.what:<46} {found:>14,.6g}  {source}")
    print("\nWhat follows (estimates)")
    for name, value in results(figures):
        print(f"  {name:<46} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
