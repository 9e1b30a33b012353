"""Stored exchanges as evidence: WARC files, our own and those of others, and sets of texts; no network.

Site files often stand behind the pages they speak of, or in another file, so a first pass indexes what is where
(crawler/sources/site_index.py); every page then finds them, whichever file it is in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.asking import Get
from crawler.document import Fetched
from crawler.signals import needs
from crawler.sources.documents import AS_USUAL, Fields
from crawler.sources.inputs import SUFFIXES, is_text_set, pages_in
from crawler.sources.read_warc import DamagedError
from crawler.sources.site_index import SiteIndex, index_file, join
from crawler.sources.storage import Address, SourceError, expand, is_remote, stamp
from crawler.urls import normalize, origin


def is_archive(path: Path) -> bool:
    """Whether a path is meant as an archive: the folder of a crawl, or a file of stored pages."""
    return path.is_dir() or path.name.endswith(SUFFIXES)


class NoArchiveError(Exception):
    """There is nothing to read; the message says where and what to give."""


def files_of(sources: Sequence[str]) -> list[Address]:
    """The files to read: as named, those that fit a pattern, and the evidence of a crawl's folder.

    Raises:
        NoArchiveError: There is none, or one cannot be read.
    """
    files: list[Address] = []
    for source in sources:
        folder = not is_remote(source) and Path(source).is_dir()
        try:
            found = sorted((Path(source) / "evidence").glob("*.warc*")) if folder else expand(source)
            for address in found:
                stamp(address)
        except SourceError as error:
            raise NoArchiveError(str(error)) from error
        if not found:
            raise NoArchiveError(f"{source}: no such file, and no crawl folder with evidence/*.warc.gz")
        files += found
    return files


@dataclass(frozen=True, slots=True)
class Capture:
    """A stored exchange, and where the site files come from that it is judged by.

    `asks` False: nothing more is to be found out about it, since that killed a process before.
    """

    page: Fetched
    get: Get
    asks: bool = True


class Archive:
    """Pages and site files of some files.

    Args:
        files: As `files_of` found them.
        fields: Where sets of texts have text and address.
        index: Of the site files of these files and perhaps others; made, and thrown away, where there is none.

    Attributes:
        at: How far the file that is read has been read, in bytes.

    Raises:
        SourceError: One of them is no WARC.
    """

    def __init__(self, files: Sequence[Address], fields: Fields = AS_USUAL, index: SiteIndex | None = None) -> None:
        self._files, self._fields = files, fields
        self._index = index or _index_of(files)
        self.at = 0

    async def get(self, address: str) -> Fetched:
        """A site file; what the archive does not hold is said to be not recorded."""
        return self._index.get(address)

    def pages(self, damage: list[str] | None = None) -> Iterator[Fetched]:
        """Every exchange that is no site file, under its normal address; what was damaged is told in `damage`.

        What has the path of a site file is one, unless that file is marked: then this is a page that was asked for.
        """
        for file in self._files:
            try:
                for fetched in pages_in(file, self._fields, self._be_at):
                    if not fetched.site_file and not self._is_site_file(fetched.url):
                        yield replace(fetched, url=normalize(fetched.url) or fetched.url)
            except DamagedError as error:
                if damage is not None:
                    damage.append(str(error))

    def captures(self, damage: list[str] | None = None) -> Iterator[Capture]:
        """The pages, which share all site files."""
        return (Capture(page, self.get) for page in self.pages(damage))

    def _be_at(self, place: int) -> None:
        self.at = place

    def _is_site_file(self, url: str) -> bool:
        return url.removeprefix(origin(url)) in needs() and not self._index.is_marked(url)


def _index_of(files: Sequence[Address]) -> SiteIndex:
    """An index of these files alone, which is gone when it is closed."""
    with TemporaryDirectory(prefix="usufruct-sites-") as folder:
        parts = []
        for number, file in enumerate(file for file in files if not is_text_set(file)):
            parts.append(Path(folder) / f"{number}.sqlite")
            index_file(file, needs(), parts[-1])
        whole = Path(folder) / "sites.sqlite"
        join(parts, whole)
        return SiteIndex(whole)  # an open file stays there until it is closed
