"""Documents -> files. One module per format, found by folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol

DEFAULT = "parquet"


class UnknownFormat(ValueError):  # noqa: N818 - says what it is
    """No module writes this format; the message lists those that there are."""


class ShardError(ValueError):
    """A shard cannot be read; the message says which and why, and holds none of its text."""


class Writer(Protocol):
    """Writes one shard. Memory does not grow with its size. Methods raise OSError when the disk refuses."""

    def __init__(self, path: Path) -> None: ...
    def write(self, record: Mapping[str, Any]) -> None: ...
    def close(self) -> None: ...


class ShardFormat(Protocol):
    """What a format's module has. `read` yields the records as they were written, and raises ShardError."""

    NAME: str
    SUFFIX: str
    Writer: type[Writer]

    def read(self, path: Path) -> Iterator[dict[str, Any]]: ...


@cache
def formats() -> Mapping[str, ShardFormat]:
    """Every format by name."""
    modules: list[Any] = [
        importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)
    ]
    return {module.NAME: module for module in modules if hasattr(module, "SUFFIX")}


def find_format(name: str) -> ShardFormat:
    """The format of that name. Raises UnknownFormat."""
    try:
        return formats()[name.replace("_", ".")]
    except KeyError:
        known = ", ".join(sorted(formats()))
        raise UnknownFormat(f"unknown shard format {name!r}; known: {known} (-a format=...)") from None


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a shard whose format is known by its suffix. Raises UnknownFormat, ShardError."""
    for known in formats().values():
        if path.name.endswith(known.SUFFIX):
            return known.read(path)
    known_suffixes = ", ".join(sorted(known.SUFFIX for known in formats().values()))
    raise UnknownFormat(f"{path}: no shard; known suffixes: {known_suffixes}")
