"""What it costs to open a crawl in the browser: building the index, and looking one URL up.

    python -m benchmarks.audit_index [--lines 1000000] [--folder FOLDER]

Makes a crawl of so many ledger lines (three policies, lines as long as those of the demonstration, facts of every
page), unless FOLDER has one from before, and prints lines/s of building the index, its size beside the ledger's, and
the median and 95th percentile, in milliseconds, of what the page of one URL asks for: its lines, read from the ledger,
and its facts, read from Parquet, of URLs drawn by chance, with the facts' file at hand and not.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Any

from crawler.audit.crawl_folder import open_crawl
from crawler.audit.facts import FactsWriter
from crawler.audit.frontier import Frontier
from crawler.audit.ledger import START, seal
from crawler.browser import index, lookup
from crawler.document import Fact, url_id
from crawler.shards.manifest import render

POLICIES = ("jp", "us", "eu")
LOOKUPS = 300
_RULES = ("base.robots-disallowed", "eu.reserved", "jp.noai", "us.restricted", "eu.names-unchecked")
_WORDS = ("archive", "news", "2026", "article", "matrix", "history", "press", "guide", "review", "index")


def make(folder: Path, lines: int) -> None:
    """A crawl with a ledger, facts, manifests that list all records, and a frontier."""
    draw = random.Random(6)
    folder.mkdir(parents=True, exist_ok=True)
    policies = [{"id": policy, "digest": f"{policy}" * 32} for policy in POLICIES]
    (folder / "run.json").write_text(json.dumps({"id": "bench", "policies": policies}))
    (folder / "ledger").mkdir()
    facts, frontier = FactsWriter(folder), Frontier(folder)
    seq, prev = 0, START
    with (folder / "ledger" / "00000.jsonl").open("wb") as ledger:
        for url in _urls(draw, lines // len(POLICIES)):
            frontier.accept(url, url)
            facts.write(url, url, _facts(url))
            for policy in POLICIES:
                content, prev = seal(_line(draw, url, policy, seq), seq, prev)
                ledger.write(content)
                seq += 1
    facts.close()
    frontier.close()
    for policy in POLICIES:
        (folder / policy).mkdir()
        shard = {"file": "00000.parquet", "records": lines, "bytes": 0, "sha256": "", "ledger": {"from": 0, "to": seq}}
        (folder / policy / "manifest.json").write_bytes(render({"policy": policy, "shards": [shard], "records": lines}))


def _urls(draw: random.Random, count: int) -> Iterator[str]:
    for number in range(count):
        words = "/".join(draw.choices(_WORDS, k=3))
        yield f"https://www.site-{draw.randrange(20_000)}.example/{words}/{number}.html"


def _line(draw: random.Random, url: str, policy: str, seq: int) -> dict[str, Any]:
    kept = draw.random() < 0.6
    rule = draw.choice(_RULES)
    return {
        "time": f"2026-11-{1 + seq % 23:02d}T09:{seq // 60 % 60:02d}:{seq % 60:02d}.244Z",
        "url": url,
        "url_sha256": url_id(url),
        "site": url.split("/")[2],
        "policy": policy,
        "digest": policy * 32,
        "result": "kept" if kept else "dropped",
        "stage": "shard" if kept else "page",
        "rule": rule,
        "effect": "keep" if kept else "drop",
        "status": "law",
        "citations": ["EU-CDSM-4-3"],
        "rules": [rule, "base.personal-data-unchecked"],
        "met": [],
        "pii": {"EMAIL_ADDRESS": 1} if kept else {},
        "treatments": {"name": "pseudonymize"} if kept else {},
        "evidence": ["evidence/00000.warc.gz#25057", "evidence/00000.warc.gz#23730"],
        "shard": f"{policy}/00000.parquet#{seq}" if kept else "",
        "note": f"tdm-reservation={seq % 5_000} (header:tdm-reservation); run.fetched-by=us (operator:run)",
    }


def _facts(url: str) -> Iterator[Fact]:
    yield Fact("robots", "allowed", "robots.txt:L2", "Allow: /")
    yield Fact("tdm-reservation", 1, "header:tdm-reservation", "tdm-reservation: 1")
    for name in ("fetched-by", "purpose", "actor", "commercial", "competes", "stage"):
        yield Fact(f"run.{name}", "company", "operator:run")
    for name in ("train-ai", "tdm", "search", "ai-input"):
        yield Fact(name, "unknown", "")


def measure(folder: Path) -> None:
    """Build, look up, print."""
    crawl = open_crawl(folder)
    path = folder.parent / index.NAME
    path.unlink(missing_ok=True)
    begin, begin_cpu = perf_counter(), process_time()
    index.update(crawl, path)
    seconds, cpu = perf_counter() - begin, process_time() - begin_cpu
    with index.reading(path) as database:
        (lines,) = database.execute("SELECT COUNT(*) FROM lines").fetchone()
        names = [row[0] for row in database.execute("SELECT sha256 FROM urls ORDER BY random() LIMIT ?", (LOOKUPS,))]
        ledger = sum(file.stat().st_size for file in (folder / "ledger").iterdir())
        print(
            f"index  {lines} lines in {seconds:.1f} s: {lines / seconds:,.0f} lines/s, {lines / cpu:,.0f} a second of "
            f"processor time; {path.stat().st_size / ledger:.0%} of the ledger's {ledger / 1e6:,.0f} MB"
        )
        for what in ("by chance over all files", "the same again"):
            times = [_timed(crawl.path, database, name) for name in names]
            names = names[:1] * LOOKUPS
            print(f"lookup {what}: median {median(times):.1f} ms, 95% below {quantiles(times, n=20)[-1]:.1f} ms")


def _timed(crawl: Path, database: Any, name: bytes) -> float:
    begin = perf_counter()
    found = lookup.url(crawl, database, name.hex())
    if found is None or len(found.lines) != len(POLICIES) or not found.facts:
        raise SystemExit(f"{name.hex()}: not found whole")
    return (perf_counter() - begin) * 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="keep the crawl there, or take the one that is there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (asked.folder or Path(temporary)) / "crawl"
        if not folder.exists():
            make(folder, asked.lines)
        measure(folder)


if __name__ == "__main__":
    main()
