"""The evidence of a crawl, by the references of its ledger: each page with exactly those site files that were seen.

A site file that changed during the crawl is so taken in the version that a page was judged by, and records of a run
that died before it wrote a line are passed by. Archives of others have no ledger; they are read by crawler/archive.py.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from crawler.archive import Archive, Capture, files_of
from crawler.audit.chain import parse
from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.ledger import ledger_files
from crawler.audit.pages import StoredPage, pages
from crawler.document import Fetched, FetchError, url_id
from crawler.sources.documents import AS_USUAL, Fields
from crawler.sources.one_record import GoneError, read_record
from crawler.sources.site_files import Key, key_of
from crawler.sources.storage import Address, SourceError, is_remote, name_of
from crawler.urls import normalize

NOT_MODIFIED = 304  # an incremental crawl decided by what an earlier one had stored
MOST_AHEAD = 1_000  # URLs whose facts are read ahead: those of a run that died have no line
MOST_FILES, MOST_BYTES = 1_000, 16 * 1024 * 1024  # of site files kept in memory


@dataclass(frozen=True, slots=True)
class Recorded:
    """One URL of the ledger: its lines stand together.

    Attributes:
        name: SHA-256 of the address.
        url: The address, masked.
        lines: Each with its place ("ledger/00000.jsonl line 17"), one a policy.
    """

    name: str
    url: str
    lines: tuple[tuple[str, Mapping[str, Any]], ...]

    @property
    def references(self) -> tuple[str, ...]:
        """The records behind the decision, each once, in the order of the lines."""
        found = (ref for _, line in self.lines for ref in _words(line.get("evidence")))
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Exchanges:
    """What is stored of one URL.

    Attributes:
        url: The address as it was asked for; where `is_known` is False, with identifiers masked.
        is_known: Whether that is the address that the ledger names.
        page: The exchange, whole if its body is stored; None when no record of it can be read.
        site: The site files that were read, by address.
        gone: References whose file is not there.
        damage: What cannot be read, in words.
    """

    url: str
    is_known: bool
    page: Fetched | None
    site: Mapping[Key, Fetched]
    gone: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()

    async def get(self, address: str) -> Fetched:
        """A site file, whole; what the line names no record of is said to be not recorded."""
        key = key_of(address)
        held = self.site.get(key) if key else None
        return replace(held, url=address) if held else Fetched(address, 0, error=FetchError.NOT_RECORDED)


def recorded(crawl: Path) -> Iterator[Recorded]:
    """Every URL of a ledger, in its order; events and what is no line are passed by."""
    for (name, url), lines in groupby(_outcomes(crawl), key=lambda placed: _name_of(placed[1])):
        yield Recorded(name, url, tuple(lines))


class Shelf:
    """Reads the records of a crawl; site files, which many pages share, are remembered within a bound."""

    def __init__(self, crawl: Path) -> None:
        self._crawl = crawl
        self._kept: OrderedDict[str, Fetched] = OrderedDict()
        self._bytes = 0

    def exchanges(self, recorded: Recorded) -> Exchanges:
        """What is stored of one URL. Never raises."""
        site: dict[Key, Fetched] = {}
        pages: list[Fetched] = []
        gone: list[str] = []
        damage: list[str] = []
        for reference in recorded.references:
            try:
                fetched = self._read(reference)
            except GoneError:
                gone.append(reference)
            except SourceError as error:
                damage.append(str(error))
            else:
                if not fetched.site_file:
                    pages.append(fetched)
                elif key := key_of(fetched.url):
                    site[key] = fetched
        page = pages[-1] if pages else None  # the whole exchange stands behind the one without its body
        url = _address(recorded, page)
        page = replace(page, url=url) if page else None
        return Exchanges(url, url_id(url) == recorded.name, page, site, tuple(gone), tuple(damage))

    def _read(self, reference: str) -> Fetched:
        if reference in self._kept:
            self._kept.move_to_end(reference)
            return self._kept[reference]
        record = read_record(self._crawl, reference)
        if record.fetched is None:
            raise SourceError(f"{reference}: damaged" if not record.is_sound else f"{reference}: holds no exchange")
        if record.fetched.site_file:
            self._keep(reference, record.fetched)
        return record.fetched

    def _keep(self, reference: str, file: Fetched) -> None:
        self._kept[reference] = file
        self._bytes += len(file.body)
        while len(self._kept) > 1 and (self._bytes > MOST_BYTES or len(self._kept) > MOST_FILES):
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped.body)


class FactsInOrder:
    """The facts of the ledger's URLs, asked for in its order; those without a line are passed by."""

    def __init__(self, crawl: Path) -> None:
        self._pages = pages(crawl)
        self._ahead: dict[str, StoredPage] = {}

    def of(self, name: str) -> StoredPage | None:
        """The facts of one URL; None when there are none. Raises FactsError."""
        while name not in self._ahead and len(self._ahead) < MOST_AHEAD:
            following = next(self._pages, None)
            if following is None:
                break
            self._ahead[following.url_sha256] = following
        return self._ahead.pop(name, None)


