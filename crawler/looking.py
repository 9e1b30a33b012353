"""One look at an address, a file or an archive, as evidence: for `scrapy signals read` and `scrapy policy explain`.

An address is fetched by a crawl of that one page into a folder that is thrown away, so that a look is as polite as a
crawl: the same gate, the same robots.txt, the same refusals. A file is taken as a page, or as the site file whose name
it has.
"""

from __future__ import annotations

import asyncio
import mimetypes
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler import media, text
from crawler.addresses import LOOPBACK, is_loopback_host, literal
from crawler.archive import Capture, NoArchiveError, is_archive
from crawler.arguments import AGENT
from crawler.asking import Asking
from crawler.crawl_archive import open_sources
from crawler.document import Decision, Evidence, Fetched, FetchError, Gate
from crawler.judge import Gated
from crawler.signals import needs
from crawler.sources.storage import SourceError
from crawler.sources.warc import slim
from crawler.urls import host_of

PROFILE = Path(__file__).with_suffix(".yaml")
MOST_BYTES = 32 * 1024 * 1024
TIMEOUT_S = 300
_OPEN = Gated((), {"": Decision(Gate.KEEP, {}, (), None)})
_KINDS = {".html": "text/html", ".htm": "text/html", ".xhtml": "application/xhtml+xml", ".epub": "application/epub+zip"}


class LookError(Exception):
    """It cannot be looked at; the message says why and what to do."""


def look(what: str, *, url: str = "", arguments: Sequence[str] = ()) -> Iterator[Evidence]:
    """What is seen there: one piece of evidence a page, complete with site files, parsed.

    Args:
        what: An http(s) address, a WARC file, the folder of a crawl, or a saved page, site file or media file.
        url: The address that a saved file came from.
        arguments: For the crawl of an address, as on the command line ("-a", "contact=...").

    Raises:
        LookError: It is none of these, or cannot be read or fetched.
    """
    if what.lower().startswith(("http://", "https://")):
        yield from _fetched(what, arguments)
        return
    path = Path(what)
    try:
        if what and is_archive(path):
            yield from _stored(path)
        elif path.is_file():
            yield _saved(path, url)
        else:
            raise LookError(f"{what}: no such file; give an http(s) address, a WARC file, a crawl or a saved page")
    except (NoArchiveError, SourceError, OSError) as error:
        raise LookError(str(error)) from error


def seen(evidence: Evidence) -> Evidence:
    """The evidence with its page parsed, as the judge parses it."""
    page = evidence.page
    if page is None or not page.has_content:
        return evidence
    parsed = text.parse(page)
    return replace(evidence, html=parsed.tree if parsed else None, embedded=media.embedded(page))


def _fetched(address: str, arguments: Sequence[str]) -> Iterator[Evidence]:
    host = host_of(address)
    inside = host if literal(host) else LOOPBACK if is_loopback_host(host) else ""
    with TemporaryDirectory(prefix="usufruct-look-") as folder:
        out = Path(folder) / "crawl"
        asked = {"seeds": address, "out": str(out), "policy": str(PROFILE), "bodies": "all", "limit": "1"}
        settings = {"PII_NAMES": "False", "WORKERS": "1", "POSTPONE_TIMES": "0", "PROGRESS_SECONDS": "3600"}
        settings["CONTACT_REQUIRED"] = "False"  # one page, for one person
        if inside:
            settings["ALLOWED_PRIVATE_NETWORKS"] = inside  # the address that was asked for, and no other
        command = [sys.executable, "-m", "scrapy", "crawl", "web"]
        command += [word for name, value in asked.items() for word in ("-a", f"{name}={value}")]
        command += [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
        try:
            done = subprocess.run(
                [*command, *arguments], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise LookError(f"{address}: no answer within {TIMEOUT_S} s") from None
        if done.returncode:
            raise LookError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"{address}: no answer")
        yield from _stored(out)


def _stored(path: Path) -> Iterator[Evidence]:
    """Everything in an archive, with all site files that it holds."""
    sources, _ = open_sources([str(path)])
    for source in sources:
        for capture in source.captures():
            yield asyncio.run(_with_site_files(capture))


async def _with_site_files(capture: Capture) -> Evidence:
    async def get(address: str) -> Fetched:
        return slim(await capture.get(address))

    page, asking = capture.page, Asking(get, _open)
    evidence, gated = await asking.before(_evidence_of(page.url))
    evidence, _ = await asking.after(replace(evidence, page=page), gated)
    held = {path: file for path, file in evidence.site.items() if file.error is not FetchError.NOT_RECORDED}
    return seen(replace(evidence, site=held))


def _evidence_of(url: str) -> Evidence:
    return Evidence(url, AGENT)


def _saved(path: Path, url: str) -> Evidence:
    """A file of the operator's: a page, or a site file if it is called like one."""
    with path.open("rb") as file:
        body = file.read(MOST_BYTES)
    site_file = next((known for known in (*needs(), "/llms.txt") if known.rpartition("/")[2] == path.name), "")
    address = url or f"https://file.invalid/{'' if site_file else path.name}"
    if site_file:  # what it says about an empty page: some speak only together with one, which may replace them
        return Evidence(address, AGENT, {site_file: Fetched(address, 200, (), body)}, Fetched(address, 200))
    kind = _KINDS.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return seen(Evidence(address, AGENT, {}, Fetched(address, 200, (("Content-Type", kind),), body)))


def _open(evidence: Evidence) -> Gated:
    """Nothing is refused: everything that is stored is shown."""
    return _OPEN
