"""`python3 -m examples`: a true crawl of the bundled sites under four laws, and its audit. Needs no internet.

In an environment of its own, this serves the sites on loopback, then runs what the README tells: `scrapy crawl web`,
`scrapy audit summary`, `find` and `verify`, `scrapy policy diff` and `explain`. Further arguments go to `scrapy crawl`.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from crawler.environment import ROOT, RUN, enter

POLICIES = "jp,us,eu,cn"
ASKED = ("press.localhost", "/restored")  # a page that its publisher reserved: why was it kept or dropped?
OFFERED = ("offer.localhost", "/archive/hermitian-matrix")  # one whose publisher sells licenses
# The sites are on loopback, have no owner to burden, and some of them ask to wait: so the demonstration need not.
SETTINGS = ("ALLOWED_PRIVATE_NETWORKS=127.0.0.0/8", "DOWNLOAD_DELAY=0", "POSTPONE_DELAY=1", "RETRY_TIMES=1")


def main() -> int:
    """Crawl, summarize, verify; 0 when all three say so."""
    from examples.server import DEFAULT_PORT, ExampleSites, write_seeds

    out = f"crawls/demo-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    with ExampleSites(DEFAULT_PORT) as sites, tempfile.TemporaryDirectory() as folder:
        seeds = write_seeds(Path(folder) / "seeds.txt", sites.port)
        crawl = ["crawl", "web", "-a", f"seeds={seeds}", "-a", f"policy={POLICIES}", "-a", f"out={out}"]
        crawl += ["-a", "follow=1", *(part for setting in SETTINGS for part in ("-s", setting)), *sys.argv[1:]]
        print(f"{len(sites.urls())} pages are served on 127.0.0.1:{sites.port} under *.localhost names\n", flush=True)
        codes = [_scrapy(crawl, shown=[part.replace(str(seeds), "examples/seeds.txt") for part in crawl])]
        codes.append(_scrapy(["audit", "summary", out]))
        codes.append(_scrapy(["audit", "find", out, sites.url(*ASKED)]))
        codes.append(_scrapy(["audit", "verify", out]))
        codes.append(_scrapy(["judge", out, "--verify"]))
        codes.append(_scrapy(["policy", "explain", "jp,eu", f"{out}#{sites.url(*OFFERED)}"]))
        codes.append(_scrapy(["policy", "diff", "jp", "eu", out]))
    print(f"\nEverything stands in {out}/; docs/audit.md says what each file is. In a browser:")
    print(f"    . .venv/bin/activate; scrapy audit serve {out}")
    return max(codes)


def _scrapy(command: list[str], shown: list[str] | None = None) -> int:
    print(f"$ scrapy {shlex.join(shown or command)}", flush=True)
    return subprocess.run([sys.executable, "-m", "scrapy", *command], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    enter(RUN, "examples")
    sys.exit(main())
