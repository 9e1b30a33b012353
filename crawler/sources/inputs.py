"""What kind of file an input is, by its name, and every page in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from crawler.document import Fetched
from crawler.sources.documents import Fields
from crawler.sources.json_lines import read_json_lines
from crawler.sources.read_warc import read
from crawler.sources.storage import Address, name_of

PARQUET = (".parquet",)
JSON_LINES = tuple(f"{kind}{packed}" for kind in (".jsonl", ".json", ".ndjson") for packed in ("", ".gz", ".zst"))
WARC = (".warc", ".warc.gz", ".warc.zst", ".wet", ".wet.gz", ".wet.zst")
SUFFIXES = (*WARC, *PARQUET, *JSON_LINES)


def is_text_set(address: Address) -> bool:
    """Whether a file holds texts only: no site file can stand there."""
    return name_of(address).lower().endswith((*PARQUET, *JSON_LINES, ".wet.gz", ".wet", ".wet.zst"))


def pages_in(address: Address, fields: Fields, at: Callable[[int], None] = lambda _: None) -> Iterator[Fetched]:
    """Every exchange in a file, in its order; what is no Parquet and no JSON by its name is read as a WARC.

    Args:
        address: The file.
        fields: Where a set of texts has text and address.
        at: Hears how far it has come, in bytes.

    Raises:
        SourceError: It cannot be read.
        DamagedError: At the end, when some of it was damaged.
    """
    name = name_of(address).lower()
    if name.endswith(PARQUET):
        from crawler.sources.parquet import read_parquet  # pyarrow, which readers of WARC do not need

        yield from read_parquet(address, fields, at)
    elif name.endswith(JSON_LINES):
        yield from read_json_lines(address, fields, at)
    else:
        for fetched in read(address):
            at(int(fetched.record.rpartition("#")[2]))
            yield fetched
