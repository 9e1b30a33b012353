"""A crawl's folder as an auditor finds it: which policies judged, and which places in shards are published."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.audit.ledger import FOLDER as LEDGER
from crawler.audit.read_run import RUN, RunError, load_run

REVIEW = "review"  # below a policy's folder: the shards of what is held

# The shards' room, handed in by the command, since rooms do not know each other. Both raise ValueError.
ReadManifest = Callable[[Path], Mapping[str, Any] | None]  # folder -> manifest
ReadShard = Callable[[Path], Iterator[Mapping[str, Any]]]  # file -> records


class FolderError(Exception):
    """The folder is no crawl; the message says what is missing and what to give."""


@dataclass(frozen=True, slots=True)
class CrawlFolder:
    """Where a crawl is and what run.json says.

    Attributes:
        path: The folder.
        policies: Policy id -> digest, in the order of run.json; empty when it cannot be read.
        run_problem: Why run.json cannot be read; "" when it can.
    """

    path: Path
    policies: Mapping[str, str]
    run_problem: str = ""


def open_crawl(path: Path) -> CrawlFolder:
    """The crawl in a folder. Raises FolderError."""
    if not path.is_dir():
        raise FolderError(f"{path}: no such folder; give the folder of a crawl, the one named by -a out=")
    if not (path / LEDGER).is_dir():
        raise FolderError(f"{path}: no crawl: there is no {LEDGER}/ in it; give the folder named by -a out=")
    try:
        run = load_run(path)
        return CrawlFolder(path, {str(policy["id"]): str(policy["digest"]) for policy in run["policies"]})
    except RunError as error:
        return CrawlFolder(path, {}, str(error))
    except (KeyError, TypeError):
        return CrawlFolder(path, {}, "changed (no JSON object with policies, each with id and digest)")


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
