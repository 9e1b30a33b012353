"""A crawl's folder as an auditor finds it: which policies judged, and which places in shards are published."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.read_run import RUN, RunError, load_run
from crawler.audit.segments import MERGED, FolderError, crawls_in, is_merged, read_merged

__all__ = [
    "REVIEW",
    "RUN",
    "CrawlFolder",
    "FolderError",
    "Published",
    "ReadManifest",
    "ReadShard",
    "newest_crawl",
    "open_crawl",
    "split_place",
]

REVIEW = "review"  # below a policy's folder: the shards of what is held

# The shards' room, handed in by the command, since rooms do not know each other. Both raise ValueError.
ReadManifest = Callable[[Path], Mapping[str, Any] | None]  # folder -> manifest
ReadShard = Callable[[Path], Iterator[Mapping[str, Any]]]  # file -> records


@dataclass(frozen=True, slots=True)
class CrawlFolder:
    """Where a crawl, or a merged folder of several, is and what run.json (merged.json) says.

    Attributes:
        path: The folder.
        policies: Policy id -> digest, in the order of run.json; empty when it cannot be read.
        run_problem: Why run.json cannot be read; "" when it can.
        segments: The folders of the crawls that it stands for: its own, or those of a merged folder.
        names: What stands before a place in each of them: "" in a crawl, "<name>/" in a merged folder.
    """

    path: Path
    policies: Mapping[str, str]
    run_problem: str = ""
    segments: tuple[Path, ...] = ()
    names: tuple[str, ...] = ("",)

    def __post_init__(self) -> None:
        if not self.segments:
            object.__setattr__(self, "segments", (self.path,))

    @property
    def is_merged(self) -> bool:
        """Whether it is no crawl of its own, but the union of some."""
        return self.segments != (self.path,)

    def parts(self) -> Iterator[tuple[str, CrawlFolder]]:
        """Each of the crawls with its name; itself, as "", where it is one."""
        for name, path in zip(self.names, self.segments, strict=True):
            yield name, CrawlFolder(path, self.policies, self.run_problem)


def open_crawl(path: Path) -> CrawlFolder:
    """The crawl in a folder, or the merged folder there. Raises FolderError."""
    if not path.is_dir():
        raise FolderError(f"{path}: no such folder; give the folder of a crawl, the one named by -a out=")
    if is_merged(path):
        return _open_merged(path)
    if not (path / LEDGER).is_dir():
        raise FolderError(f"{path}: no crawl: there is no {LEDGER}/ in it; give the folder named by -a out=")
    try:
        run = load_run(path)
        return CrawlFolder(path, {str(policy["id"]): str(policy["digest"]) for policy in run["policies"]})
    except RunError as error:
        return CrawlFolder(path, {}, str(error))
    except (KeyError, TypeError):
        return CrawlFolder(path, {}, "changed (no JSON object with policies, each with id and digest)")


def _open_merged(path: Path) -> CrawlFolder:
    merged = read_merged(path)
    for segment in merged.segments:
        if not (segment.path / LEDGER).is_dir():
            raise FolderError(f"{path / MERGED}: names the segment {segment.stored}, which is not there; bring it back")
    try:
        policies = {str(policy["id"]): str(policy["digest"]) for policy in merged.policies}
    except KeyError:
        raise FolderError(f"{path / MERGED}: changed (policies without id or digest); merge again") from None
    names = tuple(f"{segment.name}/" for segment in merged.segments)
    return CrawlFolder(path, policies, segments=crawls_in(path), names=names)


def newest_crawl(folder: Path) -> Path | None:
    """The crawl in a folder of crawls whose run.json was written last; None when there is none."""
    found: list[tuple[float, Path]] = []
    for path in folder.glob(f"*/{RUN}"):
        with contextlib.suppress(OSError):
            found.append((path.stat().st_mtime, path.parent))
    return max(found, default=(0.0, None))[1]


def split_place(place: str) -> tuple[str, str, int]:
    """Folder, file and index of a place.

    Raises:
        ValueError: It is none.

    >>> split_place("jp/review/00000.parquet#17")
    ('jp/review', '00000.parquet', 17)
    """
    file, _, index = place.rpartition("#")
    folder, slash, name = file.rpartition("/")
    if not slash or ".." in folder.split("/") or folder.startswith("/"):
        raise ValueError("no place in a shard")
    return folder, name, int(index)


class Published:
    """Which places the manifests list. A manifest that cannot be read lists nothing."""

    def __init__(self, crawl: Path, read_manifest: ReadManifest) -> None:
        self._crawl, self._read = crawl, read_manifest
        self._listed: dict[str, Mapping[str, tuple[int, int, int]]] = {}  # folder -> file -> records, from, to

    def lists(self, place: str, seq: int) -> bool:
        """Whether the record that the ledger line `seq` puts at `place` was published."""
        try:
            folder, name, index = split_place(place)
        except ValueError:
            return False
        if folder not in self._listed:
            self._listed[folder] = self._shards(folder)
        records, first, end = self._listed[folder].get(name, (0, 0, 0))
        return 0 <= index < records and first <= seq < end

    def _shards(self, folder: str) -> Mapping[str, tuple[int, int, int]]:
        try:
            manifest = self._read(self._crawl / folder) or {"shards": []}
            return {
                shard["file"]: (shard["records"], shard["ledger"]["from"], shard["ledger"]["to"])
                for shard in manifest["shards"]
            }
        except (ValueError, KeyError, TypeError):
            return {}
