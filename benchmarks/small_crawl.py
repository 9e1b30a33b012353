"""A small crawl with every kind of file, judged by our own command, for what has to change one."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

from crawler.audit.checkpoint import render_files
from crawler.audit.digests import Digests
from crawler.audit.files import UNNAMED
from crawler.audit.ledger import Ledger
from crawler.audit.signing import SigningKey
from crawler.document import Fetched
from crawler.sources.warc import record_bytes

ROOT = Path(__file__).parent.parent
POLICIES = "us,jp"
_TIME = datetime(2026, 11, 1, tzinfo=UTC)
_WORDS = "The river carries sand from the hills to the sea, and every spring it finds another way through the meadows. "


def make(folder: Path, pages: int = 12) -> Path:
    """A finished crawl in `folder`/crawl, its key in `folder`/ledger.key."""
    crawl, archive, key = folder / "crawl", folder / "pages.warc.gz", folder / "ledger.key"
    archive.write_bytes(b"".join(_records(pages)))
    command = ["judge", str(archive), "-a", f"policy={POLICIES}", "-a", f"out={crawl}", "-a", "bodies=all"]
    command += ["-s", f"LEDGER_KEY={key}", "-s", "PII_NAMES=False", "-s", "WORKERS=1", "-s", "PSEUDONYM_KEY=throwaway"]
    subprocess.run([sys.executable, "-m", "scrapy", *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return crawl


def listing(crawl: Path) -> bytes:
    """What ledger/files has to say of the files that there are."""
    digests = Digests()
    names = (path.relative_to(crawl).as_posix() for path in crawl.rglob("*") if path.is_file())
    named = (name for name in names if not any(fnmatch(name, pattern) for pattern in UNNAMED))
    return render_files({name: digests.of(crawl / name) for name in named})


def reopened(crawl: Path, key: Path) -> Ledger:
    """The crawl's ledger, to go on with it."""
    name = json.loads((crawl / "run.json").read_text())["id"]
    return Ledger(crawl, key=SigningKey.load_or_create(key), origin=f"usufruct/{name}")


def _records(pages: int) -> list[bytes]:
    hosts = ("plain.example", "reserved.example", "shut.example")
    robots = {"reserved.example": b"User-agent: *\nAllow: /\n", "shut.example": b"User-agent: *\nDisallow: /\n"}
    records = [
        record_bytes(Fetched(f"https://{host}/robots.txt", 200, (), robots.get(host, b""), _TIME), keep_body=True)
        for host in hosts
    ]
    for number in range(pages):
        host = hosts[number % len(hosts)]
        headers = [("Content-Type", "text/html; charset=utf-8")]
        headers += [("TDM-Reservation", "1"), ("X-Robots-Tag", "noai")] if host == "reserved.example" else []
        body = f"<html><title>Page {number}</title><body><p>{number}. {_WORDS * 12}</p></body></html>".encode()
        page = Fetched(f"https://{host}/{number}", 200, tuple(headers), body, _TIME)
        records.append(record_bytes(page, keep_body=True))
    return records
