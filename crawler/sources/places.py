"""Where the records of a WARC file begin, and whether each is sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crawler.sources.read_warc import read_record_places
from crawler.sources.storage import SourceError


def places(path: Path) -> Iterator[tuple[int, bool]]:
    """Offset and soundness of every record, in file order; damaged stretches without a record come last.

    Raises:
        ValueError: It is no WARC file.
        OSError: It cannot be opened.
    """
    damage: list[int] = []
    with path.open("rb"):
        pass  # says why it cannot be
    try:
        yield from read_record_places(path, damage)
    except SourceError as error:
        raise ValueError(str(error)) from error
    yield from ((offset, False) for offset in damage)
