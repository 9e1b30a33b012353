"""How the addresses of an incremental crawl were reached, in `frontier/reached.jsonl`, for the runs that come after.

A page may be visited again though nothing leads to it this time: its parents have not changed, so their links are not
at hand. How deep it lies, and below which seed, says how far its own links are followed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from crawler.audit.frontier import FOLDER
from crawler.document import url_id
from crawler.durable import LineFile, make_folder
from crawler.pii.mask import mask_url

FILE = f"{FOLDER}/reached.jsonl"


class Ways:
    """Appends to the file, one system call an address."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder / FOLDER)
        self._file = LineFile(folder / FILE)

    def tell(self, url: str, meta: Mapping[str, str | int]) -> None:
        """How an address was reached; what holds an identifier is left out. Raises WriteError."""
        told = {name: value for name, value in meta.items() if isinstance(value, int) or mask_url(value) == value}
        entry = json.dumps([url_id(url), told], ensure_ascii=False, separators=(",", ":"))
        self._file.append(entry.encode("utf-8", "replace") + b"\n")

    def sync(self) -> None:
        """Bring it to the disk. Raises WriteError."""
        self._file.sync()

    def close(self) -> None:
        """Close; a second call does nothing."""
        self._file.close()


def ways(folder: Path) -> Iterator[tuple[str, str]]:
    """Name of each address, and how it was reached, as JSON; nothing where the crawl did not say."""
    try:
        lines = (folder / FILE).open("rb")
    except OSError:
        return
    with lines:
        for content in lines:
            try:
                name, meta = json.loads(content)
                bytes.fromhex(name)
            except (ValueError, TypeError):
                continue
            if isinstance(meta, dict):
                yield name, json.dumps(meta)
