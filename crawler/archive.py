"""Stored exchanges as evidence: WARC files, our own and those of others; no network.

Site files often stand behind the pages they speak of, or in another file, so a first pass finds them. Which further
files pages lead to (license documents, terms) is known once the pages were looked at; those of our own evidence are
marked, those of other archives are looked for in further passes, as files lead to files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Collection as Keys
from dataclasses import dataclass, replace
from pathlib import Path

from crawler.asking import Asking, Get
from crawler.document import Evidence, Fetched, FetchError
from crawler.signals import needs
from crawler.sources.read_warc import DamagedError, read
from crawler.sources.site_files import Key, index_site_files, key_of
from crawler.urls import normalize, origin

SUFFIXES = (".warc", ".warc.gz", ".warc.zst")
MOST_PASSES = 5  # in search of files that files lead to


def is_archive(path: Path) -> bool:
    """Whether a path is meant as an archive: the folder of a crawl, or a WARC file."""
    return path.is_dir() or path.name.endswith(SUFFIXES)


class NoArchiveError(Exception):
    """There is nothing to read; the message says where and what to give."""


def warc_files(sources: Sequence[str]) -> list[Path]:
    """The files to read: WARC files as named, and those of a crawl's folder.

    Raises:
        NoArchiveError: There is none, or one cannot be read.
    """
    files: list[Path] = []
    for source in map(Path, sources):
        found = sorted((source / "evidence").glob("*.warc*")) if source.is_dir() else [source]
        if not found or not all(path.is_file() for path in found):
            raise NoArchiveError(f"{source}: no such WARC file, and no crawl folder with evidence/*.warc.gz")
        files += found
    return files


@dataclass(frozen=True, slots=True)
class Capture:
    """A stored exchange, and where the site files come from that it is judged by."""

    page: Fetched
    get: Get


class Archive:
    """Pages and site files of some WARC files.

    Args:
        files: As `warc_files` found them.

    Raises:
        SourceError: One of them is no WARC.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files
        self._index: dict[Key, Fetched] = {}
        self._missed: set[Key] = set()
        self._add(())

    async def get(self, address: str) -> Fetched:
        """A site file; what the archive does not hold is said to be not recorded."""
        key = key_of(address)
        held = self._index.get(key) if key else None
        if held is None or held.error is FetchError.NOT_RECORDED:
            self._miss(held.final_url if held else address)
        return held or Fetched(address, 0, error=FetchError.NOT_RECORDED)

    def pages(self, damage: list[str] | None = None) -> Iterator[Fetched]:
        """Every exchange that is no site file, under its normal address; what was damaged is told in `damage`.

        What has the path of a site file is one, unless that file is marked: then this is a page that was asked for.
        """
        for path in self._files:
            try:
                for fetched in read(path, name=path.name):
                    if not fetched.site_file and not self._is_site_file(fetched.url):
                        yield replace(fetched, url=normalize(fetched.url) or fetched.url)
            except DamagedError as error:
                if damage is not None:
                    damage.append(str(error))

    def captures(self, damage: list[str] | None = None) -> Iterator[Capture]:
        """The pages, which share all site files."""
        return (Capture(page, self.get) for page in self.pages(damage))

    async def look_ahead(self, asking: Asking, evidence_of: Callable[[str], Evidence]) -> None:
        """Find the files that pages lead to, before the first page is judged."""
        asking = replace(asking, registries=None)  # they lead to no file, and are asked when the page is judged
        wanted: set[Key] = set()
        for _ in range(MOST_PASSES):
            self._missed.clear()
            for page in self.pages():
                evidence, gated = await asking.before(evidence_of(page.url))
                await asking.after(replace(evidence, page=page), gated)
            if self._missed <= wanted:
                return
            wanted |= self._missed
            self._add(wanted)

    def _add(self, addresses: Keys[Key]) -> None:
        """Read the site files, with those at further addresses; marked ones go before others, then later ones."""
        for path in self._files:
            for key, file in index_site_files(path, needs(), addresses=addresses, name=path.name).items():
                if file.site_file or key not in self._index or not self._index[key].site_file:
                    self._index[key] = file

    def _miss(self, address: str) -> None:
        """Remember an address that was not looked for yet."""
        key = key_of(address)
        if key and key[3] not in needs():
            self._missed.add(key)

    def _is_site_file(self, url: str) -> bool:
        key = key_of(url)
        marked = key in self._index and self._index[key].site_file if key else False
        return url.removeprefix(origin(url)) in needs() and not marked