class CrawlArchive:
    """The pages of a crawl as captures, for whoever judges stored evidence."""

    def __init__(self, crawl: Path) -> None:
        self._crawl = crawl
        self.at = 0  # nobody knows how far of it was read

    def captures(self, damage: list[str] | None = None) -> Iterator[Capture]:
        """Every URL of the ledger, in its order; what cannot be read is told in `damage` and becomes an outcome."""
        shelf = Shelf(self._crawl)
        for entry in recorded(self._crawl):
            found = shelf.exchanges(entry)
            if damage is not None:
                damage += found.damage
            error = FetchError.BROKEN if found.damage else FetchError.NOT_RECORDED
            page = found.page if found.page and found.page.status != NOT_MODIFIED else None  # that one brought nothing
            yield Capture(page or Fetched(found.url, 0, error=error), found.get)


def split_sources(sources: Sequence[str]) -> tuple[list[Path], list[Address]]:
    """The crawls among the sources, which are read by their ledgers, and all other files.

    Raises:
        NoArchiveError: There is nothing to read.
    """
    crawls = [Path(source) for source in sources if not is_remote(source) and ledger_files(Path(source) / LEDGER)]
    return crawls, files_of([source for source in sources if is_remote(source) or Path(source) not in crawls])


def open_sources(sources: Sequence[str], fields: Fields = AS_USUAL) -> tuple[list[Archive | CrawlArchive], list[str]]:
    """What to judge, and its names for run.json: crawls by their ledgers, all other files together.

    Raises:
        NoArchiveError: There is nothing to read.
        SourceError: A file is no WARC.
    """
    crawls, files = split_sources(sources)
    archives: list[Archive | CrawlArchive] = [CrawlArchive(crawl) for crawl in crawls]
    return [*archives, *([Archive(files, fields)] if files else [])], [name_of(path) for path in (*crawls, *files)]


def _outcomes(crawl: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The outcome lines with their places."""
    for path in ledger_files(crawl / LEDGER):
        with path.open("rb") as file:
            for number, content in enumerate(file, 1):
                if (line := parse(content)) and "result" in line:
                    yield f"{LEDGER}/{path.name} line {number}", line


def _name_of(line: Mapping[str, Any]) -> tuple[str, str]:
    return str(line.get("url_sha256")), str(line.get("url"))


def _words(found: object) -> Collection[str]:
    return [str(word) for word in found] if isinstance(found, list) else ()


def _address(recorded: Recorded, page: Fetched | None) -> str:
    """The address, as far as it is known: whole where the ledger's name fits."""
    seen = page.url if page else recorded.url
    candidates = (normalize(seen) or seen, seen, recorded.url)
    return next((url for url in candidates if url_id(url) == recorded.name), recorded.url)
