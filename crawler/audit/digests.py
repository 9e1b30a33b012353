"""The sizes and SHA-256 digests of files, each read once."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple


class Content(NamedTuple):
    """What a file holds: its length and its SHA-256 in hex."""

    bytes: int
    sha256: str


class Digests:
    """Remembers what it has read."""

    def __init__(self) -> None:
        self._known: dict[Path, Content] = {}

    def of(self, path: Path) -> Content:
        """The content of a file. Raises OSError."""
        if path not in self._known:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                self._known[path] = Content(file.tell(), digest)
        return self._known[path]
